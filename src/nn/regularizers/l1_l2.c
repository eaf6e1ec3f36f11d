/* l1, l2 and l1_l2: Keras's regularizers L1, L2 and L1L2, with Keras's default factors. */
#include "nn/families.h"

typedef struct factor_args {
  double factor;
} factor_args;

typedef struct both_args {
  double l1, l2;
} both_args;

#define FACTOR(name, offset, fallback, purpose)                                                    \
  { name, LS_ARG_REAL, offset, fallback, purpose, 0, 1e30, LS_MORE_IS_SIMPLER }

static const ls_arg l1_args[] = {
    FACTOR("l1", offsetof(factor_args, factor), "0.01", "factor of sum |w|"), {NULL}};
static const ls_arg l2_args[] = {
    FACTOR("l2", offsetof(factor_args, factor), "0.01", "factor of sum w^2"), {NULL}};
static const ls_arg both[] = {FACTOR("l1", offsetof(both_args, l1), "0", "factor of sum |w|"),
                              FACTOR("l2", offsetof(both_args, l2), "0", "factor of sum w^2"),
                              {NULL}};

static ls_penalty l1_penalty(const void *args) {
  return (ls_penalty){.l1 = ((const factor_args *)args)->factor};
}

static ls_penalty l2_penalty(const void *args) {
  return (ls_penalty){.l2 = ((const factor_args *)args)->factor};
}

static ls_penalty both_penalty(const void *args) {
  const both_args *a = args;
  return (ls_penalty){a->l1, a->l2};
}

const ls_regularizer_type ls_regularizer_l1 = {{"l1", "l1 * sum |w|", sizeof(factor_args), l1_args},
                                               l1_penalty};
const ls_regularizer_type ls_regularizer_l2 = {{"l2", "l2 * sum w^2", sizeof(factor_args), l2_args},
                                               l2_penalty};
const ls_regularizer_type ls_regularizer_l1_l2 = {
    {"l1_l2", "l1 * sum |w| + l2 * sum w^2", sizeof(both_args), both}, both_penalty};
