/* One layer that changes images, with its input and output. */
#ifndef TEST_AUGMENTER_H
#define TEST_AUGMENTER_H

#include "fragment.h"

#include <string.h>

enum { CAPACITY = 8 };

/* A layer with memory for up to CAPACITY images. */
typedef struct augmenter {
  subject s;
  const ls_layer *layer;
  size_t size;
  ls_real *x, *y;
  void *scratch;
  uint32_t ids[CAPACITY];
  ls_pass pass;
} augmenter;

/* `layer` is YAML, "random_flip" or "{random_flip: vertical}". */
static inline augmenter make_augmenter(const char *layer, int64_t height, int64_t width,
                                       int64_t channels) {
  char text[512];
  snprintf(text, sizeof text, "model: [%s, flatten, {dense: {units: 4, activation: softmax}}]",
           layer);
  augmenter a = {.s = make_subject(text, (ls_shape){3, {height, width, channels}}, 4, 1)};
  a.layer = &a.s.model->layers[0];
  a.size = (size_t)(height * width * channels);
  a.x = new_array(CAPACITY * a.size, sizeof *a.x);
  a.y = new_array(CAPACITY * a.size, sizeof *a.y);
  if (a.layer->scratch_bytes > 0) a.scratch = new_array(a.layer->scratch_bytes, 1);
  a.pass = (ls_pass){.n = 1, .scratch = a.scratch, .training = true, .seed = 5};
  return a;
}

static inline void free_augmenter(augmenter *a) {
  free_subject(&a->s);
  free(a->x);
  free(a->y);
  free(a->scratch);
}

static inline void run(augmenter *a) {
  a->pass.x = a->x;
  a->pass.y = a->y;
  a->pass.ids = a->ids;
  a->layer->type->forward(a->layer, &a->pass);
}

static inline void run_sample(augmenter *a, uint32_t id) {
  a->pass.n = 1;
  a->ids[0] = id;
  run(a);
}

/* Of two channels: row and column. */
static inline void fill_ramps(augmenter *a) {
  const int64_t *extent = a->layer->input.extent;
  for (int64_t i = 0; i < extent[0]; i++) {
    for (int64_t j = 0; j < extent[1]; j++) {
      a->x[2 * (i * extent[1] + j)] = (ls_real)i;
      a->x[2 * (i * extent[1] + j) + 1] = (ls_real)j;
    }
  }
}

#endif
