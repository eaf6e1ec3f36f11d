/* Random streams: known answers, independence of how a range is cut, moments, permutations. */
#include "unit.h"

#include "lockstep/random.h"

#include <stdlib.h>
#include <string.h>

static const ls_stream stream = {7, LS_RANDOM_GENERATOR, 1, 2, 3};

/* The vectors that come with Random123 for philox4x32-10: key and counter all zero bits, all one
 * bits, and the digits of pi. Number 4 b is the first of block b, whose high bits, purpose and
 * layer share the counter's last word. */
static void known_answers(void **state) {
  (void)state;
  static const struct {
    ls_stream stream;
    uint64_t block;
    uint32_t expected[4];
  } vectors[] = {
      {{0, (ls_purpose)0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{UINT64_MAX, (ls_purpose)0xff, UINT32_MAX, 0xffff, UINT32_MAX},
       0xffffffffff,
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x299f31d0a4093822, (ls_purpose)0x70, 0x13198a2e, 0x7344, 0x85a308d3},
       0x03243f6a88,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < COUNT_OF(vectors); i++) {
    uint32_t bits[4];
    ls_random_bits(vectors[i].stream, 4 * vectors[i].block, 4, bits);
    assert_memory_equal(bits, vectors[i].expected, sizeof bits);
  }
}

/* Number i is the same, whatever range it is asked for in. */
static void cutting(void **state) {
  (void)state;
  enum { N = 700 };
  uint32_t whole[N], part[N];
  ls_real whole_uniform[N], whole_normal[N], part_real[N];
  ls_random_bits(stream, 0, N, whole);
  ls_random_uniform(stream, 0, N, whole_uniform);
  ls_random_normal(stream, 0, N, whole_normal);
  for (size_t first = 0; first < 9; first++) {
    for (size_t count = 0; first + count <= N; count += count < 9 ? 1 : 97) {
      ls_random_bits(stream, first, count, part);
      assert_memory_equal(part, whole + first, count * sizeof *part);
      ls_random_uniform(stream, first, count, part_real);
      assert_memory_equal(part_real, whole_uniform + first, count * sizeof *part_real);
      ls_random_normal(stream, first, count, part_real);
      assert_memory_equal(part_real, whole_normal + first, count * sizeof *part_real);
    }
  }
}

/* Every part of a stream's name matters. */
static void names(void **state) {
  (void)state;
  ls_stream others[] = {stream, stream, stream, stream, stream, stream};
  others[1].seed = (uint64_t)7 << 32;
  others[2].purpose = LS_RANDOM_DROPOUT;
  others[3].epoch++;
  others[4].layer++;
  others[5].sample++;
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    for (size_t k = 0; k < i; k++) {
      uint32_t a[4], b[4];
      ls_random_bits(others[i], 0, 4, a);
      ls_random_bits(others[k], 0, 4, b);
      for (size_t n = 0; n < 4; n++) assert_int_not_equal(a[n], b[n]);
    }
  }
}

/* Sums of powers of many numbers against the distribution's moments, within five standard errors.
 */
enum { MANY = 1000000 };

static double mean_power(const ls_real *values, int power) {
  double sum = 0;
  for (size_t i = 0; i < MANY; i++) sum += pow((double)values[i], power);
  return sum / MANY;
}

static void uniform_moments(void **state) {
  (void)state;
  ls_real *values = new_array(MANY, sizeof *values);
  ls_random_uniform(stream, 0, MANY, values);
  size_t tenths[10] = {0};
  for (size_t i = 0; i < MANY; i++) {
    assert_true(values[i] >= 0 && values[i] < 1);
    tenths[(size_t)(10 * values[i])]++;
  }
  for (size_t i = 0; i < 10; i++)
    expect_near((double)tenths[i], MANY / 10.0, 5 * sqrt(MANY * 0.09));
  expect_near(mean_power(values, 1), 0.5, 5 * sqrt(1.0 / 12 / MANY));
  expect_near(mean_power(values, 2), 1.0 / 3, 5 * sqrt(4.0 / 45 / MANY));
  free(values);
}

static void normal_moments(void **state) {
  (void)state;
  ls_real *values = new_array(MANY, sizeof *values);
  ls_random_normal(stream, 0, MANY, values);
  expect_near(mean_power(values, 1), 0, 5 * sqrt(1.0 / MANY));
  expect_near(mean_power(values, 2), 1, 5 * sqrt(2.0 / MANY));
  expect_near(mean_power(values, 3), 0, 5 * sqrt(15.0 / MANY));
  expect_near(mean_power(values, 4), 3, 5 * sqrt(96.0 / MANY));
  double product = 0; /* of neighbours, which share no bits */
  for (size_t i = 1; i < MANY; i++) product += (double)values[i] * (double)values[i - 1];
  expect_near(product / MANY, 0, 5 * sqrt(1.0 / MANY));
  free(values);
}

static void permutations(void **state) {
  (void)state;
  static const size_t counts[] = {0, 1, 2, 3, 10, 1000, 60000};
  for (size_t k = 0; k < COUNT_OF(counts); k++) {
    size_t n = counts[k];
    uint32_t *order = new_array(n, sizeof *order), *again = new_array(n, sizeof *again);
    unsigned char *seen = new_array(n, 1);
    ls_random_permutation(stream, n, order);
    ls_random_permutation(stream, n, again);
    assert_memory_equal(order, again, n * sizeof *order);
    for (size_t i = 0; i < n; i++) {
      assert_true(order[i] < n);
      assert_int_equal(seen[order[i]]++, 0);
    }
    ls_random_permutation((ls_stream){8, LS_RANDOM_GENERATOR, 1, 2, 3}, n, again);
    if (n >= 10) assert_memory_not_equal(order, again, n * sizeof *order);
    free(order);
    free(again);
    free(seen);
  }
}

/* All 24 orders of four things come up equally often, by streams that differ in the epoch. */
static void fair_permutations(void **state) {
  (void)state;
  enum { ROUNDS = 48000 };
  size_t counts[256] = {0}, kinds = 0;
  for (uint32_t epoch = 0; epoch < ROUNDS; epoch++) {
    uint32_t order[4];
    ls_random_permutation((ls_stream){1, LS_RANDOM_SHUFFLE, epoch, 0, 0}, 4, order);
    counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
  }
  for (size_t i = 0; i < 256; i++) {
    if (counts[i] == 0) continue;
    kinds++;
    expect_near((double)counts[i], ROUNDS / 24.0, 5 * sqrt(ROUNDS / 24.0));
  }
  assert_int_equal(kinds, 24);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_answers),
      cmocka_unit_test(cutting),
      cmocka_unit_test(names),
      cmocka_unit_test(uniform_moments),
      cmocka_unit_test(normal_moments),
      cmocka_unit_test(permutations),
      cmocka_unit_test(fair_permutations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
