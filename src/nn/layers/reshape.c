/* reshape: the same elements in another shape. As keras.layers.Reshape; memory is the same, so
 * there is nothing to compute. */
#include "lockstep/error.h"
#include "nn/families.h"

#include <inttypes.h>
#include <limits.h>

typedef struct reshape_args {
  ls_layer_args base;
  ls_reals target_shape;
} reshape_args;

static const ls_arg args[] = {
    {"target_shape", LS_ARG_REALS, offsetof(reshape_args, target_shape), NULL,
     "shape of a sample; one extent may be -1 and is then inferred", .min = -1, .max = INT_MAX,
     .flags = LS_INTEGERS, .min_items = 1, .max_items = LS_MAX_DIMS},
    LS_LAYER_ARGS,
    {NULL},
};

static const char *check(const void *values) {
  const ls_reals *wanted = &((const reshape_args *)values)->target_shape;
  size_t open = 0;
  for (size_t i = 0; i < wanted->count; i++) {
    double extent = wanted->values[i];
    if (extent == 0) return "target_shape must be of positive integers, or -1";
    open += extent < 0;
  }
  return open > 1 ? "target_shape may have one -1 only" : NULL;
}

static int build(ls_layer *layer) {
  const ls_reals *wanted = &((const reshape_args *)layer->args)->target_shape;
  int64_t size = ls_shape_size(&layer->input), known = 1;
  bool fits = true;
  layer->output.rank = (int)wanted->count;
  for (size_t i = 0; i < wanted->count; i++) {
    if (wanted->values[i] > 0 && fits) {
      fits = !__builtin_mul_overflow(known, (int64_t)wanted->values[i], &known);
    }
  }
  bool open = false;
  for (size_t i = 0; i < wanted->count; i++) {
    bool this_one = wanted->values[i] < 0;
    open |= this_one;
    layer->output.extent[i] = this_one ? size / known : (int64_t)wanted->values[i];
  }
  if (fits && (open ? size % known == 0 : size == known)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: its input has %" PRId64 " elements, which don't fit target_shape",
                 layer->where, size);
}

static void nothing(const ls_layer *layer, const ls_pass *pass) {
  (void)layer, (void)pass;
}

const ls_layer_type ls_layer_reshape = {
    .component = {"reshape", "gives each sample another shape", sizeof(reshape_args), args, check},
    .build = build,
    .forward = nothing,
    .backward = nothing,
    .memory = LS_VIEW,
};
