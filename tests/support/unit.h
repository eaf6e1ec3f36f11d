/* cmocka with the headers it wants before it, and comparisons of real numbers. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/memory.h"
#include "lockstep/error.h"
#include "lockstep/types.h"

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

/* Fails, with the expected value, if `value` differs by more than `bound` or is not a number. */
static inline void expect_near(double value, double expected, double bound) {
  if (fabs(value - expected) <= bound) return;
  fail_msg("got %.17g, expected %.17g within %g", value, expected, bound);
}

/* ls_new that cannot fail. */
static inline void *new_array(size_t count, size_t size) {
  void *memory = ls_new(count, size);
  assert_non_null(memory);
  return memory;
}

#endif
