/* Layers divided by units: threads as the ranks of a node, each with some shards of a minibatch,
 * compute the bits of one rank that has all of them. */
#include "fragment.h"
#include "nn/division.h"

#include "base/partition.h"
#include "lockstep/error.h"

#include <pthread.h>
#include <string.h>

enum { INPUTS = 300, SHARDS = 5, SAMPLES = 20, CLASSES = 10, MOST_PARTS = 4, WIDTH = 700 };
static const ls_shape input = {1, {INPUTS}};
static const size_t sizes[SHARDS] = {4, 0, 3, 7, 6};

/* Two layers are divided, the last one and the activations are not. */
static const char *const text =
    "model: [{dense: {units: 400, activation: relu}}, {dropout: 0.2},"
    " {dense: {units: 333, activation: tanh}}, {dense: {units: 10, activation: softmax}}]";

/* A rank, and what it computes. */
typedef struct rank {
  subject s;
  ls_shards shards;
  ls_division division;
  ls_real *gradients; /* [depth of all shards][param_count] */
  pthread_t thread;
} rank;

static pthread_barrier_t barrier;

static void wait_for_all(void *context) {
  pthread_barrier_wait(context);
}

static void set_begin(ls_shards *shards) {
  for (size_t s = 0; s < shards->count; s++) {
    shards->begin[s + 1] = shards->begin[s] + sizes[shards->first + s];
  }
}

/* A rank of `parts`, with its samples of the minibatch. */
static void make_rank(rank *r, size_t parts, size_t part) {
  static const size_t before[SHARDS] = {0, 4, 4, 7, 14};
  *r = (rank){.s = make_subject(text, input, CLASSES, SAMPLES)};
  const size_t first = ls_partition_begin(SHARDS, parts, part);
  assert_int_equal(ls_shards_create(&r->shards, first, ls_partition_begin(SHARDS, parts, part + 1)),
                   LS_OK);
  set_begin(&r->shards);
  r->shards.stride = r->s.model->param_count;
  r->gradients = new_array(SHARDS * r->shards.stride, sizeof(ls_real));
  ls_batch *batch = ls_workspace_batch(r->s.workspace);
  batch->n = r->shards.begin[r->shards.count];
  batch->shards = &r->shards;
  for (size_t i = 0; i < batch->n; i++) {
    const size_t sample = before[first] + i;
    for (size_t k = 0; k < INPUTS; k++) {
      batch->x[i * INPUTS + k] = some_number(sample * INPUTS + k);
    }
    batch->labels[0][i] = (int32_t)((3 * sample + 1) % CLASSES);
    batch->ids[i] = (uint32_t)(100 - 3 * sample);
  }
}

static void divide(rank *r, size_t parts, size_t part, void *memory) {
  const size_t count = r->s.model->param_count;
  r->division = (ls_division){.parts = parts,
                              .part = part,
                              .owned = {part * WIDTH, WIDTH, parts * WIDTH, count},
                              .wait = wait_for_all,
                              .context = &barrier,
                              .own_shard = r->shards.first};
  assert_int_equal(ls_shards_create(&r->division.shards, 0, SHARDS), LS_OK);
  r->division.shards.stride = r->shards.stride;
  set_begin(&r->division.shards);
  assert_int_equal(ls_division_create(&r->division, r->s.model, SAMPLES, SHARDS, memory), LS_OK);
  ls_workspace_divide(r->s.workspace, &r->division);
}

static void *train(void *context) {
  rank *r = context;
  double sums[SHARDS * LS_MAX_MEASURES] = {0};
  ls_model_forward(r->s.model, r->s.workspace, r->s.weights, true, 3, 1);
  ls_model_backward(r->s.model, r->s.workspace, r->s.weights, (ls_real)0.05, r->gradients, sums);
  return NULL;
}

static void free_rank(rank *r) {
  ls_division_destroy(&r->division);
  ls_shards_destroy(&r->shards);
  free_subject(&r->s);
  free(r->gradients);
}

/* The kernels' gradients that the part needs, which depend on everything before them. */
static void expect_part(const rank *whole, const rank *r) {
  size_t compared = 0;
  for (size_t i = 0; i < r->s.model->layer_count; i++) {
    const ls_param *kernel = &r->s.model->layers[i].params[0];
    if (!r->division.layers[i].inputs) continue;
    for (size_t k = kernel->offset; k < kernel->offset + kernel->count; k++) {
      if (!ls_block_cyclic_has(&r->division.owned, k)) continue;
      for (size_t sum = 0; sum < r->division.shards.sums; sum++) {
        const size_t at = sum * r->shards.stride + k;
        assert_memory_equal(&r->gradients[at], &whole->gradients[at], sizeof(ls_real));
      }
      compared++;
    }
  }
  assert_true(compared > r->s.model->param_count / (r->division.parts + 1));
}

static void same_bits(void **state) {
  (void)state;
  rank whole;
  make_rank(&whole, 1, 0);
  train(&whole);
  for (size_t parts = 2; parts <= MOST_PARTS; parts++) {
    rank ranks[MOST_PARTS];
    const size_t bytes = ls_division_bytes(whole.s.model, SAMPLES, SHARDS, parts);
    void *memory = new_array(bytes, 1);
    assert_true(bytes > 0);
    pthread_barrier_init(&barrier, NULL, (unsigned)parts);
    for (size_t part = 0; part < parts; part++) {
      make_rank(&ranks[part], parts, part);
      divide(&ranks[part], parts, part, memory);
    }
    for (size_t part = 0; part < parts; part++) {
      assert_int_equal(pthread_create(&ranks[part].thread, NULL, train, &ranks[part]), 0);
    }
    for (size_t part = 0; part < parts; part++) pthread_join(ranks[part].thread, NULL);
    for (size_t part = 0; part < parts; part++) expect_part(&whole, &ranks[part]);
    for (size_t part = 0; part < parts; part++) free_rank(&ranks[part]);
    pthread_barrier_destroy(&barrier);
    free(memory);
  }
  free_rank(&whole);
}

/* Large kernels in small minibatches, by kernels whose columns do not depend on one another. */
static void where_it_pays(void **state) {
  (void)state;
  subject s = make_subject(text, input, CLASSES, SAMPLES);
  ls_layer *first = &s.model->layers[0];
  assert_true(ls_division_pays(s.model, first, 20, 5, 2));
  assert_true(ls_division_pays(s.model, first, 85, 5, 2)); /* 300 * 400 / (300 + 400) / 2 */
  assert_false(ls_division_pays(s.model, first, 86, 5, 2));
  assert_false(ls_division_pays(s.model, first, 20, 5, 1));
  assert_false(ls_division_pays(s.model, first, 20, 257, 2));
  for (size_t i = 1; i < s.model->layer_count; i++) {
    const ls_layer *layer = &s.model->layers[i];
    assert_int_equal(ls_division_pays(s.model, layer, 20, 5, 2), layer->product.n == 333);
  }
  first->frozen = true;
  assert_false(ls_division_pays(s.model, first, 20, 5, 2));
  first->frozen = false;
  s.model->kernels = &ls_kernels_openblas;
  assert_false(ls_division_pays(s.model, first, 20, 5, 2));
  assert_int_equal(ls_division_bytes(s.model, 20, 5, 2), 0);
  free_subject(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits), cmocka_unit_test(where_it_pays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
