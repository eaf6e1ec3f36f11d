/* Dividing layers by units. */
#include "nn/division.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- Which layers ---------------------------------------------------------------------------- */

bool ls_division_pays(const ls_model *model, const ls_layer *layer, size_t samples, size_t shards,
                      size_t parts) {
  /* Measured. Smaller kernels stay in a core's caches; more samples don't. FEWEST_WEIGHTS: elements
   * of the kernel for each input and output of the minibatch. */
  enum { SMALLEST_KERNEL = 1 << 16, MOST_SAMPLES = 128, FEWEST_WEIGHTS = 2 };
  _Static_assert((int)MOST_SAMPLES <= (int)LS_FEW_SAMPLES,
                 "ls_kernels.multiply_shards sets other rows");
  const size_t in = layer->product.k, out = layer->product.n;
  if (parts == 1 || !layer->type->divides || layer->frozen) return false;
  if (!model->kernels->multiply_shards) return false; /* rows and columns depend on each other */
  if (samples > MOST_SAMPLES || shards > LS_FEW_SAMPLES) return false;
  return in * out >= SMALLEST_KERNEL && in * out >= FEWEST_WEIGHTS * samples * (in + out);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Reals for [samples, width], rounded up to whole cache lines. */
static size_t room(size_t samples, size_t width) {
  enum { LINE = 64 / sizeof(ls_real) };
  return ls_partition_largest(samples * width, LINE) * LINE;
}

/* Widest output or input, and widest output, of the divided layers. */
typedef struct widths {
  size_t most, outputs;
} widths;

static void widen(widths *w, const ls_layer *layer) {
  const size_t in = layer->product.k, out = layer->product.n;
  if (out > w->outputs) w->outputs = out;
  if (out > w->most) w->most = out;
  if (in > w->most) w->most = in;
}

size_t ls_division_bytes(const ls_model *model, size_t samples, size_t shards, size_t parts) {
  widths w = {0};
  size_t reals = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    if (!ls_division_pays(model, layer, samples, shards, parts)) continue;
    widen(&w, layer);
    reals += room(samples, layer->product.k);
  }
  return (reals + room(samples, w.most) + room(samples, w.outputs)) * sizeof(ls_real);
}

/* Rows of a kernel [in, out] that contain elements of the part. */
static int list_rows(ls_rows *rows, const ls_block_cyclic *owned, const ls_param *kernel,
                     size_t out) {
  const size_t end = kernel->offset + kernel->count;
  ls_row_range *ranges = ls_new(owned->end / owned->stride + 1, sizeof *ranges);
  size_t begin, n;
  rows->ranges = ranges;
  if (!ranges) return LS_FAILED;
  for (size_t k = 0; (n = ls_block_cyclic_block(owned, k, &begin)) > 0; k++) {
    const size_t first = begin > kernel->offset ? begin : kernel->offset;
    const size_t last = begin + n < end ? begin + n : end;
    if (first >= last) continue;
    ls_row_range range = {(first - kernel->offset) / out,
                          ls_partition_largest(last - kernel->offset, out)};
    ls_row_range *before = rows->count > 0 ? &ranges[rows->count - 1] : NULL;
    if (before && range.first <= before->end) {
      before->end = range.end;
    } else {
      ranges[rows->count++] = range;
    }
  }
  return LS_OK;
}

int ls_division_create(ls_division *d, const ls_model *model, size_t samples, size_t shards,
                       void *memory) {
  widths w = {0};
  ls_real *next = memory;
  d->layers = ls_new(model->layer_count, sizeof *d->layers);
  if (!d->layers) return LS_FAILED;
  d->layer_count = model->layer_count;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    if (!ls_division_pays(model, layer, samples, shards, d->parts)) continue;
    d->layers[i].division = d;
    d->layers[i].inputs = next;
    next += room(samples, layer->product.k);
    widen(&w, layer);
    int status = list_rows(&d->layers[i].rows, &d->owned, &layer->params[0], layer->product.n);
    if (status != LS_OK) return status;
  }
  d->outputs = next;
  d->gradients = next + room(samples, w.most);
  return LS_OK;
}

void ls_division_destroy(ls_division *d) {
  for (size_t i = 0; d->layers && i < d->layer_count; i++) free((void *)d->layers[i].rows.ranges);
  free(d->layers);
  ls_shards_destroy(&d->shards);
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* The samples before this part's in the batch of all parts; those of all parts. */
static size_t samples_before(const ls_division *d) {
  return d->shards.begin[d->own_shard];
}

static size_t samples_of_all(const ls_division *d) {
  return d->shards.begin[d->shards.count];
}

/* Copies this part's samples between [sample, width] of its own and of all parts. */
static void copy_in(const ls_division *d, const ls_pass *pass, size_t width, const ls_real *own,
                    ls_real *all) {
  memcpy(all + samples_before(d) * width, own, pass->n * width * sizeof *all);
}

static void copy_out(const ls_division *d, const ls_pass *pass, size_t width, const ls_real *all,
                     ls_real *own) {
  memcpy(own, all + samples_before(d) * width, pass->n * width * sizeof *all);
}

/* Computes this part's columns of a product, whole cache lines. */
static void multiply_columns(const ls_division *d, const ls_kernels *kernels, ls_product p,
                             const ls_real *a, const ls_real *b, ls_real *c) {
  enum { TOGETHER = 32 };
  const size_t groups = ls_partition_largest(p.n, TOGETHER);
  const size_t end = ls_partition_begin(groups, d->parts, d->part + 1) * TOGETHER;
  p.first_column = ls_partition_begin(groups, d->parts, d->part) * TOGETHER;
  p.columns = (end < p.n ? end : p.n) - p.first_column;
  if (p.columns > 0) ls_multiply(kernels, p, a, b, c);
}

void ls_divided_forward(const ls_pass *pass, ls_product p, const ls_real *kernel) {
  const ls_division *d = pass->divided->division;
  copy_in(d, pass, p.k, pass->x, pass->divided->inputs);
  d->wait(d->context);
  p.m = samples_of_all(d);
  multiply_columns(d, pass->kernels, p, pass->divided->inputs, kernel, d->outputs);
  d->wait(d->context);
  copy_out(d, pass, p.n, d->outputs, pass->y);
}

void ls_divided_backward(const ls_pass *pass, ls_product p, const ls_real *kernel,
                         ls_real *d_kernel) {
  const ls_division *d = pass->divided->division;
  copy_in(d, pass, p.n, pass->dy, d->gradients);
  d->wait(d->context);
  p.m = samples_of_all(d);
  const ls_product learn = ls_product_gradient_b(p);
  pass->kernels->multiply_shards(&learn, &d->shards, &pass->divided->rows, pass->divided->inputs,
                                 d->gradients, d_kernel);
  if (pass->dx) {
    multiply_columns(d, pass->kernels, ls_product_gradient_a(p), d->gradients, kernel, d->outputs);
  }
  d->wait(d->context); /* before memory of this layer is used for another */
  if (pass->dx) copy_out(d, pass, p.k, d->outputs, pass->dx);
}
