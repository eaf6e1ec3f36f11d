/* random_normal, random_uniform, truncated_normal: numbers of a given distribution, whatever the
 * fans. Those of truncated_normal are cut at two standard deviations, which leaves 0.88 stddev of
 * them, as in Keras. */
#include "nn/initializers/draws.h"

typedef struct normal_args {
  double mean, stddev;
} normal_args;

typedef struct uniform_args {
  double minval, maxval;
} uniform_args;

static const ls_arg normal_table[] = {
    {"mean", LS_ARG_REAL, offsetof(normal_args, mean), "0", "mean"},
    {"stddev", LS_ARG_REAL, offsetof(normal_args, stddev), "0.05",
     "standard deviation, before truncation", .min = 0, .max = 1e30},
    {NULL},
};

static const ls_arg uniform_table[] = {
    {"minval", LS_ARG_REAL, offsetof(uniform_args, minval), "-0.05", "lower end"},
    {"maxval", LS_ARG_REAL, offsetof(uniform_args, maxval), "0.05", "upper end"},
    {NULL},
};

static void stretch(const normal_args *a, size_t count, ls_real *values) {
  const ls_real mean = (ls_real)a->mean, stddev = (ls_real)a->stddev;
  for (size_t i = 0; i < count; i++) values[i] = mean + stddev * values[i];
}

static void random_normal(const void *a, const ls_init *init, size_t count, ls_real *values) {
  ls_random_normal(draw_stream(init), 0, count, values);
  stretch(a, count, values);
}

static void truncated_normal(const void *a, const ls_init *init, size_t count, ls_real *values) {
  draw_cut_normal(init, count, values);
  stretch(a, count, values);
}

static void random_uniform(const void *args, const ls_init *init, size_t count, ls_real *values) {
  const uniform_args *a = args;
  const ls_real low = (ls_real)a->minval, width = (ls_real)(a->maxval - a->minval);
  ls_random_uniform(draw_stream(init), 0, count, values);
  for (size_t i = 0; i < count; i++) values[i] = low + width * values[i];
}

const ls_initializer_type ls_initializer_random_normal = {
    {"random_normal", "normal", sizeof(normal_args), normal_table}, random_normal};
const ls_initializer_type ls_initializer_random_uniform = {
    {"random_uniform", "uniform from minval to maxval", sizeof(uniform_args), uniform_table},
    random_uniform};
const ls_initializer_type ls_initializer_truncated_normal = {
    {"truncated_normal", "normal, truncated at two standard deviations", sizeof(normal_args),
     normal_table},
    truncated_normal};
