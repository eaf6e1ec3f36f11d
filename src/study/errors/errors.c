/* The analysis of errors: computing, then the output. */
#include "study/errors/errors.h"

#include "lockstep/error.h"
#include "study/errors/result.h"
#include "study/model/output.h"

static const ls_output output = {"Errors of a classifier", errors_write, errors_draw, errors_print};

int ls_study_errors(const ls_trained *model, const ls_errors_options *options,
                    const ls_group *world, FILE *out) {
  errors_result r = {.model = model, .options = options};
  int status = errors_compute(&r, world);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  ls_samples_free(&r.samples);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
