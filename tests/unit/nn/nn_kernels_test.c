/* The matrix products of every instruction set that this processor has: each element is one chain
 * of fused multiply-adds, to the bit. */
#include "kernel_lists.h"
#include "unit.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const ls_kernels *const exact[] = {
#if defined(__x86_64__)
    &ls_kernels_x86_64_v4,
#endif
    &ls_kernels_of_build};

/* Numbers from -0.5 to 0.5 with many digits. */
static ls_real *make_values(size_t count, unsigned seed) {
  ls_real *values = malloc((count + 1) * sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < count; i++) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (ls_real)(seed >> 8) / (1 << 24) - (ls_real)0.5;
  }
  return values;
}

/* One element by definition. */
static ls_real chain(const ls_product *p, const ls_real *a, const ls_real *b, ls_real sum, size_t i,
                     size_t j) {
  for (size_t k = 0; k < p->k; k++) {
    ls_real x = p->a_transposed ? a[k * p->m + i] : a[i * p->k + k];
    ls_real y = p->b_transposed ? b[j * p->k + k] : b[k * p->n + j];
#ifdef LS_DOUBLE
    sum = fma(x, y, sum);
#else
    sum = fmaf(x, y, sum);
#endif
  }
  return sum;
}

static void expect_chains(const ls_kernels *kernels, ls_product p) {
  ls_real *a = make_values(p.m * p.k, 1), *b = make_values(p.k * p.n, 2);
  ls_real *c = make_values(p.m * p.n, 3), *before = make_values(p.m * p.n, 3);
  kernels->multiply(&p, a, b, c);
  for (size_t i = 0; i < p.m; i++) {
    for (size_t j = 0; j < p.n; j++) {
      ls_real expected = chain(&p, a, b, p.adds ? before[i * p.n + j] : 0, i, j);
      if (memcmp(&c[i * p.n + j], &expected, sizeof expected) != 0) {
        fail_msg("%s: %zu x %zu x %zu%s%s%s: [%zu, %zu] is %a (expected %a)", kernels->name, p.m,
                 p.n, p.k, p.a_transposed ? ", a transposed" : "",
                 p.b_transposed ? ", b transposed" : "", p.adds ? ", adds" : "", i, j,
                 (double)c[i * p.n + j], (double)expected);
      }
    }
  }
  free(a);
  free(b);
  free(c);
  free(before);
}

static void expect_all_variants(const ls_kernels *kernels, size_t m, size_t n, size_t k) {
  for (int variant = 0; variant < 8; variant++) {
    expect_chains(kernels, (ls_product){.m = m,
                                        .n = n,
                                        .k = k,
                                        .a_transposed = variant & 1,
                                        .b_transposed = variant & 2,
                                        .adds = variant & 4});
  }
}

/* Tiles that are cut in every direction, none at all, and sums longer than a panel is deep. */
static void every_shape(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof exact / sizeof *exact; e++) {
    if (!exact[e]->supported()) continue;
    for (size_t m = 1; m <= 27; m++) expect_all_variants(exact[e], m, 40, 7);
    for (size_t n = 1; n <= 70; n++) expect_all_variants(exact[e], 14, n, 6);
    for (size_t k = 0; k <= 19; k++) expect_all_variants(exact[e], 13, 33, k);
    expect_all_variants(exact[e], 25, 35, 1300);
    expect_all_variants(exact[e], 14, 170, 600);
    expect_all_variants(exact[e], 1, 100, 1100);
  }
}

/* Rows of a that collide in the caches are copied, in two blocks. */
static void colliding_rows(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof exact / sizeof *exact; e++) {
    if (!exact[e]->supported()) continue;
    expect_chains(exact[e], (ls_product){.m = 134, .n = 130, .k = 1024});
    expect_chains(exact[e], (ls_product){.m = 14, .n = 150, .k = 1024, .b_transposed = true});
    expect_chains(exact[e], (ls_product){.m = 1024, .n = 130, .k = 9, .a_transposed = true});
  }
}

/* The same bits as by a copy of the matrix, to which the bias is added. Places of rows and columns
 * overlap, as in patches of an image. */
static void expect_indexed(const ls_kernels *kernels, ls_product p, bool biased) {
  enum { ROW = 3, COLUMN = 2 };
  uint32_t *places = malloc((p.m + p.k) * sizeof *places);
  ls_real *base = make_values(ROW * p.m + COLUMN * p.k, 1), *a = make_values(p.m * p.k, 1);
  ls_real *b = make_values(p.k * p.n, 2), *bias = make_values(p.n, 4);
  ls_real *c = make_values(p.m * p.n, 3), *expected = make_values(p.m * p.n, 3);
  assert_non_null(places);
  for (size_t i = 0; i < p.m; i++) places[i] = (uint32_t)(ROW * (p.m - 1 - i));
  for (size_t k = 0; k < p.k; k++) places[p.m + k] = (uint32_t)(COLUMN * k);
  for (size_t i = 0; i < p.m * p.k; i++) a[i] = base[places[i / p.k] + places[p.m + i % p.k]];
  const ls_indexed indexed = {.base = base, .row = places, .column = places + p.m};
  kernels->multiply_indexed(&p, &indexed, b, biased ? bias : NULL, c);
  kernels->multiply(&p, a, b, expected);
  for (size_t i = 0; biased && i < p.m * p.n; i++) expected[i] += bias[i % p.n];
  if (memcmp(c, expected, p.m * p.n * sizeof *c) != 0) {
    fail_msg("%s: %zu x %zu x %zu%s%s differs from a copied matrix", kernels->name, p.m, p.n, p.k,
             p.adds ? ", adds" : "", biased ? ", biased" : "");
  }
  free(places);
  free(base);
  free(a);
  free(b);
  free(bias);
  free(c);
  free(expected);
}

/* Tiles that are cut in every direction, and sums longer than a panel is deep. */
static void indexed_matrices(void **state) {
  (void)state;
  static const size_t deep[][3] = {{25, 35, 1300}, {14, 170, 600}, {200, 170, 20}, {1, 100, 1100}};
  for (size_t e = 0; e < sizeof exact / sizeof *exact; e++) {
    if (!exact[e]->supported()) continue;
    for (int variant = 0; variant < 4; variant++) {
      const bool adds = variant & 1, biased = variant & 2;
      for (size_t m = 1; m <= 27; m++)
        expect_indexed(exact[e], (ls_product){m, 40, 7, .adds = adds}, biased);
      for (size_t n = 1; n <= 70; n++)
        expect_indexed(exact[e], (ls_product){14, n, 6, .adds = adds}, biased);
      for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        const ls_product p = {deep[i][0], deep[i][1], deep[i][2], .adds = adds};
        expect_indexed(exact[e], p, biased);
      }
    }
  }
}

#ifndef LS_DOUBLE

/* Rounded to 8 significant bits. */
static double rounded(ls_real x) {
  int exponent;
  const double mantissa = frexp((double)x, &exponent);
  return ldexp(nearbyint(ldexp(mantissa, 8)), exponent - 8);
}

static void expect_rounded(const ls_kernels *kernels, ls_product p) {
  ls_real *a = make_values(p.m * p.k, 1), *b = make_values(p.k * p.n, 2);
  ls_real *c = make_values(p.m * p.n, 3), *before = make_values(p.m * p.n, 3);
  kernels->multiply(&p, a, b, c);
  for (size_t i = 0; i < p.m; i++) {
    for (size_t j = 0; j < p.n; j++) {
      double sum = p.adds ? (double)before[i * p.n + j] : 0;
      for (size_t k = 0; k < p.k; k++) {
        sum += rounded(p.a_transposed ? a[k * p.m + i] : a[i * p.k + k]) *
               rounded(p.b_transposed ? b[j * p.k + k] : b[k * p.n + j]);
      }
      assert_true(fabs((double)c[i * p.n + j] - sum) < 1e-6 + 1e-8 * (double)p.k);
    }
  }
  free(a);
  free(b);
  free(c);
  free(before);
}

/* Operands rounded to bfloat16, sums in float: with odd and even k, cut tiles, several panels,
 * blocks of rows, and more of k than a panel has. */
static void bfloat16(void **state) {
  (void)state;
  static const size_t shapes[][3] = {
      {1, 1, 1}, {13, 33, 7}, {140, 150, 10}, {3, 20, 0}, {5, 17, 2100}};
  const ls_kernels *const all[] = {
#if defined(__x86_64__)
    &ls_kernels_x86_64_bf16,
#endif
    &ls_kernels_bfloat16_of_build
  };
  for (size_t e = 0; e < sizeof all / sizeof *all; e++) {
    for (size_t i = 0; all[e]->supported() && i < sizeof shapes / sizeof *shapes; i++) {
      for (int variant = 0; variant < 8; variant++) {
        expect_rounded(all[e], (ls_product){.m = shapes[i][0],
                                            .n = shapes[i][1],
                                            .k = shapes[i][2],
                                            .a_transposed = variant & 1,
                                            .b_transposed = variant & 2,
                                            .adds = variant & 4});
      }
    }
  }
}

#endif

/* Rows are independent: four parts of a matrix give the bits of the whole. */
static void parts_of_rows(void **state) {
  (void)state;
  const ls_product whole = {.m = 128, .n = 50, .k = 300};
  ls_real *a = make_values(whole.m * whole.k, 1), *b = make_values(whole.k * whole.n, 2);
  ls_real *c = make_values(whole.m * whole.n, 3), *parts = make_values(whole.m * whole.n, 4);
  ls_kernels_default()->multiply(&whole, a, b, c);
  for (size_t first = 0; first < whole.m; first += 32) {
    ls_product part = whole;
    part.m = 32;
    ls_kernels_default()->multiply(&part, a + first * whole.k, b, parts + first * whole.n);
  }
  assert_memory_equal(c, parts, whole.m * whole.n * sizeof *c);
  free(a);
  free(b);
  free(c);
  free(parts);
}

/* Computes columns first .. first + columns - 1 alone: these have the bits of the whole product,
 * and nothing else is written. */
static void expect_columns(const ls_kernels *kernels, ls_product p, size_t first, size_t columns) {
  ls_real *a = make_values(p.m * p.k, 1), *b = make_values(p.k * p.n, 2);
  ls_real *whole = make_values(p.m * p.n, 3), *part = make_values(p.m * p.n, 3);
  ls_real *before = make_values(p.m * p.n, 3);
  kernels->multiply(&p, a, b, whole);
  p.first_column = first;
  p.columns = columns;
  kernels->multiply(&p, a, b, part);
  for (size_t i = 0; i < p.m * p.n; i++) {
    const bool computed = i % p.n >= first && i % p.n < first + columns;
    assert_memory_equal(&part[i], computed ? &whole[i] : &before[i], sizeof *part);
  }
  free(a);
  free(b);
  free(whole);
  free(part);
  free(before);
}

static void some_columns(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof own_kernels / sizeof *own_kernels; e++) {
    for (int variant = 0; own_kernels[e]->supported() && variant < 8; variant++) {
      ls_product p = {.m = 30,
                      .n = 300,
                      .k = 1024,
                      .a_transposed = variant & 1,
                      .b_transposed = variant & 2,
                      .adds = variant & 4};
      expect_columns(own_kernels[e], p, 0, 70);
      expect_columns(own_kernels[e], p, 64, 160);
      p.m = 140;
      expect_columns(own_kernels[e], p, 96, 204);
    }
  }
}

static void chosen_by_name(void **state) {
  (void)state;
  setenv("LOCKSTEP_ISA", ls_kernels_of_build.name, 1);
  assert_int_equal(ls_kernels_check(), LS_OK);
  assert_string_equal(ls_kernels_default()->name, ls_kernels_of_build.name);
  setenv("LOCKSTEP_ISA", "z80", 1);
  assert_int_equal(ls_kernels_check(), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "LOCKSTEP_ISA: 'z80' is no instruction set"));
  unsetenv("LOCKSTEP_ISA");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_shape),      cmocka_unit_test(colliding_rows),
      cmocka_unit_test(indexed_matrices),
#ifndef LS_DOUBLE
      cmocka_unit_test(bfloat16),
#endif
      cmocka_unit_test(parts_of_rows),    cmocka_unit_test(some_columns),
      cmocka_unit_test(chosen_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
