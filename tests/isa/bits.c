/* Prints a hash of what each part of the arithmetic computes, for comparison between instruction
 * sets: matrix products, convolutions, activations, losses, optimisers, schedules, random numbers,
 * elementary functions. It needs no library but C's, so that it can be compiled for another
 * processor and run in an emulator. */
#include "base/elementary.h"
#include "lockstep/random.h"
#include "nn/convolution/convolve.h"
#include "nn/families.h"
#include "nn/products/kernels.h"
#include "nn/shards.h"
#include "nn/vmath.h"
#include "optim/families.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 6000, ROWS = 40, CLASSES = 10, STEPS = 5 };

static uint64_t hash;

/* FNV-1a (Fowler, Noll, Vo). */
static void add(const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
  }
}

static void add_double(double value) {
  add(&value, sizeof value);
}

static void add_reals(const ls_real *values, size_t count) {
  add(values, count * sizeof *values);
}

static void begin(void) {
  hash = UINT64_C(14695981039346656037);
}

static void print(const char *name) {
  printf("%-40s %016" PRIx64 "\n", name, hash);
}

static void *allocate(size_t count, size_t size) {
  void *memory = aligned_alloc(64, (count * size + 63) / 64 * 64);
  if (!memory) exit(1);
  return memset(memory, 0, count * size);
}

/* Normal numbers, some of which are exact zeroes. */
static ls_real *make_values(size_t count, uint64_t seed) {
  ls_real *values = allocate(count, sizeof *values);
  ls_random_normal((ls_stream){.seed = seed}, 0, count, values);
  for (size_t i = 0; i < count; i += 17) values[i] = 0;
  return values;
}

/* The defaults of the arguments that are numbers; NULL if there are none. */
static void *make_arguments(const ls_component *type) {
  if (type->size == 0) return NULL;
  char *values = allocate(1, type->size);
  for (const ls_arg *arg = type->args; arg->name; arg++) {
    const char *fallback = arg->fallback ? arg->fallback : "0";
    double number = strcmp(fallback, "null") == 0 ? NAN : strtod(fallback, NULL);
    if (arg->kind == LS_ARG_REAL) memcpy(values + arg->offset, &number, sizeof number);
    int64_t whole = (int64_t)(number == number ? number : 0);
    if (arg->kind == LS_ARG_INTEGER) memcpy(values + arg->offset, &whole, sizeof whole);
    if (arg->kind == LS_ARG_BOOLEAN) values[arg->offset] = strcmp(fallback, "true") == 0;
  }
  return values;
}

static void products(void) {
  static const ls_product shapes[] = {
      {.m = 128, .n = 100, .k = 784},
      {.m = 784, .n = 100, .k = 128, .a_transposed = true},
      {.m = 128, .n = 784, .k = 100, .b_transposed = true},
      {.m = 7, .n = 10, .k = 33, .adds = true},
  };
  begin();
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const ls_product *p = &shapes[i];
    ls_real *a = make_values(p->m * p->k, 1), *b = make_values(p->k * p->n, 2);
    ls_real *c = make_values(p->m * p->n, 3);
    ls_kernels_default()->multiply(p, a, b, c);
    add_reals(c, p->m * p->n);
    free(a);
    free(b);
    free(c);
  }
  print("matrix products");
}

/* Seven shards of 0 to 30 samples. */
static void shard_sums(void) {
  enum { M = 100, N = 50 };
  ls_shards s;
  if (ls_shards_create(&s, 1, 8) != 0) exit(1);
  for (size_t k = 0; k < s.count; k++) s.begin[k + 1] = s.begin[k] + 5 * k;
  s.stride = M * N;
  const ls_product p = {.m = M, .n = N, .k = s.begin[s.count], .a_transposed = true};
  ls_real *a = make_values(p.k * M, 1), *b = make_values(p.k * N, 2);
  ls_real *c = make_values(s.sums * s.stride, 3);
  begin();
  ls_multiply_shards(ls_kernels_default(), p, &s, a, b, c);
  add_reals(c, s.sums * s.stride);
  ls_shards_sum_rows(&s, 1, N, b, c);
  for (size_t k = 0; k < s.sums; k++) add_reals(c + k * s.stride, N);
  print("sums over shards");
  ls_shards_destroy(&s);
  free(a);
  free(b);
  free(c);
}

/* By patches (5 x 5) and by Winograd's method (3 x 3). */
static void convolutions(size_t kernel, size_t in, size_t filters) {
  enum { SAMPLES = 3, SIDE = 20 };
  convolution c = {.image = {SIDE, SIDE},
                   .in = in,
                   .filters = filters,
                   .kernel = {kernel, kernel},
                   .stride = {1, 1},
                   .dilation = {1, 1}};
  for (size_t d = 0; d < 2; d++) convolution_pad_none(&c, d);
  size_t image = SIDE * SIDE * in, out = c.out[0] * c.out[1] * filters;
  size_t weights = convolution_patch_size(&c) * filters;
  convolution_pass pass = {.n = SAMPLES,
                           .kernels = ls_kernels_default(),
                           .kernel = make_values(weights, 1),
                           .bias = make_values(filters, 2),
                           .x = make_values(SAMPLES * image, 3),
                           .y = allocate(SAMPLES * out, sizeof(ls_real)),
                           .dy = make_values(SAMPLES * out, 4),
                           .dx = allocate(SAMPLES * image, sizeof(ls_real)),
                           .d_kernel = allocate(weights, sizeof(ls_real)),
                           .d_bias = allocate(filters, sizeof(ls_real)),
                           .scratch = allocate(convolve_scratch(&c), sizeof(ls_real))};
  ls_shards one;
  if (ls_shards_create(&one, 0, 1) != 0) exit(1);
  one.begin[1] = SAMPLES;
  pass.shards = &one;
  begin();
  convolve_forward(&c, &pass);
  convolve_backward(&c, &pass);
  add_reals(pass.y, SAMPLES * out);
  add_reals(pass.dx, SAMPLES * image);
  add_reals(pass.d_kernel, weights);
  add_reals(pass.d_bias, filters);
  ls_shards_destroy(&one);
  char name[64];
  snprintf(name, sizeof name, "convolution %zu x %zu, %zu to %zu", kernel, kernel, in, filters);
  print(name);
}

static void activation(const ls_activation_type *type) {
  void *args = make_arguments(&type->component);
  ls_real *z = make_values(MANY, 1), *dy = make_values(MANY, 2);
  ls_real *y = allocate(MANY, sizeof *y), *dz = allocate(MANY, sizeof *dz);
  begin();
  type->forward(args, MANY / CLASSES, CLASSES, z, y);
  type->backward(args, MANY / CLASSES, CLASSES, z, y, dy, dz);
  add_reals(y, MANY);
  add_reals(dz, MANY);
  print(type->component.name);
  free(args);
  free(z);
  free(dy);
  free(y);
  free(dz);
}

static void loss(const ls_loss_type *type, bool logits) {
  ls_real *y = make_values(ROWS * CLASSES, 1), *dy = make_values(ROWS * CLASSES, 2);
  ls_real *values = make_values(ROWS * CLASSES, 3);
  int32_t labels[ROWS];
  for (int i = 0; i < ROWS; i++) labels[i] = i * 7 % CLASSES;
  for (int i = 0; i < ROWS * CLASSES; i++) {
    values[i] = values[i] > 0;
    if (!logits) y[i] = 1 / (1 + ls_exp(-y[i]));
  }
  ls_outputs o = {
      .n = ROWS, .width = CLASSES, .y = y, .logits = logits, .labels = labels, .values = values};
  void *args = make_arguments(&type->component);
  begin();
  add_double(type->evaluate(args, &o, (ls_real)1 / ROWS, dy));
  add_reals(dy, ROWS * CLASSES);
  print(type->component.name);
  free(args);
  free(y);
  free(dy);
  free(values);
}

static void optimizer(const ls_optimizer_type *type) {
  void *args = make_arguments(&type->component);
  ls_real *slots[LS_MAX_SLOTS], *weights = make_values(MANY, 1);
  double constants[LS_MAX_CONSTANTS] = {0};
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) {
    slots[k] = allocate(MANY, sizeof(ls_real));
    double start = type->slot_start && k < type->slots(args) ? type->slot_start(args, k) : 0;
    for (size_t i = 0; i < MANY; i++) slots[k][i] = (ls_real)start;
  }
  begin();
  for (int step = 1; step <= STEPS; step++) {
    ls_real *gradient = make_values(MANY, (uint64_t)step);
    ls_update u = {.learning_rate = 0.01,
                   .constants = constants,
                   .rank = 2,
                   .n = MANY,
                   .weights = weights,
                   .gradient = gradient,
                   .slots = slots,
                   .weights_norm = 3,
                   .gradient_norm = 2};
    if (type->begin) type->begin(args, step, constants);
    if (type->prepare) type->prepare(args, &u);
    type->update(args, &u);
    free(gradient);
  }
  add_reals(weights, MANY);
  print(type->component.name);
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(slots[k]);
  free(weights);
  free(args);
}

static void functions(void) {
  begin();
  for (int i = -MANY; i <= MANY; i++) {
    double x = i * 0.113, cosine, sine;
    ls_cos_sin(x, &cosine, &sine);
    add_double(ls_exponential(x));
    add_double(cosine);
    add_double(sine);
    if (i > 0) add_double(ls_logarithm(x));
    if (i > 0) add_double(ls_power(x, 1.7));
  }
  print("elementary functions");
  begin();
  for (int i = -MANY; i <= MANY; i++) {
    ls_real x = (ls_real)i * (ls_real)0.0137;
    const ls_real values[] = {ls_exp(x), ls_expm1(x), ls_tanh(x), ls_normal_cdf(x),
                              i > 0 ? ls_log(x) : 0};
    add_reals(values, sizeof values / sizeof *values);
  }
  print("functions of vectors");
}

static void random_numbers(void) {
  ls_real *values = allocate(MANY, sizeof *values);
  begin();
  ls_random_uniform((ls_stream){.seed = 1}, 0, MANY, values);
  add_reals(values, MANY);
  ls_random_normal((ls_stream){.seed = 1}, 0, MANY, values);
  add_reals(values, MANY);
  print("random numbers");
  free(values);
}

#define ACTIVATION(name) activation(&ls_activation_##name);
#define LOSS(name)                                                                                 \
  if (ls_loss_##name.fuses) loss(&ls_loss_##name, true);                                           \
  loss(&ls_loss_##name, false);
#define OPTIMIZER(name) optimizer(&ls_optimizer_##name);

int main(void) {
  random_numbers();
  functions();
  products();
  shard_sums();
  convolutions(5, 3, 8);
  convolutions(3, 16, 24);
  LS_ACTIVATIONS(ACTIVATION)
  LS_LOSSES(LOSS)
  LS_OPTIMIZERS(OPTIMIZER)
}
