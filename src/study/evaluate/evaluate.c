/* Evaluating models: planning, running, then the output. */
#include "study/evaluate/evaluate.h"

#include "lockstep/error.h"
#include "study/evaluate/result.h"
#include "study/model/output.h"

static const ls_output output = {"Evaluation of trained models", evaluate_write, evaluate_draw,
                                 evaluate_print};

int ls_study_evaluate(const ls_evaluate_options *options, const ls_group *world, FILE *out) {
  evaluate_result r = {.options = options, .world = world};
  int status = evaluate_plan(&r);
  if (status == LS_OK) status = evaluate_compute(&r);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  ls_inputs_free(&r.inputs);
  ls_trained_free_all(r.models, options->model_count);
  ls_trained_free_all(r.throughs, options->through_count);
  ls_memory_free(&r.memory);
  return status;
}
