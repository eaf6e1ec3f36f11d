/* The reducer, on the ranks that the test is started with, as one node, as several, or each as a
 * node of its own: all methods give the bits of the tree's definition, in whatever pieces backward
 * completes the gradient; complete buckets are updated on all ranks before backward has ended.
 * Gradients are made up, and differ in each step. */
#include "unit.h"

#include "base/clock.h"
#include "comm/reduce.h"
#include "comm/reducer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ls_group group;
static uint32_t step;
static bool gaps;    /* shards that leave 2 when divided by 3 are empty */
static bool divides; /* the ranks of a node divide some elements */

/* ---- Gradients and their sums ---------------------------------------------------------------- */

static bool is_empty(size_t shard) {
  return gaps && shard % 3 == 2;
}

/* Numbers whose sums depend on the order. */
static ls_real element(size_t shard, size_t i) {
  uint32_t x = (uint32_t)(i * 2654435761U + shard * 40503U + step * 97U + 1) * 747796405U;
  return is_empty(shard) ? 0 : (ls_real)((int32_t)(x ^ x >> 15)) / (ls_real)1e5;
}

/* A node of the tree, by its definition. */
static ls_real node_sum(tree_node node, size_t shards, size_t i) {
  if (node.level == 0) return element(node.index, i);
  tree_node left = {node.level - 1, 2 * node.index}, right = {node.level - 1, 2 * node.index + 1};
  ls_real sum = node_sum(left, shards, i);
  return right.index << right.level < shards ? sum + node_sum(right, shards, i) : sum;
}

static ls_real *expected_totals(const ls_reducer *r) {
  ls_real *totals = new_array(r->count, sizeof *totals);
  tree_node root = {0, 0};
  while ((size_t)1 << root.level < r->shards) root.level++;
  for (size_t i = 0; i < r->count; i++) totals[i] = node_sum(root, r->shards, i);
  return totals;
}

static bool same(ls_real a, ls_real b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

/* Fails on all ranks if one has found something wrong: otherwise others would wait for it. */
static void expect_none(size_t wrong, const char *what) {
  unsigned long all = wrong;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_UNSIGNED_LONG, MPI_SUM, group.comm);
  if (all > 0) fail_msg("%lu %s", all, what);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static ls_reducer *make_reducer(size_t count, size_t shards, ls_reduction how) {
  ls_reducer *r = NULL;
  int status = ls_reducer_create(&r, &group, count, shards, how);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  if (divides && ls_reducer_node_ranks(r) > 1) {
    assert_int_equal(ls_reducer_divide(r, count / 5, count / 2), LS_OK);
    assert_int_equal(ls_reducer_divide(r, count / 2 + 9, count - count / 9), LS_OK);
  }
  for (size_t i = 0; group.rank == 0 && i < count; i++) ls_reducer_weights(r)[i] = (ls_real)i;
  assert_int_equal(ls_reducer_broadcast(r), LS_OK);
  return r;
}

/* Whether element i is divided. */
static bool is_divided(const ls_reducer *r, size_t i) {
  const reducer_range *next = reducer_divided_from(r, i);
  return next && next->first <= i;
}

/* Sets the divided ones of elements begin .. end - 1: to the node's sums where they are this rank's
 * part, else to what must not be read. */
static void set_divided(const ls_reducer *r, size_t begin, size_t end) {
  const ls_block_cyclic own = ls_reducer_node_blocks(r);
  size_t first, last, stride;
  ls_real *gradients = ls_reducer_gradients((ls_reducer *)r, &stride);
  tree_stack cover;
  ls_reducer_node_shards(r, &first, &last);
  tree_cover(first, last, &cover, NULL);
  for (size_t i = begin; i < end; i++) {
    if (!is_divided(r, i)) continue;
    for (size_t k = 0; k < cover.depth; k++) {
      gradients[k * stride + i] =
          ls_block_cyclic_has(&own, i) ? node_sum(cover.nodes[k], r->shards, i) : (ls_real)1e30;
    }
  }
}

/* Backward of this rank's shards from element `end` to element `first`, in layers of unequal sizes.
 */
static void run_backward(ls_reducer *r, size_t first, size_t end, bool ready) {
  size_t first_shard, end_shard, stride;
  ls_real *gradients = ls_reducer_gradients(r, &stride);
  tree_stack cover;
  ls_reducer_shards(r, &first_shard, &end_shard);
  tree_cover(first_shard, end_shard, &cover, NULL);
  for (size_t size = 1; end > first; size = size * 3 % 40009) {
    size_t begin = end - first > size ? end - size : first;
    for (size_t k = 0; k < cover.depth; k++) {
      ls_real *gradient = gradients + k * stride;
      for (size_t i = begin; i < end; i++) gradient[i] = node_sum(cover.nodes[k], r->shards, i);
    }
    if (r->divided_count > 0) set_divided(r, begin, end);
    end = begin;
    if (ready) ls_reducer_ready(r, end);
  }
}

static void run_shards(ls_reducer *r, bool ready) {
  run_backward(r, 0, r->count, ready);
}

/* The context of an ls_apply. */
typedef struct visit {
  const ls_reducer *reducer;
  const ls_real *totals;
  ls_real factor; /* that the gradient already has */
  size_t wrong, seen, counted;
} visit;

/* Doubles the gradient, and sets the weights to it. */
static void double_gradient(void *context, size_t first, size_t n, ls_real *weights,
                            ls_real *gradient) {
  visit *v = context;
  for (size_t i = 0; i < n; i++) {
    v->wrong += !same(gradient[i], v->factor * v->totals[first + i]);
    gradient[i] *= 2;
    weights[i] = gradient[i];
  }
  v->seen += n;
  v->counted += ls_reducer_owns(v->reducer, first) ? n : 0;
}

/* Checks what all ranks have after a step; `v` is what this rank's functions have counted. */
static void check_step(ls_reducer *r, visit *v, int passes) {
  const ls_block_cyclic blocks = ls_reducer_blocks(r);
  v->wrong += v->seen != (size_t)passes * ls_block_cyclic_count(&blocks);
  for (size_t i = 0; i < r->count; i++) {
    v->wrong += !same(ls_reducer_weights(r)[i], v->factor * v->totals[i]);
  }
  free((void *)v->totals);
  unsigned long counted = v->counted;
  MPI_Allreduce(MPI_IN_PLACE, &counted, 1, MPI_UNSIGNED_LONG, MPI_SUM, group.comm);
  expect_none(v->wrong, "elements are wrong");
  assert_int_equal(counted, (size_t)passes * r->count);
  step++;
}

static visit new_visit(const ls_reducer *r) {
  return (visit){.reducer = r, .totals = expected_totals(r), .factor = 1};
}

/* Ends a step with flags of the last rank. */
static void end_step(ls_reducer *r, visit *v) {
  uint32_t flags = group.rank == group.size - 1 ? 5 : 0;
  assert_int_equal(ls_reducer_end(r, double_gradient, v, &flags), LS_OK);
  assert_int_equal(flags, 5);
  v->factor *= 2;
}

/* A step that updates as soon as gradients are complete. */
static void run_step(ls_reducer *r, bool ready) {
  visit v = new_visit(r);
  assert_int_equal(ls_reducer_begin(r, double_gradient, &v), LS_OK);
  run_shards(r, ready);
  end_step(r, &v);
  check_step(r, &v, 1);
}

/* A step with passes over the whole gradient before its update. */
static void run_step_of_passes(ls_reducer *r, int passes) {
  visit v = new_visit(r);
  assert_int_equal(ls_reducer_begin(r, NULL, NULL), LS_OK);
  run_shards(r, true);
  for (int pass = 1; pass < passes; pass++, v.factor *= 2) {
    assert_int_equal(ls_reducer_pass(r, double_gradient, &v), LS_OK);
  }
  end_step(r, &v);
  check_step(r, &v, passes);
}

/* Between steps each rank changes its own blocks. */
static void allgather_weights(ls_reducer *r) {
  const ls_block_cyclic blocks = ls_reducer_blocks(r);
  size_t wrong = 0;
  for (size_t i = 0; i < r->count; i++) {
    if (ls_block_cyclic_has(&blocks, i)) ls_reducer_weights(r)[i] = element(77, i);
  }
  assert_int_equal(ls_reducer_allgather(r), LS_OK);
  for (size_t i = 0; i < r->count; i++) {
    wrong += !same(ls_reducer_weights(r)[i], element(77, i));
  }
  expect_none(wrong, "weights have not arrived");
}

/* ---- Tests ----------------------------------------------------------------------------------- */

/* Elements of which there are several buckets, the last one not whole. */
static size_t several_buckets(void) {
  return (size_t)LS_BLOCK * (8 * 3 * (size_t)group.size + 5) + 77;
}

/* Methods, and the ranks of a node: 0, all. */
static const struct {
  ls_reduction how;
  int node_ranks;
} methods[] = {{LS_REDUCE_AUTO, 0}, {LS_REDUCE_AUTO, 2}, {LS_REDUCE_EXCHANGE, 0}};

/* Pretends that there are such nodes; false if the ranks cannot be divided into them. */
static bool set_nodes(size_t method) {
  group.node_ranks = methods[method].node_ranks > 0 ? methods[method].node_ranks : group.size;
  return group.size % group.node_ranks == 0;
}

/* Enough steps for the ranks of a node to have measured both of their ways. */
static void run_all_methods(void) {
  static const size_t shards[] = {1, 2, 5, 13};
  const size_t counts[] = {1, LS_BLOCK, 7 * LS_BLOCK + 1, several_buckets()};
  gaps = true;
  for (size_t i = 0; i < COUNT_OF(methods) * COUNT_OF(shards) * COUNT_OF(counts); i++) {
    size_t k = i / COUNT_OF(methods);
    if (!set_nodes(i % COUNT_OF(methods))) continue;
    ls_reducer *r = make_reducer(counts[k / COUNT_OF(shards)], shards[k % COUNT_OF(shards)],
                                 methods[i % COUNT_OF(methods)].how);
    for (int times = 0; times < 4; times++) {
      run_step(r, true);
      run_step(r, false);
      run_step_of_passes(r, 3);
      allgather_weights(r);
    }
    ls_reducer_free(&r);
  }
}

static void all_methods(void **state) {
  (void)state;
  divides = false;
  run_all_methods();
}

static void divided_elements(void **state) {
  (void)state;
  divides = true;
  run_all_methods();
  divides = false;
}

/* Counts the new weights from element `first` on. */
static size_t updated(ls_reducer *r, const ls_real *totals, size_t first) {
  size_t done = 0;
  for (size_t i = first; i < r->count; i++) {
    done += same(ls_reducer_weights(r)[i], 2 * totals[i]);
  }
  return done;
}

/* All ranks halt in the middle of backward. On all of them the complete
 * buckets get their new weights, and no others do. */
static void updated_in_backward(void **state) {
  (void)state;
  gaps = false;
  for (size_t method = 0; method < COUNT_OF(methods); method++) {
    if (!set_nodes(method)) continue;
    ls_reducer *r = make_reducer(several_buckets(), 2 * (size_t)group.size, methods[method].how);
    visit v = new_visit(r);
    size_t halt = r->count / 3, done = 0;
    size_t bucket = (halt + r->own.stride - 1) / r->own.stride;
    size_t first = bucket * r->own.stride;
    assert_true(bucket > 0 && bucket < r->buckets);
    assert_int_equal(ls_reducer_begin(r, double_gradient, &v), LS_OK);
    run_backward(r, halt, r->count, true);
    double end = ls_clock_seconds() + 60;
    do {
      ls_reducer_ready(r, halt);
      done = updated(r, v.totals, first);
    } while (done < r->count - first && ls_clock_seconds() < end);
    expect_none(r->count - first - done, "weights have not arrived");
    expect_none(updated(r, v.totals, 0) - done, "weights were updated early");
    run_backward(r, 0, halt, true);
    end_step(r, &v);
    check_step(r, &v, 1);
    ls_reducer_free(&r);
  }
}

/* The last rank sends rank 0 a message that needs both to call MPI, before its backward or after
 * it, and only then continues: rank 0, which waits for it in shared memory, must receive the
 * message. */
static void others_are_served(void **state) {
  (void)state;
  enum { BYTES = 1 << 22 };
  const bool sends = group.rank == group.size - 1, receives = group.rank == 0 && !sends;
  char *message = new_array(BYTES, 1);
  for (size_t i = 0; i < 2 * COUNT_OF(methods); i++) {
    if (group.size == 1 || !set_nodes(i / 2)) continue;
    ls_reducer *r = make_reducer(several_buckets(), (size_t)group.size, methods[i / 2].how);
    visit v = new_visit(r);
    const bool early = i % 2 == 0;
    MPI_Request request = MPI_REQUEST_NULL;
    assert_int_equal(ls_reducer_begin(r, double_gradient, &v), LS_OK);
    if (receives) MPI_Irecv(message, BYTES, MPI_BYTE, group.size - 1, 0, group.comm, &request);
    if (sends && early) MPI_Send(message, BYTES, MPI_BYTE, 0, 0, group.comm);
    /* With the last rank's sums there, the step is complete: rank 0 waits for its end. */
    if (sends && !early) usleep(50000);
    run_shards(r, true);
    if (sends && !early) MPI_Send(message, BYTES, MPI_BYTE, 0, 0, group.comm);
    end_step(r, &v);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    check_step(r, &v, 1);
    ls_reducer_free(&r);
  }
  free(message);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (ls_group_create(&group, MPI_COMM_WORLD, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_methods), cmocka_unit_test(divided_elements),
      cmocka_unit_test(updated_in_backward), cmocka_unit_test(others_are_served)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  ls_group_free(&group);
  MPI_Finalize();
  return failed;
}
