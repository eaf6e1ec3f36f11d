/* Which samples are for testing. Within a stratum, exactly as many samples as decided are selected,
 * each set of them with the same probability: D. E. Knuth, "The Art of Computer Programming",
 * vol. 2, 3.4.2, algorithm S. */
#include "prepare/holdout.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int holdout_create(holdout **out, double fraction, uint64_t seed, size_t strata, bool by_group) {
  holdout *h = ls_new(1, sizeof *h);
  *out = h;
  if (!h) return LS_FAILED;
  *h = (holdout){.fraction = fraction, .seed = seed, .by_group = by_group, .strata = strata};
  h->counts = ls_new(strata, sizeof *h->counts);
  h->tests = ls_new(strata, sizeof *h->tests);
  h->left = ls_new(strata, sizeof *h->left);
  h->left_tests = ls_new(strata, sizeof *h->left_tests);
  if (h->counts && h->tests && h->left && h->left_tests) return LS_OK;
  holdout_free(out);
  return LS_FAILED;
}

void holdout_count(holdout *h, size_t stratum, size_t count) {
  h->counts[stratum] += count;
}

/* Takes groups in random order, each if the test part then is nearer to its size. */
static int decide_groups(holdout *h, double target) {
  uint32_t *order = ls_new(h->strata, sizeof *order);
  if (!order) return LS_FAILED;
  ls_random_permutation((ls_stream){h->seed, LS_RANDOM_SPLIT, 0, 0, 0}, h->strata, order);
  double taken = 0;
  for (size_t i = 0; i < h->strata; i++) {
    double with = taken + (double)h->counts[order[i]];
    if (fabs(with - target) >= fabs(taken - target)) continue;
    h->tests[order[i]] = h->counts[order[i]];
    taken = with;
  }
  free(order);
  return LS_OK;
}

/* Takes the fraction of each stratum, rounded such that the sum is right (largest remainders). */
static void decide_strata(holdout *h, size_t total) {
  size_t target = (size_t)floor(h->fraction * (double)total + 0.5);
  for (size_t i = 0; i < h->strata; i++) {
    h->tests[i] = (size_t)floor(h->fraction * (double)h->counts[i]);
    target -= target < h->tests[i] ? target : h->tests[i];
  }
  for (; target > 0; target--) {
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < h->strata; i++) {
      double rest = h->fraction * (double)h->counts[i] - (double)h->tests[i];
      if (rest > most) most = rest, best = i;
    }
    h->tests[best]++;
  }
}

int holdout_decide(holdout *h, const char *path) {
  size_t sizes[2], total = 0;
  int status = LS_OK;
  for (size_t i = 0; i < h->strata; i++) total += h->counts[i];
  if (h->by_group) {
    status = decide_groups(h, h->fraction * (double)total);
  } else {
    decide_strata(h, total);
  }
  if (status != LS_OK) return status;
  holdout_sizes(h, sizes);
  holdout_restart(h);
  if (h->fraction == 0 || (sizes[0] > 0 && sizes[1] > 0)) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: a fraction of %g of its %zu samples leaves %zu for training and %zu for "
                 "testing (expected at least one for each)",
                 path, h->fraction, total, sizes[0], sizes[1]);
}

void holdout_sizes(const holdout *h, size_t sizes[2]) {
  sizes[0] = sizes[1] = 0;
  for (size_t i = 0; i < h->strata; i++) {
    sizes[0] += h->counts[i] - h->tests[i];
    sizes[1] += h->tests[i];
  }
}

void holdout_restart(holdout *h) {
  memcpy(h->left, h->counts, h->strata * sizeof *h->left);
  memcpy(h->left_tests, h->tests, h->strata * sizeof *h->left_tests);
  h->assigned = 0;
}

size_t holdout_assign(holdout *h, size_t stratum) {
  uint32_t bits[2];
  ls_random_bits((ls_stream){h->seed, LS_RANDOM_SPLIT, 1, 0, 0}, 2 * h->assigned++, 2, bits);
  double u = ((double)bits[0] + (double)bits[1] / 4294967296.0) / 4294967296.0;
  size_t test = u * (double)h->left[stratum] < (double)h->left_tests[stratum];
  h->left[stratum]--;
  h->left_tests[stratum] -= test;
  return test;
}

void holdout_free(holdout **h) {
  if (!*h) return;
  free((*h)->counts);
  free((*h)->tests);
  free((*h)->left);
  free((*h)->left_tests);
  free(*h);
  *h = NULL;
}
