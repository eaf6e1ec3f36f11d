/* The vectors that are projected: inputs, or outputs of a layer, on all ranks. */
#include "study/embed/result.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct visitor {
  const ls_trained *model;
  size_t layer, features;
  ls_real *x;
} visitor;

static int visit(void *context, const ls_chunk *chunk) {
  const visitor *v = context;
  const ls_real *y = ls_trained_output(v->model, chunk->workspace, v->layer);
  size_t count = chunk->n * v->features;
  memcpy(v->x + chunk->first * v->features, y, count * sizeof *y);
  for (size_t k = 0; k < count; k++) {
    if (isfinite((double)y[k])) continue;
    return ls_fail(LS_FAILED, "%s: the output of its layer for sample %u is not a number",
                   v->model->path, chunk->ids[k / v->features]);
  }
  return LS_OK;
}

int embed_vectors(ls_embed_input *out, const embed_result *r, const ls_trained *model, size_t layer,
                  const ls_group *world) {
  ls_shape shape = model ? ls_trained_shape(model, layer) : r->dataset->shape;
  size_t n = r->samples.count, features = (size_t)ls_shape_size(&shape);
  ls_real *x = ls_new(n * features, sizeof *x);
  int status = x ? LS_OK : LS_FAILED;
  if (status == LS_OK && !model) { /* every rank reads the file by itself */
    status = ls_samples_read(x, r->dataset, r->part, n, r->samples.numbers);
  }
  status = ls_group_agree(world, status);
  if (status == LS_OK && model) {
    visitor v = {model, layer, features, x};
    ls_inference inference = {.model = model, .visit = visit, .visit_context = &v};
    const ls_gathered gathered[] = {{x, features * sizeof *x}, {NULL}};
    status = ls_infer_samples(&inference, r->part, &r->samples, world, gathered);
  }
  *out = (ls_embed_input){n, features, x};
  if (status == LS_OK) return LS_OK;
  free(x);
  out->x = NULL;
  return status;
}
