/* zeros, ones, constant. */
#include "nn/families.h"

typedef struct constant_args {
  double value;
} constant_args;

static const ls_arg args[] = {{NULL}};
static const ls_arg constant_table[] = {
    {"value", LS_ARG_REAL, offsetof(constant_args, value), "0", "the value"},
    {NULL},
};

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

static void fill_constant(const void *a, const ls_init *init, size_t count, ls_real *values) {
  (void)init;
  fill(count, values, (ls_real)((const constant_args *)a)->value);
}

const ls_initializer_type ls_initializer_zeros = {{"zeros", "all 0", 0, args}, fill_zeros};
const ls_initializer_type ls_initializer_ones = {{"ones", "all 1", 0, args}, fill_ones};
const ls_initializer_type ls_initializer_constant = {
    {"constant", "the same value for all elements", sizeof(constant_args), constant_table},
    fill_constant};
