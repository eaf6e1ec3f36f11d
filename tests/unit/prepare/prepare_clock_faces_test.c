/* Generated clocks: what they depend on, and that the hands are where the targets say. */
#include "unit.h"

#include "prepare/clock_faces.h"

#include <stdbool.h>
#include <string.h>

enum { SIZE = 48, PIXELS = SIZE * SIZE, COUNT = 2 * LS_CLOCK_FACES_TIMES };

static ls_image_set draw(uint64_t seed, size_t rotation, uint32_t which, size_t count) {
  const ls_clock_faces_options options = {.seed = seed, .size = SIZE, .rotation = rotation};
  ls_image_set set;
  assert_int_equal(ls_clock_faces_draw(&set, &options, which, count), LS_OK);
  assert_true(set.count == count && set.height == SIZE && set.width == SIZE && set.channels == 1);
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

static void dependence(void **state) {
  (void)state;
  ls_image_set first = draw(5, 15, LS_CLOCK_FACES_TRAIN, COUNT);
  ls_image_set longer = draw(5, 15, LS_CLOCK_FACES_TRAIN, COUNT + 7);
  ls_image_set others[] = {draw(5, 15, LS_CLOCK_FACES_TEST, COUNT),
                           draw(6, 15, LS_CLOCK_FACES_TRAIN, COUNT)};
  assert_int_equal(count_same(&first, &longer), COUNT);
  assert_memory_equal(first.labels, longer.labels, COUNT);
  assert_memory_equal(first.values, longer.values, COUNT * sizeof *first.values);
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    assert_int_equal(count_same(&first, &others[i]), 0);
    assert_memory_not_equal(first.labels, others[i].labels, COUNT);
    ls_image_set_clear(&others[i]);
  }
  ls_image_set_clear(&first);
  ls_image_set_clear(&longer);
}

/* Every 720 images show each time once. */
static void balance(void **state) {
  (void)state;
  ls_image_set set = draw(1, 15, LS_CLOCK_FACES_TRAIN, COUNT);
  size_t in_place = 0;
  for (size_t first = 0; first < COUNT; first += LS_CLOCK_FACES_TIMES) {
    unsigned char seen[LS_CLOCK_FACES_TIMES] = {0};
    for (size_t i = first; i < first + LS_CLOCK_FACES_TIMES; i++) {
      double minute = (double)set.values[i] * 60;
      expect_near(minute, rint(minute), 1e-4);
      assert_true(set.labels[i] < LS_CLOCK_FACES_HOURS && minute < 59.5);
      size_t time = set.labels[i] * 60u + (size_t)rint(minute);
      assert_int_equal(seen[time]++, 0);
      in_place += time == i - first;
    }
  }
  assert_true(in_place < 20); /* in random order */
  ls_image_set_clear(&set);
}

/* How much darker images are on one side of the middle than on the other, in the direction of an
 * angle (in degrees clockwise from 12), at that distance in parts of half the size. */
static double darkness(const double *sum, double degrees, double distance) {
  double angle = degrees * acos(-1) / 180, reach = distance * SIZE / 2, sides[2];
  for (int side = 0; side < 2; side++) {
    double sign = side ? -1 : 1, x = SIZE / 2.0 + sign * reach * sin(angle);
    double y = SIZE / 2.0 - sign * reach * cos(angle);
    sides[side] = sum[(size_t)y * SIZE + (size_t)x];
  }
  return sides[1] - sides[0];
}

/* Adds up the images that `target` picks out, and looks where they are darkest. */
static double find_hand(const ls_image_set *set, bool minute_hand, int wanted, double distance) {
  static double sum[PIXELS];
  memset(sum, 0, sizeof sum);
  for (size_t i = 0; i < set->count; i++) {
    int minute = (int)rint((double)set->values[i] * 60), time = set->labels[i] * 60 + minute;
    if ((minute_hand ? minute : time / 10) != wanted) continue;
    for (size_t p = 0; p < PIXELS; p++) sum[p] += set->pixels[i * PIXELS + p];
  }
  double best = 0, found = 0;
  for (double degrees = 0; degrees < 360; degrees += 5) {
    double here = 0; /* of a bundle of directions, against the noise */
    for (int k = -2; k <= 2; k++) here += darkness(sum, degrees + 4 * k, distance);
    if (here > best) {
      best = here;
      found = degrees;
    }
  }
  return found;
}

static void expect_direction(double found, double expected) {
  double off = fabs(remainder(found - expected, 360));
  if (off > 20) fail_msg("a hand points to %g degrees (expected %g)", found, expected);
}

/* Without rotation the hands of all images of a minute, or of ten minutes in a row, point about the
 * same way: outside the hour hand's reach only the minute hand is seen. */
static void hands(void **state) {
  (void)state;
  ls_image_set set = draw(3, 0, LS_CLOCK_FACES_TRAIN, 6 * LS_CLOCK_FACES_TIMES);
  for (int minute = 0; minute < 60; minute += 7) {
    expect_direction(find_hand(&set, true, minute, 0.48), 6 * minute);
  }
  for (int part = 0; part < 72; part += 7) {
    expect_direction(find_hand(&set, false, part, 0.2), 5 * part + 2.5);
  }
  ls_image_set_clear(&set);
}

/* Every image has light and dark, and something of the dial in all its quarters. */
static void visible(void **state) {
  (void)state;
  ls_image_set set = draw(2, 180, LS_CLOCK_FACES_TEST, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    uint8_t least[4] = {255, 255, 255, 255}, most[4] = {0};
    for (size_t p = 0; p < PIXELS; p++) {
      size_t quarter = 2 * (p / SIZE >= SIZE / 2) + (p % SIZE >= SIZE / 2);
      uint8_t value = set.pixels[i * PIXELS + p];
      if (value < least[quarter]) least[quarter] = value;
      if (value > most[quarter]) most[quarter] = value;
    }
    for (int q = 0; q < 4; q++) assert_true(most[q] - least[q] > 40);
  }
  ls_image_set_clear(&set);
}

static void none(void **state) {
  (void)state;
  ls_image_set set = draw(1, 15, LS_CLOCK_FACES_TEST, 0);
  ls_image_set_clear(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dependence), cmocka_unit_test(balance), cmocka_unit_test(hands),
      cmocka_unit_test(visible),    cmocka_unit_test(none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
