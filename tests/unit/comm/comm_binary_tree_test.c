/* The tree of gradient sums: one bracketing, however shards are distributed among ranks; cutting
 * into parts; the barrier. */
#include "unit.h"

#include "base/binary_tree.h"
#include "base/partition.h"
#include "base/text.h"
#include "comm/barrier.h"
#include "comm/reduce.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHARDS = 40, MOST_RANKS = 16 };

/* The sum of a node by its definition: "(LEFT+RIGHT)", or the left child alone where the right one
 * is empty. */
static void expected_sum(ls_text *text, tree_node node, size_t shards) {
  if (node.level == 0) {
    ls_text_add(text, "%zu", node.index);
    return;
  }
  tree_node left = {node.level - 1, 2 * node.index}, right = {node.level - 1, 2 * node.index + 1};
  bool both = right.index << right.level < shards;
  if (both) ls_text_add(text, "(");
  expected_sum(text, left, shards);
  if (!both) return;
  ls_text_add(text, "+");
  expected_sum(text, right, shards);
  ls_text_add(text, ")");
}

/* A stack of sums as text, moved along with a stack of nodes. */
typedef struct sums {
  tree_stack stack;
  char *text[TREE_DEPTH];
} sums;

static void push(sums *s, tree_node node, char *text) {
  s->text[s->stack.depth] = text;
  tree_push(&s->stack, node);
}

/* Replaces the sums at depth - 1 and depth by one. */
static void join_text(char **left) {
  ls_text joined = {0};
  ls_text_add(&joined, "(%s+%s)", left[0], left[1]);
  free(left[0]);
  free(left[1]);
  left[0] = ls_text_take(&joined);
}

static void join(sums *s) {
  while (tree_join(&s->stack)) join_text(&s->text[s->stack.depth - 1]);
}

/* The sums of one rank over its shards, pushed as a leaf each. */
static void add_shards(sums *s, size_t first, size_t end) {
  s->stack.depth = 0;
  for (size_t shard = first; shard < end; shard++) {
    ls_text leaf = {0};
    ls_text_add(&leaf, "%zu", shard);
    push(s, (tree_node){0, shard}, ls_text_take(&leaf));
    join(s);
  }
}

/* All shards' sum as `ranks` ranks make it: each rank's own sums are joined in the order of ranks,
 * what is left in the end from the right. Each rank's nodes must be what tree_cover foretells. */
static char *sum_over_ranks(size_t shards, size_t ranks) {
  sums total = {.stack = {.depth = 0}}, own;
  for (size_t rank = 0; rank < ranks; rank++) {
    size_t first = ls_partition_begin(shards, ranks, rank),
           end = ls_partition_begin(shards, ranks, rank + 1);
    tree_stack cover;
    tree_cover(first, end, &cover, NULL);
    add_shards(&own, first, end);
    assert_int_equal(own.stack.depth, cover.depth);
    for (size_t i = 0; i < cover.depth; i++) {
      assert_int_equal(own.stack.nodes[i].level, cover.nodes[i].level);
      assert_int_equal(own.stack.nodes[i].index, cover.nodes[i].index);
      push(&total, cover.nodes[i], own.text[i]);
      join(&total);
    }
  }
  for (; total.stack.depth > 1; total.stack.depth--) join_text(&total.text[total.stack.depth - 2]);
  return total.text[0];
}

static void one_bracketing(void **state) {
  (void)state;
  for (size_t shards = 1; shards <= MOST_SHARDS; shards++) {
    unsigned level = 0;
    while ((size_t)1 << level < shards) level++;
    ls_text text = {0};
    expected_sum(&text, (tree_node){level, 0}, shards);
    char *expected = ls_text_take(&text);
    for (size_t ranks = 1; ranks <= MOST_RANKS; ranks++) {
      char *sum = sum_over_ranks(shards, ranks);
      assert_string_equal(sum, expected);
      free(sum);
    }
    free(expected);
  }
}

/* A cover's nodes follow one another from first to end, and `deepest` is enough to make them. */
static void covers(void **state) {
  (void)state;
  for (size_t end = 0; end <= MOST_SHARDS; end++) {
    for (size_t first = 0; first <= end; first++) {
      tree_stack cover;
      size_t deepest = 0, at = first;
      tree_cover(first, end, &cover, &deepest);
      for (size_t i = 0; i < cover.depth; i++) {
        assert_int_equal(cover.nodes[i].index << cover.nodes[i].level, at);
        at = (cover.nodes[i].index + 1) << cover.nodes[i].level;
      }
      assert_int_equal(at, end);
      assert_true(deepest >= cover.depth && deepest <= end - first);
      assert_true(deepest <= 11); /* levels go up from 0 to 5 and down again, at most */
    }
  }
}

/* The most shards that a job may ask for stay within a stack's room. */
static void room(void **state) {
  (void)state;
  tree_stack cover;
  size_t deepest = 0, most = (size_t)1 << 20;
  tree_cover(1, most - 1, &cover, &deepest);
  assert_true(deepest > 20 && deepest <= TREE_DEPTH);
  tree_cover(0, most, &cover, &deepest);
  assert_int_equal(cover.depth, 1);
}

static void parts(void **state) {
  (void)state;
  for (size_t n = 0; n <= 70; n++) {
    for (size_t count = 1; count <= 20; count++) {
      assert_int_equal(ls_partition_begin(n, count, 0), 0);
      assert_int_equal(ls_partition_begin(n, count, count), n);
      for (size_t i = 0; i < count; i++) {
        size_t begin = ls_partition_begin(n, count, i), end = ls_partition_begin(n, count, i + 1);
        assert_true(end >= begin && end - begin >= n / count && end - begin <= n / count + 1);
        for (size_t k = begin; k < end; k++) assert_int_equal(ls_partition_of(n, count, k), i);
      }
    }
  }
}

/* Threads that add to plain counters between two waits: each must see what all others wrote. */
enum { THREADS = 4, ROUNDS = 500 };

typedef struct team {
  shared_barrier barrier;
  size_t written[THREADS];
} team;

typedef struct member {
  team *team;
  uint32_t number;
  size_t wrong;
} member;

static void *work(void *argument) {
  member *m = argument;
  for (size_t round = 0; round < ROUNDS; round++) {
    m->team->written[m->number] = round;
    bool speaks = round % 3 != 0 && round % THREADS == m->number;
    uint32_t flags =
        barrier_wait(&m->team->barrier, THREADS, speaks ? 1u << m->number : 0, barrier_relax);
    m->wrong += flags != (round % 3 != 0 ? 1u << round % THREADS : 0);
    for (size_t i = 0; i < THREADS; i++) m->wrong += m->team->written[i] != round;
    m->wrong += barrier_wait(&m->team->barrier, THREADS, 0, barrier_relax) != 0;
  }
  return NULL;
}

static void barrier(void **state) {
  (void)state;
  static team shared;
  pthread_t threads[THREADS];
  member members[THREADS];
  for (uint32_t i = 0; i < THREADS; i++) {
    members[i] = (member){&shared, i, 0};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &members[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (size_t i = 0; i < THREADS; i++) assert_int_equal(members[i].wrong, 0);
  assert_int_equal(barrier_wait(&(shared_barrier){0}, 1, 5, barrier_relax), 5);
}

/* Sums that are left when ranks, or nodes of several, have added up what are siblings in the tree.
 */
static void sums_left(void **state) {
  (void)state;
  size_t most, all;
  ls_reducer_sums(4, 1, 1, &most, &all);
  assert_true(most == 1 && all == 1);
  ls_reducer_sums(4, 2, 1, &most, &all);
  assert_true(most == 1 && all == 2);
  ls_reducer_sums(6, 4, 1, &most, &all); /* 0 | 1 2 | 3 | 4 5 */
  assert_true(most == 2 && all == 5);
  ls_reducer_sums(2, 4, 1, &most, &all);
  assert_true(most == 1 && all == 2);
  ls_reducer_sums(6, 4, 2, &most, &all); /* 0 1 2 | 3 4 5 */
  assert_true(most == 2 && all == 4);
  ls_reducer_sums(3, 4, 4, &most, &all); /* 0 1 2 */
  assert_true(most == 2 && all == 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_bracketing), cmocka_unit_test(covers),  cmocka_unit_test(room),
      cmocka_unit_test(parts),          cmocka_unit_test(barrier), cmocka_unit_test(sums_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
