/* Generated digits: what they depend on, and that there is something to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/error.h"
#include "prepare/digits.h"
#include "prepare/glyphs.h"

#include <string.h>

enum { COUNT = 200, PIXELS = LS_DIGITS_SIDE * LS_DIGITS_SIDE };

static ls_image_set draw(uint64_t seed, uint32_t which, size_t count) {
  ls_image_set set;
  assert_int_equal(ls_digits_draw(&set, seed, which, count), LS_OK);
  assert_int_equal(set.count, count);
  assert_int_equal(set.height, LS_DIGITS_SIDE);
  assert_int_equal(set.width, LS_DIGITS_SIDE);
  assert_int_equal(set.channels, 1);
  return set;
}

/* How many of the first COUNT images are the same in both. */
static size_t count_same(const ls_image_set *a, const ls_image_set *b) {
  size_t same = 0;
  for (size_t i = 0; i < COUNT; i++) {
    same += memcmp(a->pixels + i * PIXELS, b->pixels + i * PIXELS, PIXELS) == 0;
  }
  return same;
}

static void test_dependence(void **state) {
  (void)state;
  ls_image_set first = draw(5, LS_DIGITS_TRAIN, COUNT),
               longer = draw(5, LS_DIGITS_TRAIN, COUNT + 7);
  ls_image_set test = draw(5, LS_DIGITS_TEST, COUNT), other = draw(6, LS_DIGITS_TRAIN, COUNT);
  assert_int_equal(count_same(&first, &longer), COUNT);
  assert_memory_equal(first.labels, longer.labels, COUNT);
  assert_int_equal(count_same(&first, &test), 0);
  assert_int_equal(count_same(&first, &other), 0);
  assert_memory_not_equal(first.labels, test.labels, COUNT);
  assert_memory_not_equal(first.labels, other.labels, COUNT);
  ls_image_set_clear(&first);
  ls_image_set_clear(&longer);
  ls_image_set_clear(&test);
  ls_image_set_clear(&other);
}

static void test_balance(void **state) {
  (void)state;
  ls_image_set set = draw(1, LS_DIGITS_TRAIN, COUNT);
  for (size_t first = 0; first < COUNT; first += 10) {
    unsigned seen = 0;
    for (size_t i = first; i < first + 10; i++) seen |= 1u << set.labels[i];
    assert_int_equal(seen, 0x3ff);
  }
  ls_image_set_clear(&set);
}

/* Every image has paper and ink, and more ink in the middle than at the edge. */
static void test_visible(void **state) {
  (void)state;
  ls_image_set set = draw(1, LS_DIGITS_TRAIN, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    const uint8_t *image = set.pixels + i * PIXELS;
    size_t dark = 0, bright = 0, edge = 0;
    for (size_t p = 0; p < PIXELS; p++) {
      size_t row = p / LS_DIGITS_SIDE, column = p % LS_DIGITS_SIDE;
      dark += image[p] < 64;
      bright += image[p] > 128;
      edge += image[p] > 128 && (row == 0 || column == 0 || row == 27 || column == 27);
    }
    assert_in_range(bright, 12, PIXELS / 2);
    assert_in_range(dark, PIXELS / 3, PIXELS);
    assert_true(edge * 2 < bright);
  }
  ls_image_set_clear(&set);
}

/* The table of glyphs holds what the drawing relies on. */
static void test_glyphs(void **state) {
  (void)state;
  for (size_t digit = 0; digit < 10; digit++) {
    assert_int_not_equal(ls_glyphs[digit][0][0], LS_PEN_END);
    for (size_t style = 0; style < LS_GLYPH_STYLES; style++) {
      const int8_t *glyph = ls_glyphs[digit][style];
      assert_int_equal(glyph[LS_GLYPH_LENGTH - 1], LS_PEN_END);
      size_t coordinates = 0; /* since the last code */
      for (size_t i = 0; i < LS_GLYPH_LENGTH; i++) {
        if (glyph[i] > 0) {
          assert_in_range(glyph[i], 1, 100);
          coordinates++;
        } else {
          assert_int_equal(coordinates % 2, 0);
          coordinates = 0;
        }
      }
    }
  }
}

static void test_none(void **state) {
  (void)state;
  ls_image_set set = draw(1, LS_DIGITS_TEST, 0);
  ls_image_set_clear(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dependence), cmocka_unit_test(test_balance),
      cmocka_unit_test(test_visible),    cmocka_unit_test(test_glyphs),
      cmocka_unit_test(test_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
