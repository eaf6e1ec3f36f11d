/* Occlusion: the drop of the predicted class's output while a square hides a part of the image.
 * Positions of the square are computed in chunks, the same for any number of ranks. */
#include "study/activations/result.h"

#include "base/partition.h"
#include "lockstep/error.h"

#include <string.h>

enum { CHUNK = 256, MOST_STEPS = 32 }; /* positions along a side, about */

/* The positions of the square: its upper left corner at multiples of `step`, and at the far edges.
 */
typedef struct raster {
  size_t height, width, channels, patch, step;
  size_t down, across; /* positions */
} raster;

static size_t positions(size_t side, size_t patch, size_t step) {
  return (side - patch + step - 1) / step + 1;
}

static raster raster_of(const activations_result *a) {
  const ls_shape *shape = &a->model->plan->dataset->shape;
  raster r = {.height = (size_t)shape->extent[0],
              .width = (size_t)shape->extent[1],
              .channels = a->channels,
              .patch = a->options->patch};
  size_t smaller = r.height < r.width ? r.height : r.width;
  size_t larger = r.height < r.width ? r.width : r.height;
  if (r.patch == 0) r.patch = smaller / 5 > 0 ? smaller / 5 : 1;
  if (r.patch > smaller) r.patch = smaller;
  r.step = (larger + MOST_STEPS - 1) / MOST_STEPS;
  r.down = positions(r.height, r.patch, r.step);
  r.across = positions(r.width, r.patch, r.step);
  return r;
}

/* The corner of position `k`. */
static void corner(const raster *r, size_t k, size_t *row, size_t *column) {
  size_t last_row = r->height - r->patch, last_column = r->width - r->patch;
  *row = k / r->across * r->step;
  *column = k % r->across * r->step;
  if (*row > last_row) *row = last_row;
  if (*column > last_column) *column = last_column;
}

static ls_real middle(const ls_real *image, size_t size) {
  ls_real low = image[0], high = image[0];
  for (size_t i = 1; i < size; i++) {
    if (image[i] < low) low = image[i];
    if (image[i] > high) high = image[i];
  }
  return (low + high) / 2;
}

/* Sets x to the image with the square at position k. */
static void hide(const raster *r, const ls_real *image, ls_real grey, size_t k, ls_real *x) {
  size_t row, column;
  memcpy(x, image, r->height * r->width * r->channels * sizeof *x);
  corner(r, k, &row, &column);
  for (size_t i = row; i < row + r->patch; i++) {
    for (size_t j = column * r->channels; j < (column + r->patch) * r->channels; j++) {
      x[i * r->width * r->channels + j] = grey;
    }
  }
}

/* Sets drops[k] for the positions of one chunk of a sample. */
static void run_chunk(const activations_result *a, const raster *r, ls_workspace *workspace,
                      size_t sample, size_t first, size_t end, double *drops) {
  const ls_model *net = a->model->plan->model;
  const ls_real *image = a->images + sample * a->image_size;
  const prediction *p = &a->predictions[sample];
  ls_batch *batch = ls_workspace_batch(workspace);
  ls_real grey = middle(image, a->image_size);
  batch->n = end - first;
  for (size_t k = first; k < end; k++) {
    hide(r, image, grey, k, batch->x + (k - first) * a->image_size);
    batch->ids[k - first] = a->options->samples[sample];
  }
  ls_model_forward_from(net, workspace, a->model->weights, false, 0);
  ls_outputs outputs = ls_model_activated(net, workspace, a->classes.head);
  for (size_t k = first; k < end; k++) {
    const ls_real *y = outputs.y + (k - first) * outputs.width;
    drops[k] = p->probability - (double)y[p->predicted];
  }
}

/* Sets each pixel to the mean over the squares that hide it. */
static void average(const raster *r, const double *drops, ls_real *heat) {
  for (size_t i = 0; i < r->height; i++) {
    for (size_t j = 0; j < r->width; j++) {
      double sum = 0, count = 0;
      for (size_t k = 0; k < r->down * r->across; k++) {
        size_t row, column;
        corner(r, k, &row, &column);
        if (i < row || i >= row + r->patch || j < column || j >= column + r->patch) continue;
        sum += drops[k];
        count++;
      }
      heat[i * r->width + j] = (ls_real)(count > 0 ? sum / count : 0);
    }
  }
}

int activations_occlude(activations_result *a, const ls_group *world) {
  raster r = raster_of(a);
  size_t samples = a->options->sample_count, each = r.down * r.across;
  size_t chunks = (each + CHUNK - 1) / CHUNK;
  ls_workspace *workspace = NULL;
  double *drops = ls_memory_new(&a->memory, samples * each, sizeof *drops);
  a->occlusions = ls_memory_new(&a->memory, samples * a->pixels, sizeof *a->occlusions);
  int status = ls_memory_status(&a->memory);
  if (status == LS_OK) {
    status = ls_trained_workspace(&workspace, a->model, CHUNK);
  }
  status = ls_group_agree(world, status);
  size_t ranks = (size_t)world->size, rank = (size_t)world->rank;
  size_t end = ls_partition_begin(samples * chunks, ranks, rank + 1);
  for (size_t p = ls_partition_begin(samples * chunks, ranks, rank); p < end && status == LS_OK;
       p++) {
    size_t sample = p / chunks, first = p % chunks * CHUNK;
    size_t last = first + CHUNK < each ? first + CHUNK : each;
    run_chunk(a, &r, workspace, sample, first, last, drops + sample * each);
  }
  if (status == LS_OK) status = ls_group_sum(world, drops, samples * each);
  for (size_t i = 0; i < samples && status == LS_OK; i++) {
    average(&r, drops + i * each, a->occlusions + i * a->pixels);
  }
  ls_workspace_free(&workspace);
  return status;
}
