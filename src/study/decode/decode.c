/* Decoding: computing, then the output. */
#include "study/decode/decode.h"

#include "lockstep/error.h"
#include "study/decode/result.h"
#include "study/model/output.h"

static const ls_output output = {"Decoded codes", decode_write, decode_draw, decode_print};

int ls_study_decode(const ls_trained *model, const ls_decode_options *options,
                    const ls_group *world, FILE *out) {
  decode_result r = {.model = model, .options = options};
  int status = decode_compute(&r, world);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
