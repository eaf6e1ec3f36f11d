/* The reducer, on as many ranks as the test is started with, as one node, as several, or each as
 * one of its own: all ways give the bits of the tree's definition, however backward tells what is
 * complete; what is complete is updated on all ranks before backward has ended. Gradients are made
 * up, others in each step. */
#include "unit.h"

#include "base/clock.h"
#include "comm/reduce.h"
#include "comm/reducer.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ls_group group;
static uint32_t step;
static bool gaps; /* shards that leave 2 when divided by 3 are empty */

/* ---- Gradients and their sums ------------------------------------------------------------------
 */

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

/* Fails on all ranks if one has found something wrong: else others would wait for it. */
static void expect_none(size_t wrong, const char *what) {
  unsigned long all = wrong;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_UNSIGNED_LONG, MPI_SUM, group.comm);
  if (all > 0) fail_msg("%lu %s", all, what);
}

/* ---- Steps -------------------------------------------------------------------------------------
 */

static ls_reducer *make_reducer(size_t count, size_t shards, ls_reduction how) {
  ls_reducer *r = NULL;
  int status = ls_reducer_create(&r, &group, count, shards, how);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  for (size_t i = 0; group.rank == 0 && i < count; i++) ls_reducer_weights(r)[i] = (ls_real)i;
  assert_int_equal(ls_reducer_broadcast(r), LS_OK);
  return r;
}

/* Backward of a shard from element `end` to element `first`, in layers of unequal sizes. */
static void go_back(ls_reducer *r, size_t shard, size_t first, size_t end, bool tells) {
  ls_real *gradient = ls_reducer_gradient(r);
  for (size_t size = 1; end > first; size = size * 3 % 40009) {
    size_t begin = end - first > size ? end - size : first;
    for (size_t i = begin; i < end; i++) gradient[i] = element(shard, i);
    end = begin;
    if (tells) ls_reducer_ready(r, end);
  }
}

static void run_shards(ls_reducer *r, bool tells) {
  size_t first, end;
  ls_reducer_shards(r, &first, &end);
  for (size_t shard = first; shard < end; shard++) {
    if (!is_empty(shard)) go_back(r, shard, 0, r->count, tells);
    ls_reducer_add(r, is_empty(shard));
  }
}

/* What an ls_apply works with. */
typedef struct visit {
  const ls_reducer *reducer;
  const ls_real *totals;
  ls_real factor; /* that the gradient already has */
  size_t wrong, seen, counted;
} visit;

/* Doubles the gradient; takes it for the weights. */
static void look(void *context, size_t first, size_t n, ls_real *weights, ls_real *gradient) {
  visit *v = context;
  for (size_t i = 0; i < n; i++) {
    v->wrong += !same(gradient[i], v->factor * v->totals[first + i]);
    gradient[i] *= 2;
    weights[i] = gradient[i];
  }
  v->seen += n;
  v->counted += ls_reducer_counts(v->reducer, first) ? n : 0;
}

/* What all ranks see after a step; `v` is what this rank's functions saw. */
static void check_step(ls_reducer *r, visit *v, int passes) {
  const ls_block_cyclic share = ls_reducer_share(r);
  v->wrong += v->seen != (size_t)passes * ls_block_cyclic_count(&share);
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

/* Ends a step with a word of the last rank. */
static void end_step(ls_reducer *r, visit *v) {
  uint32_t word = group.rank == group.size - 1 ? 5 : 0;
  assert_int_equal(ls_reducer_end(r, look, v, &word), LS_OK);
  assert_int_equal(word, 5);
  v->factor *= 2;
}

/* A step that updates as soon as gradients are complete. */
static void run_step(ls_reducer *r, bool tells) {
  visit v = new_visit(r);
  assert_int_equal(ls_reducer_begin(r, look, &v), LS_OK);
  run_shards(r, tells);
  end_step(r, &v);
  check_step(r, &v, 1);
}

/* A step with passes over the whole gradient before its update. */
static void run_step_of_passes(ls_reducer *r, int passes) {
  visit v = new_visit(r);
  assert_int_equal(ls_reducer_begin(r, NULL, NULL), LS_OK);
  run_shards(r, true);
  for (int pass = 1; pass < passes; pass++, v.factor *= 2) {
    assert_int_equal(ls_reducer_pass(r, look, &v), LS_OK);
  }
  end_step(r, &v);
  check_step(r, &v, passes);
}

/* Between steps each rank changes its share. */
static void spread_weights(ls_reducer *r) {
  const ls_block_cyclic share = ls_reducer_share(r);
  size_t wrong = 0;
  for (size_t i = 0; i < r->count; i++) {
    if (ls_block_cyclic_has(&share, i)) ls_reducer_weights(r)[i] = element(77, i);
  }
  assert_int_equal(ls_reducer_allgather(r), LS_OK);
  for (size_t i = 0; i < r->count; i++) {
    wrong += !same(ls_reducer_weights(r)[i], element(77, i));
  }
  expect_none(wrong, "weights did not come");
}

/* ---- Tests -------------------------------------------------------------------------------------
 */

/* Elements of which there are several buckets, the last one not whole. */
static size_t several_buckets(void) {
  return (size_t)LS_BLOCK * (8 * 3 * (size_t)group.size + 5) + 77;
}

/* Ways to reduce, and the ranks of a node: 0, all there are. */
static const struct {
  ls_reduction how;
  int node_ranks;
} ways[] = {{LS_REDUCE_AUTO, 0}, {LS_REDUCE_AUTO, 2}, {LS_REDUCE_EXCHANGE, 0}};

/* Pretends that there are such nodes; false if the ranks don't make such. */
static bool set_nodes(size_t way) {
  group.node_ranks = ways[way].node_ranks > 0 ? ways[way].node_ranks : group.size;
  return group.size % group.node_ranks == 0;
}

/* So many steps that ranks of a node have tried all that they try by turns. */
static void all_ways(void **state) {
  (void)state;
  static const size_t shards[] = {1, 2, 5, 13};
  const size_t counts[] = {1, LS_BLOCK, 7 * LS_BLOCK + 1, several_buckets()};
  gaps = true;
  for (size_t i = 0; i < COUNT_OF(ways) * COUNT_OF(shards) * COUNT_OF(counts); i++) {
    size_t k = i / COUNT_OF(ways);
    if (!set_nodes(i % COUNT_OF(ways))) continue;
    ls_reducer *r = make_reducer(counts[k / COUNT_OF(shards)], shards[k % COUNT_OF(shards)],
                                 ways[i % COUNT_OF(ways)].how);
    for (int times = 0; times < 4; times++) {
      run_step(r, true);
      run_step(r, false);
      run_step_of_passes(r, 3);
      spread_weights(r);
    }
    ls_reducer_free(&r);
  }
}

/* Of the weights from element `first` on: those that are new. */
static size_t updated(ls_reducer *r, const ls_real *totals, size_t first) {
  size_t there = 0;
  for (size_t i = first; i < r->count; i++) {
    there += same(ls_reducer_weights(r)[i], 2 * totals[i]);
  }
  return there;
}

/* All ranks halt amid backward of their second shard. What is complete by then gets its new weights
 * on all of them, and nothing else does. */
static void updated_in_backward(void **state) {
  (void)state;
  gaps = false;
  for (size_t way = 0; way < COUNT_OF(ways); way++) {
    if (!set_nodes(way)) continue;
    ls_reducer *r = make_reducer(several_buckets(), 2 * (size_t)group.size, ways[way].how);
    visit v = new_visit(r);
    size_t shard = 2 * (size_t)group.rank, halt = r->count / 3, there = 0;
    size_t bucket = (halt + r->dealt.stride - 1) / r->dealt.stride;
    size_t first = bucket * r->dealt.stride;
    assert_true(bucket > 0 && bucket < r->buckets);
    assert_int_equal(ls_reducer_begin(r, look, &v), LS_OK);
    go_back(r, shard, 0, r->count, true);
    ls_reducer_add(r, false);
    go_back(r, shard + 1, halt, r->count, true);
    double end = ls_clock_seconds() + 60;
    do {
      ls_reducer_ready(r, halt);
      there = updated(r, v.totals, first);
    } while (there < r->count - first && ls_clock_seconds() < end);
    expect_none(r->count - first - there, "weights have not come");
    expect_none(updated(r, v.totals, 0) - there, "weights came early");
    go_back(r, shard + 1, 0, halt, true);
    ls_reducer_add(r, false);
    end_step(r, &v);
    check_step(r, &v, 1);
    ls_reducer_free(&r);
  }
}

/* The last rank sends rank 0 what needs both at work, before its backward or after it, and only
 * then goes on: rank 0, which waits for it in shared memory, must take it. */
static void others_are_served(void **state) {
  (void)state;
  enum { BYTES = 1 << 22 };
  const bool sends = group.rank == group.size - 1, takes = group.rank == 0 && !sends;
  char *letter = new_array(BYTES, 1);
  for (size_t i = 0; i < 2 * COUNT_OF(ways); i++) {
    if (group.size == 1 || !set_nodes(i / 2)) continue;
    ls_reducer *r = make_reducer(several_buckets(), (size_t)group.size, ways[i / 2].how);
    visit v = new_visit(r);
    const bool early = i % 2 == 0;
    MPI_Request request = MPI_REQUEST_NULL;
    assert_int_equal(ls_reducer_begin(r, look, &v), LS_OK);
    if (takes) MPI_Irecv(letter, BYTES, MPI_BYTE, group.size - 1, 0, group.comm, &request);
    if (sends && early) MPI_Send(letter, BYTES, MPI_BYTE, 0, 0, group.comm);
    /* The last one to be ready hands out new weights at once: rank 0 waits for the step's end. */
    if (sends && !early) usleep(50000);
    run_shards(r, true);
    if (sends && !early) MPI_Send(letter, BYTES, MPI_BYTE, 0, 0, group.comm);
    end_step(r, &v);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    check_step(r, &v, 1);
    ls_reducer_free(&r);
  }
  free(letter);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (ls_group_create(&group, MPI_COMM_WORLD, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_ways),
                                     cmocka_unit_test(updated_in_backward),
                                     cmocka_unit_test(others_are_served)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  ls_group_free(&group);
  MPI_Finalize();
  return failed;
}
