/* Sums over shards: whatever shards a rank has, what remains are the nodes of the fixed tree, to
 * the bit; products over samples by the kernels of every instruction set. */
#include "kernel_lists.h"
#include "unit.h"

#include "base/binary_tree.h"
#include "nn/shards.h"

#include <stdlib.h>
#include <string.h>

static ls_real *make_values(size_t count, unsigned seed) {
  ls_real *values = new_array(count + 1, sizeof *values);
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (ls_real)(seed >> 8) / (1 << 24) - (ls_real)0.5;
  }
  return values;
}

/* Shards of 0, 1, 2, ... samples, repeated after `most`; with `most` 0 all have `same`. */
static ls_shards make_shards(size_t first, size_t end, size_t most, size_t same) {
  ls_shards s;
  assert_int_equal(ls_shards_create(&s, first, end), LS_OK);
  for (size_t k = 0; k < s.count; k++) {
    s.begin[k + 1] = s.begin[k] + (most > 0 ? (first + k) % most : same);
  }
  return s;
}

/* A node of the tree by its definition, over leaves[shard - first][count]. */
static void node_sum(tree_node node, size_t first, size_t end, size_t count, const ls_real *leaves,
                     ls_real *sum) {
  if (node.level == 0) {
    memcpy(sum, leaves + (node.index - first) * count, count * sizeof *sum);
    return;
  }
  tree_node left = {node.level - 1, 2 * node.index}, right = {node.level - 1, 2 * node.index + 1};
  node_sum(left, first, end, count, leaves, sum);
  if (right.index << right.level >= end) return;
  ls_real *other = new_array(count, sizeof *other);
  node_sum(right, first, end, count, leaves, other);
  for (size_t i = 0; i < count; i++) sum[i] += other[i];
  free(other);
}

/* Compares sums[k][count], `stride` apart, with the nodes that shards [first, end) add up to. */
static void expect_sums(const ls_shards *s, size_t count, const ls_real *leaves,
                        const ls_real *sums, const char *what) {
  tree_stack cover;
  size_t depth;
  ls_real *expected = new_array(count, sizeof *expected);
  tree_cover(s->first, s->first + s->count, &cover, &depth);
  assert_int_equal(s->sums, cover.depth);
  assert_int_equal(s->depth, depth);
  for (size_t k = 0; k < cover.depth; k++) {
    node_sum(cover.nodes[k], s->first, s->first + s->count, count, leaves, expected);
    if (memcmp(sums + k * s->stride, expected, count * sizeof *expected) != 0) {
      fail_msg("%s: sum %zu of shards %zu to %zu is wrong", what, k, s->first,
               s->first + s->count - 1);
    }
  }
  free(expected);
}

static void check_product(const ls_kernels *by, size_t m, size_t n, ls_shards *s) {
  const size_t samples = s->begin[s->count];
  ls_product p = {.m = m, .n = n, .k = samples, .a_transposed = true};
  ls_real *a = make_values(samples * m, 1), *b = make_values(samples * n, 2);
  ls_real *leaves = new_array(s->count * m * n, sizeof *leaves);
  s->stride = m * n + 3;
  ls_real *sums = new_array(s->depth * s->stride + 1, sizeof *sums);
  for (size_t k = 0; k < s->count; k++) {
    ls_product leaf = p;
    leaf.k = s->begin[k + 1] - s->begin[k];
    by->multiply(&leaf, a + s->begin[k] * m, b + s->begin[k] * n, leaves + k * m * n);
  }
  ls_multiply_shards(by, p, s, a, b, sums);
  expect_sums(s, m * n, leaves, sums, by->name);
  for (size_t k = 0; k < s->sums; k++) { /* nothing is written between them */
    for (size_t i = 0; i < 3; i++) assert_true(sums[k * s->stride + m * n + i] == 0);
  }
  free(a);
  free(b);
  free(leaves);
  free(sums);
}

/* Every number of shards, from every first one; tiles cut in every direction. */
static void products(void **state) {
  (void)state;
  for (size_t e = 0; e < COUNT_OF(own_kernels); e++) {
    if (!own_kernels[e]->supported()) continue;
    for (size_t first = 0; first < 6; first++) {
      for (size_t end = first; end <= first + 17; end++) {
        ls_shards s = make_shards(first, end, 5, 0);
        check_product(own_kernels[e], 13, 33, &s);
        ls_shards_destroy(&s);
      }
    }
    ls_shards s = make_shards(0, 8, 0, 3);
    for (size_t m = 1; m < 110; m += m < 30 ? 1 : 7) check_product(own_kernels[e], m, 32, &s);
    for (size_t n = 1; n < 70; n++) check_product(own_kernels[e], 7, n, &s);
    ls_shards_destroy(&s);
  }
}

/* More samples than the cache holds, all together or of one shard. */
static void many_samples(void **state) {
  (void)state;
  for (size_t e = 0; e < COUNT_OF(own_kernels); e++) {
    if (!own_kernels[e]->supported()) continue;
    ls_shards some = make_shards(0, 8, 0, 200), few = make_shards(1, 4, 0, 1700);
    check_product(own_kernels[e], 14, 40, &some);
    check_product(own_kernels[e], 14, 40, &few);
    ls_shards_destroy(&some);
    ls_shards_destroy(&few);
  }
}

/* Samples whose places in the cache collide, for which a is copied: in one group of panels and in
 * several. */
static void colliding_samples(void **state) {
  (void)state;
  for (size_t e = 0; e < COUNT_OF(own_kernels); e++) {
    if (!own_kernels[e]->supported()) continue;
    ls_shards small = make_shards(1, 9, 5, 0), large = make_shards(0, 8, 0, 45);
    check_product(own_kernels[e], 1024, 50, &small);
    check_product(own_kernels[e], 1024, 210, &large);
    ls_shards_destroy(&small);
    ls_shards_destroy(&large);
  }
}

/* Ranges of rows have the bits of the whole product, and no other row is written. */
static void some_rows(void **state) {
  (void)state;
  enum { M = 1024, N = 70 };
  static const ls_row_range ranges[] = {{0, 5}, {40, 41}, {100, 290}, {1000, M}};
  const ls_rows rows = {ranges, COUNT_OF(ranges)};
  ls_shards s = make_shards(0, 9, 5, 0);
  const ls_product p = {.m = M, .n = N, .k = s.begin[s.count], .a_transposed = true};
  ls_real *a = make_values(p.k * M, 1), *b = make_values(p.k * N, 2);
  for (size_t e = 0; e < COUNT_OF(own_kernels); e++) {
    if (!own_kernels[e]->supported() || !own_kernels[e]->multiply_shards) continue;
    s.stride = M * N;
    ls_real *whole = new_array(s.depth * s.stride, sizeof *whole);
    ls_real *part = new_array(s.depth * s.stride, sizeof *part);
    ls_multiply_shards(own_kernels[e], p, &s, a, b, whole);
    own_kernels[e]->multiply_shards(&p, &s, &rows, a, b, part);
    for (size_t i = 0; i < M; i++) {
      bool computed = false;
      for (size_t r = 0; r < rows.count; r++) {
        computed = computed || (i >= ranges[r].first && i < ranges[r].end);
      }
      for (size_t k = 0; k < s.sums && !computed; k++) {
        memset(whole + k * s.stride + i * N, 0, N * sizeof *whole);
      }
    }
    for (size_t k = 0; k < s.sums; k++) {
      assert_memory_equal(part + k * s.stride, whole + k * s.stride, M * N * sizeof *whole);
    }
    free(whole);
    free(part);
  }
  free(a);
  free(b);
  ls_shards_destroy(&s);
}

static void rows(void **state) {
  (void)state;
  enum { PER_SAMPLE = 3 };
  for (size_t width = 1; width < 150; width += 37) {
    ls_shards s = make_shards(3, 14, 4, 0);
    s.stride = width + 1;
    ls_real *x = make_values(s.begin[s.count] * PER_SAMPLE * width, 5);
    ls_real *leaves = new_array(s.count * width, sizeof *leaves);
    ls_real *sums = new_array(s.sums * s.stride, sizeof *sums);
    for (size_t k = 0; k < s.count; k++) {
      for (size_t i = s.begin[k] * PER_SAMPLE; i < s.begin[k + 1] * PER_SAMPLE; i++) {
        for (size_t j = 0; j < width; j++) leaves[k * width + j] += x[i * width + j];
      }
    }
    ls_shards_sum_rows(&s, PER_SAMPLE, width, x, sums);
    expect_sums(&s, width, leaves, sums, "rows");
    ls_shards_destroy(&s);
    free(x);
    free(leaves);
    free(sums);
  }
}

/* Of 5 shards: ((0 + 1) + (2 + 3)) + 4. */
static void one_rank(void **state) {
  (void)state;
  double values[] = {1e16, 1, -1e16, 3, 0.25};
  ls_shards s = make_shards(0, 5, 0, 1);
  ls_shards_sum(&s, 1, values);
  expect_near(values[0], ((1e16 + 1) + (-1e16 + 3)) + 0.25, 0);
  ls_shards_destroy(&s);
}

/* The samples of each sum that remains: shards 1, then 2 and 3, then 4. */
static void samples(void **state) {
  (void)state;
  ls_shards s = make_shards(1, 5, 0, 10);
  static const size_t begin[] = {0, 10, 30, 40};
  assert_int_equal(s.sums, 3);
  for (size_t k = 0; k < 3; k++) {
    size_t first, end;
    ls_shards_samples(&s, k, &first, &end);
    assert_int_equal(first, begin[k]);
    assert_int_equal(end, begin[k + 1]);
  }
  ls_shards_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products),
      cmocka_unit_test(many_samples),
      cmocka_unit_test(colliding_samples),
      cmocka_unit_test(some_rows),
      cmocka_unit_test(rows),
      cmocka_unit_test(one_rank),
      cmocka_unit_test(samples),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
