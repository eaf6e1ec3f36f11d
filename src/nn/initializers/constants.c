/* zeros, ones. */
#include "lockstep/layer.h"

static const ls_arg args[] = {{NULL}};

static void fill(size_t count, ls_real *values, ls_real value) {
  for (size_t i = 0; i < count; i++) values[i] = value;
}

static void fill_zeros(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a, (void)init;
  fill(count, values, 0);
}

static void fill_ones(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)a, (void)init;
  fill(count, values, 1);
}

const ls_initializer_type ls_initializer_zeros = {{"zeros", "all 0", 0, args}, fill_zeros};
const ls_initializer_type ls_initializer_ones = {{"ones", "all 1", 0, args}, fill_ones};
