/* pixel_permutation: one fixed permutation of all pixels, the same for every sample. Images with
 * channels [height, width, channel] keep each pixel's channels together; other inputs are permuted
 * by element. */
#include "data/transform.h"

#include "lockstep/error.h"
#include "lockstep/random.h"

#include <string.h>

typedef struct permutation_args {
  int64_t seed;
} permutation_args;

static const ls_arg args[] = {
    {"seed", LS_ARG_INTEGER, offsetof(permutation_args, seed), "0", "seed of the permutation",
     .min = 0, .max = 9007199254740992},
    {NULL},
};

static size_t channels(const ls_transform *t) {
  return t->input.rank == 3 ? (size_t)t->input.extent[2] : 1;
}

static int build(ls_transform *t) {
  t->order_count = (size_t)ls_shape_size(&t->input) / channels(t);
  return LS_OK;
}

static void prepare(ls_transform *t) {
  const permutation_args *a = t->args;
  ls_stream stream = {(uint64_t)a->seed, LS_RANDOM_TRANSFORM, 0, 0, 0};
  ls_random_permutation(stream, t->order_count, t->order);
}

static void apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y) {
  size_t bytes = channels(t) * sizeof *x, size = (size_t)ls_shape_size(&t->input);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < t->order_count; k++) {
      memcpy(y + i * size + k * channels(t), x + i * size + t->order[k] * channels(t), bytes);
    }
  }
}

static void describe(const ls_transform *t, ls_input_map *map) {
  map->kind = LS_MAP_PERMUTATION;
  map->order = t->order;
  map->pixels = t->order_count;
}

const ls_transform_type ls_transform_pixel_permutation = {
    .component = {"pixel_permutation", "one permutation of the pixels, the same for all samples",
                  sizeof(permutation_args), args},
    .build = build,
    .prepare = prepare,
    .describe = describe,
    .apply = apply,
};
