/* Distributions by their quantile functions, which a random number and a coordinate of the Sobol
 * sequence go through alike. */
#include "job/distributions.h"

#include "base/elementary.h"

#include <math.h>
#include <stdio.h>

enum { DIGITS = 6, MOST_DIGITS = 15 };

/* The digits that distinguish a million values in a range of this width around numbers of size
 * `largest`. */
static int digits_for(double largest, double width) {
  int digits = DIGITS;
  for (; digits < MOST_DIGITS && largest > width; digits++) width *= 10;
  return digits;
}

/* ---- Between two bounds ---------------------------------------------------------------------- */

typedef struct bounds_args {
  double low, high;
} bounds_args;

static const char *check_bounds(const void *args) {
  const bounds_args *a = args;
  return a->low < a->high ? NULL : "has no values (expected low < high)";
}

static double clamp(const bounds_args *a, double value) {
  return value < a->low ? a->low : value > a->high ? a->high : value;
}

static double uniform_quantile(const void *args, double u) {
  const bounds_args *a = args;
  return clamp(a, a->low * (1 - u) + a->high * u);
}

static int uniform_digits(const void *args) {
  const bounds_args *a = args;
  return digits_for(fmax(fabs(a->low), fabs(a->high)), a->high - a->low);
}

static const ls_arg uniform_table[] = {
    {"low", LS_ARG_REAL, offsetof(bounds_args, low), NULL, "lower bound"},
    {"high", LS_ARG_REAL, offsetof(bounds_args, high), NULL, "upper bound"},
    {NULL},
};

static const ls_distribution uniform = {{"uniform",
                                         "all numbers between two bounds are equally likely",
                                         sizeof(bounds_args), uniform_table, check_bounds},
                                        uniform_quantile,
                                        uniform_digits,
                                        false};

static double log_uniform_quantile(const void *args, double u) {
  const bounds_args *a = args;
  double low = ls_logarithm(a->low), high = ls_logarithm(a->high);
  return clamp(a, ls_exponential(low * (1 - u) + high * u));
}

static int log_uniform_digits(const void *args) {
  const bounds_args *a = args;
  return digits_for(a->low, a->high - a->low);
}

static const ls_arg log_uniform_table[] = {
    {"low", LS_ARG_REAL, offsetof(bounds_args, low), NULL, "lower bound", .min = 0, .max = INFINITY,
     .flags = LS_ABOVE_MIN},
    {"high", LS_ARG_REAL, offsetof(bounds_args, high), NULL, "upper bound", .min = 0,
     .max = INFINITY, .flags = LS_ABOVE_MIN},
    {NULL},
};

static const ls_distribution log_uniform = {
    {"log_uniform", "the logarithm is uniform: every factor is equally likely", sizeof(bounds_args),
     log_uniform_table, check_bounds},
    log_uniform_quantile,
    log_uniform_digits,
    true};

/* ---- Integers -------------------------------------------------------------------------------- */

enum { LARGEST_INTEGER = 1000000000 };

typedef struct int_uniform_args {
  int64_t low, high;
} int_uniform_args;

static const char *check_int_uniform(const void *args) {
  const int_uniform_args *a = args;
  return a->low <= a->high ? NULL : "has no values (expected low <= high)";
}

static double int_uniform_quantile(const void *args, double u) {
  const int_uniform_args *a = args;
  double value = (double)a->low + floor(u * (double)(a->high - a->low + 1));
  return value > (double)a->high ? (double)a->high : value;
}

static int int_uniform_digits(const void *args) {
  (void)args;
  return MOST_DIGITS;
}

static const ls_arg int_uniform_table[] = {
    {"low", LS_ARG_INTEGER, offsetof(int_uniform_args, low), NULL, "least value",
     .min = -LARGEST_INTEGER, .max = LARGEST_INTEGER},
    {"high", LS_ARG_INTEGER, offsetof(int_uniform_args, high), NULL, "largest value",
     .min = -LARGEST_INTEGER, .max = LARGEST_INTEGER},
    {NULL},
};

static const ls_distribution int_uniform = {
    {"int_uniform", "all integers between two bounds, these included, are equally likely",
     sizeof(int_uniform_args), int_uniform_table, check_int_uniform},
    int_uniform_quantile,
    int_uniform_digits,
    false};

/* ---- Normal ---------------------------------------------------------------------------------- */

typedef struct normal_args {
  double mean, stddev;
} normal_args;

/* c[0] + c[1] x + ... + c[7] x^7. */
static double polynomial(const double c[8], double x) {
  double sum = c[7];
  for (int i = 6; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

/* The standard normal quantile: algorithm AS 241 (PPND16) of Wichura, Applied Statistics 37
 * (1988). */
static double standard_normal(double u) {
  static const double near[2][8] = {
      {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
       45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
      {1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
       21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}};
  static const double far[2][8] = {
      {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
       3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
       0.0227238449892691845833, 0.000774545014278341407640},
      {1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
       0.148103976427480074590, 0.0151986665636164571966, 0.000547593808499534494600,
       1.05075007164441684324e-9}};
  static const double tail[2][8] = {
      {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
       0.296560571828504891230, 0.0265321895265761230930, 0.00124266094738807843860,
       0.0000271155556874348757815, 2.01033439929228813265e-7},
      {1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
       0.000786869131145613259100, 0.0000184631831751005468180, 1.42151175831644588870e-7,
       2.04426310338993978564e-15}};
  double q = u - 0.5;
  if (fabs(q) <= 0.425) {
    double r = 0.180625 - q * q;
    return q * polynomial(near[0], r) / polynomial(near[1], r);
  }
  double r = sqrt(-ls_logarithm(q < 0 ? u : 1 - u));
  const double(*c)[8] = r <= 5 ? far : tail;
  r -= r <= 5 ? 1.6 : 5;
  double size = polynomial(c[0], r) / polynomial(c[1], r);
  return q < 0 ? -size : size;
}

static double normal_quantile(const void *args, double u) {
  const normal_args *a = args;
  return a->mean + a->stddev * standard_normal(u);
}

static int normal_digits(const void *args) {
  const normal_args *a = args;
  return digits_for(fabs(a->mean), a->stddev);
}

static const ls_arg normal_table[] = {
    {"mean", LS_ARG_REAL, offsetof(normal_args, mean), "0", "mean"},
    {"stddev", LS_ARG_REAL, offsetof(normal_args, stddev), "1", "standard deviation", .min = 0,
     .max = INFINITY, .flags = LS_ABOVE_MIN},
    {NULL},
};

static const ls_distribution normal = {
    {"normal", "normal distribution", sizeof(normal_args), normal_table, NULL},
    normal_quantile,
    normal_digits,
    false};

/* ---- The family ------------------------------------------------------------------------------ */

static const ls_component *const members[] = {&uniform.component, &log_uniform.component,
                                              &int_uniform.component, &normal.component};

const ls_family ls_distributions = {"distribution", members, sizeof members / sizeof *members,
                                    "Values of sweep variables are drawn from these, and rounded "
                                    "to six significant digits, or to as "
                                    "many as distinguish a million values",
                                    false};

void ls_distribution_draw(char text[LS_DRAWN_TEXT], const ls_distribution *type, const void *args,
                          double u) {
  double value = type->quantile(args, u);
  snprintf(text, LS_DRAWN_TEXT, "%.*g", type->digits(args), value == 0 ? 0 : value);
}
