/* The tables of tests/reference/embed.txt, and all ranks in one process. */
#ifndef TEST_EMBED_REFERENCE_H
#define TEST_EMBED_REFERENCE_H

#include "../data/team.h"
#include "study/embed/projection.h"

#include <stdio.h>

enum { SAMPLES = 120, FEATURES = 9, CLASSES = 4 }; /* of make_embed.py */

/* Reads the table of that name, to be freed. */
static inline double *read_table(const char *wanted, size_t rows, size_t columns) {
  FILE *file = fopen("tests/reference/embed.txt", "r");
  if (!file) fail_msg("no tests/reference/embed.txt (run this in the project's folder)");
  char name[32];
  size_t height = 0, width = 0;
  while (fscanf(file, "%31s %zu %zu", name, &height, &width) == 3) {
    double *table = new_array(height * width, sizeof *table);
    for (size_t i = 0; i < height * width; i++) {
      assert_int_equal(fscanf(file, "%lf", &table[i]), 1);
    }
    if (strcmp(name, wanted) == 0) {
      assert_true(height == rows && width == columns);
      fclose(file);
      return table;
    }
    free(table);
  }
  fail_msg("embed.txt has no %s", wanted);
  return NULL;
}

/* A table as samples. */
static inline ls_embed_input read_input(const char *name, size_t samples, size_t features) {
  double *table = read_table(name, samples, features);
  ls_real *x = new_array(samples * features, sizeof *x);
  for (size_t i = 0; i < samples * features; i++) x[i] = (ls_real)table[i];
  free(table);
  return (ls_embed_input){samples, features, x};
}

static inline void expect_all_near(size_t count, const double *values, const double *expected,
                                   double bound) {
  for (size_t i = 0; i < count; i++) expect_near(values[i], expected[i], bound);
}

/* Samples that no two calls need to have in common: a lattice without symmetry. */
static inline ls_embed_input make_input(size_t samples, size_t features) {
  ls_real *x = new_array(samples * features, sizeof *x);
  for (size_t i = 0; i < samples * features; i++) {
    x[i] = (ls_real)((double)(i * 2654435761U % 10007) / 10007);
  }
  return (ls_embed_input){samples, features, x};
}

#endif
