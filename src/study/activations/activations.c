/* The analysis of activations: computing, then the output. */
#include "study/activations/activations.h"

#include "lockstep/error.h"
#include "study/activations/result.h"
#include "study/model/output.h"

static const ls_output output = {"Outputs of layers", activations_write, activations_draw,
                                 activations_print};

int ls_study_activations(const ls_trained *model, const ls_activations_options *options,
                         const ls_group *world, FILE *out) {
  activations_result r = {.model = model, .options = options};
  int status = activations_compute(&r, world);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
