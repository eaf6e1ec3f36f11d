/* The reducer, on as many ranks as the test is started with: all ways give the bits of the tree's
 * definition, however backward tells what is complete; what is complete arrives before backward has
 * ended. Gradients are made up, others in each step. */
#include "unit.h"

#include "lockstep/clock.h"
#include "lockstep/reduce.h"
#include "reducer.h"

#include <stdlib.h>
#include <string.h>

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
  assert_int_equal(ls_reducer_publish(r), LS_OK);
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

/* The passes of a step whose shards were added, and what all ranks see then. */
static void finish_step(ls_reducer *r, int passes) {
  ls_real *totals = expected_totals(r);
  visit v = {.reducer = r, .totals = totals, .factor = 1};
  uint32_t word = group.rank == group.size - 1 ? LS_WORD_ABORT + 1 : 0;
  assert_int_equal(ls_reducer_begin(r, &word), LS_OK);
  assert_int_equal(word, LS_WORD_ABORT + 1);
  for (int pass = 1; pass <= passes; pass++, v.factor *= 2) {
    assert_int_equal(ls_reducer_pass(r, pass < passes, look, &v), LS_OK);
  }
  assert_int_equal(ls_reducer_end(r), LS_OK);
  const ls_share share = ls_reducer_share(r);
  v.wrong += v.seen != (size_t)passes * ls_share_count(&share);
  for (size_t i = 0; i < r->count; i++) {
    v.wrong += !same(ls_reducer_weights(r)[i], v.factor * totals[i]);
  }
  free(totals);
  unsigned long counted = v.counted;
  MPI_Allreduce(MPI_IN_PLACE, &counted, 1, MPI_UNSIGNED_LONG, MPI_SUM, group.comm);
  expect_none(v.wrong, "elements are wrong");
  assert_int_equal(counted, (size_t)passes * r->count);
  step++;
}

/* The step ends with a word of one rank; what was sent is dropped, weights stay. */
static void break_step(ls_reducer *r) {
  ls_real *before = new_array(r->count, sizeof *before);
  memcpy(before, ls_reducer_weights(r), r->count * sizeof *before);
  uint32_t word = group.rank == 0 ? 1 : 0;
  run_shards(r, true);
  assert_int_equal(ls_reducer_begin(r, &word), LS_OK);
  assert_int_equal(word, 1);
  size_t wrong = 0;
  for (size_t i = 0; i < r->count; i++) wrong += !same(before[i], ls_reducer_weights(r)[i]);
  expect_none(wrong, "weights have changed");
  free(before);
  step++;
}

/* ---- Tests -------------------------------------------------------------------------------------
 */

/* Elements of which there are several buckets, the last one not whole. */
static size_t several_buckets(void) {
  return (size_t)LS_BLOCK * (8 * 3 * (size_t)group.size + 5) + 77;
}

static void all_ways(void **state) {
  (void)state;
  static const ls_reduction ways[] = {LS_REDUCE_SHARED, LS_REDUCE_EXCHANGE,
                                      LS_REDUCE_EXCHANGE_LATE};
  static const size_t shards[] = {1, 2, 5, 13};
  const size_t counts[] = {1, LS_BLOCK, 7 * LS_BLOCK + 1, several_buckets()};
  gaps = true;
  for (size_t i = 0; i < COUNT_OF(ways) * COUNT_OF(shards) * COUNT_OF(counts); i++) {
    size_t k = i / COUNT_OF(ways);
    ls_reducer *r = make_reducer(counts[k / COUNT_OF(shards)], shards[k % COUNT_OF(shards)],
                                 ways[i % COUNT_OF(ways)]);
    run_shards(r, true);
    finish_step(r, 1);
    break_step(r);
    run_shards(r, false);
    finish_step(r, 3);
    ls_reducer_free(&r);
  }
}

/* Of what other ranks send in buckets from number `bucket` on: elements that are here. */
static size_t arrived(const ls_reducer *r, size_t bucket, size_t *expected) {
  size_t there = 0;
  *expected = 0;
  for (size_t i = 0; i < r->input_count; i++) {
    const reduce_input *input = &r->inputs[i];
    if (!input->packed) continue;
    tree_stack cover;
    size_t begin, n;
    tree_cover(2 * (size_t)input->rank, 2 * (size_t)input->rank + 2, &cover, NULL);
    for (size_t run = bucket; (n = ls_share_run(&r->share, run, &begin)) > 0; run++) {
      const ls_real *values = input->values + run * r->share.width;
      *expected += n;
      for (size_t e = 0; e < n; e++) {
        there += same(values[e], node_sum(cover.nodes[input->slot], r->shards, begin + e));
      }
    }
  }
  return there;
}

/* All ranks halt amid backward of their second shard. What is complete by then comes to where it is
 * added up, unless that is to be done late. */
static void sent_in_backward(void **state) {
  (void)state;
  gaps = false;
  for (int late = 0; late < 2; late++) {
    ls_reducer *r = make_reducer(several_buckets(), 2 * (size_t)group.size,
                                 late ? LS_REDUCE_EXCHANGE_LATE : LS_REDUCE_EXCHANGE);
    size_t shard = 2 * (size_t)group.rank, halt = r->count / 3, expected = 0, there = 0;
    size_t bucket = late ? 0 : (halt + r->share.stride - 1) / r->share.stride;
    assert_true(late ? r->buckets == 1 : bucket > 0 && bucket < r->buckets);
    go_back(r, shard, 0, r->count, true);
    ls_reducer_add(r, false);
    go_back(r, shard + 1, halt, r->count, true);
    double end = ls_clock_seconds() + (late ? 0.2 : 60);
    do {
      ls_reducer_ready(r, halt);
      there = arrived(r, bucket, &expected);
    } while (there < expected && ls_clock_seconds() < end);
    if (group.size > 1) assert_true(expected > 0);
    expect_none(late ? there : expected - there, late ? "came early" : "have not come");
    go_back(r, shard + 1, 0, halt, true);
    ls_reducer_add(r, false);
    finish_step(r, 1);
    ls_reducer_free(&r);
  }
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (ls_group_create(&group, MPI_COMM_WORLD, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {cmocka_unit_test(all_ways),
                                     cmocka_unit_test(sent_in_backward)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  ls_group_free(&group);
  MPI_Finalize();
  return failed;
}
