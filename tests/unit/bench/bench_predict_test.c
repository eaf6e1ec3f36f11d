/* The predicted time of a step, against numbers worked out by hand. */
#include "bench/predict.h"
#include "comm/reduce.h"
#include "unit.h"

#include <string.h>

enum { EAGER = 65536 };
static const double block = LS_BLOCK * sizeof(ls_real);

/* 10 us per pass and 1 us per sample; 1 ns to update a weight, 2 ns to add a number. */
static const ls_costs costs = {.points = 2,
                               .rows = {1, 101},
                               .pass = {11e-6, 111e-6},
                               .update = 1e-9,
                               .sum = 2e-9,
                               .barrier = 3e-6};
static const ls_network network = {"test", 100e-6, 10e-6, 1e9, EAGER};

/* As many shards as ranks. */
static ls_step layout(size_t blocks, size_t batch, size_t nodes, size_t ranks) {
  return (ls_step){.params = blocks * LS_BLOCK,
                   .batch = batch,
                   .shards = nodes * ranks,
                   .nodes = nodes,
                   .ranks = ranks};
}

static void expect(ls_traffic t, double waits, double messages, double blocks_crossing) {
  expect_near(t.waits, waits, 1e-9);
  expect_near(t.messages, messages, 1e-9);
  expect_near(t.crossing, blocks_crossing * block, 1e-6);
}

static void expect_gradients(ls_step step, double waits, double messages, double blocks_crossing) {
  expect(ls_predict_gradients(&step, EAGER), waits, messages, blocks_crossing);
}

static void expect_weights(ls_step step, double waits, double messages, double blocks_crossing) {
  expect(ls_predict_weights(&step, EAGER), waits, messages, blocks_crossing);
}

static void passes(void **state) {
  (void)state;
  static const ls_costs bent = {.points = 3, .rows = {1, 10, 20}, .pass = {1, 10, 15}};
  expect_near(ls_predict_pass(&bent, 0), 0, 0);
  expect_near(ls_predict_pass(&bent, 1), 1, 1e-12);
  expect_near(ls_predict_pass(&bent, 4), 4, 1e-12);
  expect_near(ls_predict_pass(&bent, 10), 10, 1e-12);
  expect_near(ls_predict_pass(&bent, 16), 13, 1e-12);
  expect_near(ls_predict_pass(&bent, 40), 25, 1e-12);
}

static void nothing_on_one_node(void **state) {
  (void)state;
  expect_gradients(layout(100, 64, 1, 8), 0, 0, 0);
  expect_weights(layout(100, 64, 1, 8), 0, 0, 0);
}

/* Two ranks on two nodes: half of the gradient to the other one, half of the weights back. Messages
 * of up to 7 blocks (56 KiB) go at once, longer ones ask first. */
static void two_nodes(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  expect_gradients(layout(10, 64, 2, 1), 1, 1, 5);
  expect_weights(layout(10, 64, 2, 1), 1, 1, 5);
  /* 11 blocks: runs of 6 and 5. */
  expect_gradients(layout(11, 64, 2, 1), 1, 1, 6);
  expect_weights(layout(11, 64, 2, 1), 1, 1, 6);
  /* 100 blocks: 7 buckets of 14, and one of 2. */
  expect_gradients(layout(100, 64, 2, 1), 1, 8, 50);
  expect_weights(layout(100, 64, 2, 1), 1, 8, 50);
  /* 64 buckets at most: runs of 16 blocks. */
  expect_gradients(layout(2048, 64, 2, 1), 3, 64, 1024);
}

/* Four nodes of one rank: all to all. 400 blocks are 15 buckets of 28. */
static void four_nodes(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  expect_gradients(layout(16, 64, 4, 1), 1, 3, 12);
  expect_weights(layout(16, 64, 4, 1), 1, 3, 12);
  expect_gradients(layout(400, 64, 4, 1), 1, 45, 300);
  expect_weights(layout(400, 64, 4, 1), 1, 45, 300);
}

/* Two nodes of two ranks: each has one sum of its two shards, of which the other node gets half. */
static void two_ranks_each(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  ls_step step = layout(16, 64, 2, 2);
  expect_gradients(step, 1, 1, 8);
  expect_weights(step, 1, 1, 8);
  /* Of three shards the second node has two, which are no siblings: two sums. */
  step.shards = 3;
  expect_gradients(step, 1, 2, 12);
}

/* Fewer blocks than ranks: only ranks that have one get gradients; all get both weights. */
static void few_blocks(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  expect_gradients(layout(2, 64, 64, 1), 1, 63, 63);
  expect_weights(layout(2, 64, 64, 1), 1, 63, 2);
}

static void step_on_one_node(void **state) {
  (void)state;
  ls_step step = layout(100, 64, 1, 1);
  double weights = (double)step.params;
  ls_step_time t = ls_predict_step(&costs, &network, &step);
  expect_near(t.compute, 74e-6, 1e-12);
  expect_near(t.reduce, 0, 0);
  expect_near(t.update, weights * 1e-9, 1e-12);
  expect_near(t.total, 74e-6 + weights * 1e-9, 1e-12);
  /* Four ranks: 16 samples each, 25 blocks of three other gradients to add, to update; the weights
   * of 75 to copy. */
  step.ranks = step.shards = 4;
  t = ls_predict_step(&costs, &network, &step);
  expect_near(t.compute, 26e-6, 1e-12);
  expect_near(t.reduce, 3e-6 + 6 * weights / 4 * 2e-9, 1e-12);
  expect_near(t.update, weights / 4 * 1e-9, 1e-12);
  double one = 74e-6 + weights * 1e-9;
  expect_near(ls_predict_efficiency(&costs, &network, &step), one / (4 * t.total), 1e-12);
  /* Two of eight shards each: in the same pass. */
  step.shards = 8;
  t = ls_predict_step(&costs, &network, &step);
  expect_near(t.compute, 26e-6, 1e-12);
  expect_near(t.reduce, 3e-6 + 6 * weights / 4 * 2e-9, 1e-12);
}

/* Half of the gradient (50 blocks) crosses in 409.6 us, each of 8 buckets in 51.2, and so do
 * weights. */
static void step_on_two_nodes(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  ls_step step = layout(100, 64, 2, 1);
  const double weights = (double)step.params, half = 50 * block / 1e9;
  const double others = weights / 2 * 2e-9, gap = 10e-6, latency = 100e-6;
  ls_costs watched = costs;
  ls_step_time t = ls_predict_step(&watched, &network, &step);
  expect_near(t.compute, 42e-6, 1e-12);
  /* All after the pass: the link waits for the first message only. */
  expect_near(t.reduce, others + gap + 2 * half + latency, 1e-12);
  expect_near(t.update, weights / 2 * 1e-9, 1e-12);
  /* All but the last bucket when half of the pass is left, 21 us. */
  for (size_t k = 0; k + 1 < LS_COST_STAGES; k++) watched.left[k] = 0.5;
  t = ls_predict_step(&watched, &network, &step);
  expect_near(t.reduce, others + gap + 2 * half - 21e-6 + latency, 1e-12);
  /* A pass of 4,002 us hides all but the last bucket, there and back, and is delayed by the
   * messages of the others. */
  step.batch = 7984;
  t = ls_predict_step(&watched, &network, &step);
  expect_near(t.compute, 4002e-6, 1e-12);
  expect_near(t.reduce, others + 16 * gap + 2 * half / 8 + 2 * latency, 1e-12);
}

/* Two nodes of two ranks: a rank adds the other's sums of its node range (50 blocks) to its own,
 * then the other node's sum of its run, and copies the other's weights. */
static void step_on_nodes_of_two(void **state) {
  (void)state;
  if (sizeof(ls_real) != sizeof(float)) skip();
  const ls_step step = layout(100, 64, 2, 2);
  const double weights = (double)step.params, half = 50 * block / 1e9;
  ls_step_time t = ls_predict_step(&costs, &network, &step);
  expect_near(t.compute, 26e-6, 1e-12);
  expect_near(t.update, weights / 4 * 1e-9, 1e-12);
  expect_near(t.reduce,
              (weights / 2 + weights / 4 + weights / 2) * 2e-9 + 3e-6 + 10e-6 + 2 * half + 100e-6,
              1e-12);
}

static double efficiency(ls_step step, size_t shards) {
  step.shards = shards;
  return ls_predict_efficiency(&costs, &network, &step);
}

/* The advice is what trying everything finds. */
static void advice(void **state) {
  (void)state;
  static const double wanted[] = {0.1, 0.5, 0.8, 0.95};
  for (size_t w = 0; w < COUNT_OF(wanted); w++) {
    for (size_t batch = 8; batch <= 1 << 20; batch *= 8) {
      static const size_t nodes[] = {1, 1, 1, 2, 4, 6}, ranks[] = {1, 2, 3, 3, 3, 3};
      ls_step step = layout(20, batch, 6, 3);
      size_t best = 1;
      for (size_t i = 1; i < COUNT_OF(nodes); i++) {
        if (efficiency(layout(20, batch, nodes[i], ranks[i]), 18) >= wanted[w]) {
          best = nodes[i] * ranks[i];
        }
      }
      assert_int_equal(ls_predict_ranks(&costs, &network, &step, wanted[w]), best);
    }
    ls_step step = layout(20, 64, 4, 2);
    size_t most = 1000000, found = ls_predict_batch(&costs, &network, &step, wanted[w], most);
    assert_true(found > 0 && found % 8 == 0);
    assert_true(efficiency(layout(20, found, 4, 2), 8) >= wanted[w]);
    if (found > 8) assert_true(efficiency(layout(20, found - 8, 4, 2), 8) < wanted[w]);
    assert_int_equal(ls_predict_batch(&costs, &network, &step, wanted[w], found - 1), 0);
  }
}

static void names(void **state) {
  (void)state;
  const char *all = NULL;
  const ls_network *ethernet = ls_network_find("ethernet", &all);
  const ls_network *infiniband = ls_network_find("infiniband", NULL);
  assert_non_null(ethernet);
  assert_non_null(infiniband);
  assert_true(infiniband->latency < ethernet->latency);
  assert_true(infiniband->bandwidth > ethernet->bandwidth);
  assert_null(ls_network_find("pigeons", &all));
  assert_non_null(strstr(all, "ethernet"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(passes),
      cmocka_unit_test(nothing_on_one_node),
      cmocka_unit_test(two_nodes),
      cmocka_unit_test(four_nodes),
      cmocka_unit_test(two_ranks_each),
      cmocka_unit_test(few_blocks),
      cmocka_unit_test(step_on_one_node),
      cmocka_unit_test(step_on_two_nodes),
      cmocka_unit_test(step_on_nodes_of_two),
      cmocka_unit_test(advice),
      cmocka_unit_test(names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
