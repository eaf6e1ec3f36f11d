/* Embedding: planning, projecting, then the output. */
#include "study/embed/embed.h"

#include "lockstep/error.h"
#include "study/embed/result.h"
#include "study/model/output.h"

static const ls_output output = {"Samples projected to two dimensions", embed_write, embed_draw,
                                 embed_print};

int ls_study_embed(const ls_embed_options *options, const ls_group *world, FILE *out) {
  embed_result r = {.options = options};
  int status = embed_plan(&r, world);
  if (status == LS_OK) status = embed_compute(&r, world);
  if (status == LS_OK) {
    status = ls_output_save(&output, &r, options->output, &options->provenance, world, out);
  }
  ls_trained_free_all(r.models, options->model_count);
  ls_dataset_free(&r.own);
  ls_samples_free(&r.samples);
  classes_destroy(&r.classes);
  ls_memory_free(&r.memory);
  return status;
}
