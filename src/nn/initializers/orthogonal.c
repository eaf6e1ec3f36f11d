/* orthogonal: a random matrix with orthonormal columns (rows, if it has fewer of these), times
 * gain; all dimensions but the last count as rows. Saxe et al. 2014.
 *
 * As in Keras a normal matrix is orthonormalised with positive diagonal of R, which makes all
 * rotations equally likely. It is done in place by modified Gram-Schmidt, whose R is so by itself;
 * twice, after which the rest is rounding (Giraud, Langou, Rozloznik 2005). A vector, which Keras
 * refuses, becomes one of length gain. */
#include "nn/initializers/draws.h"

#include <math.h>

typedef struct orthogonal_args {
  double gain;
} orthogonal_args;

static const ls_arg args[] = {
    {"gain", LS_ARG_REAL, offsetof(orthogonal_args, gain), "1", "factor"},
    {NULL},
};

/* Makes column k one of length 1 and takes its part out of the later columns, of which BLOCK at a
 * time: rows are what is contiguous. */
static void clear_column(size_t rows, size_t columns, size_t k, ls_real *a) {
  enum { BLOCK = 256 };
  double square = 0;
  for (size_t i = 0; i < rows; i++)
    square += (double)a[i * columns + k] * (double)a[i * columns + k];
  for (size_t i = 0; i < rows; i++) a[i * columns + k] /= (ls_real)sqrt(square);
  for (size_t first = k + 1; first < columns; first += BLOCK) {
    size_t n = columns - first < BLOCK ? columns - first : BLOCK;
    ls_real part[BLOCK] = {0};
    for (size_t i = 0; i < rows; i++) {
      const ls_real *row = a + i * columns + first, own = a[i * columns + k];
      for (size_t j = 0; j < n; j++) part[j] += own * row[j];
    }
    for (size_t i = 0; i < rows; i++) {
      ls_real *row = a + i * columns + first, own = a[i * columns + k];
      for (size_t j = 0; j < n; j++) row[j] -= own * part[j];
    }
  }
}

static double dot(size_t count, const ls_real *a, const ls_real *b) {
  enum { LANES = 16 };
  double lanes[LANES] = {0}, sum = 0;
  size_t whole = count - count % LANES;
  for (size_t i = 0; i < whole; i += LANES) {
    for (size_t k = 0; k < LANES; k++) lanes[k] += (double)a[i + k] * (double)b[i + k];
  }
  for (size_t i = whole; i < count; i++) sum += (double)a[i] * (double)b[i];
  for (size_t k = 0; k < LANES; k++) sum += lanes[k];
  return sum;
}

/* The same for row k. */
static void clear_row(size_t rows, size_t columns, size_t k, ls_real *a) {
  ls_real *own = a + k * columns, length = (ls_real)sqrt(dot(columns, own, own));
  for (size_t j = 0; j < columns; j++) own[j] /= length;
  for (size_t i = k + 1; i < rows; i++) {
    ls_real *row = a + i * columns, part = (ls_real)dot(columns, own, row);
    for (size_t j = 0; j < columns; j++) row[j] -= own[j] * part;
  }
}

static void fill(const void *a, const ls_init *init, size_t count, ls_real *values) {
  const ls_real gain = (ls_real)((const orthogonal_args *)a)->gain;
  size_t columns = (size_t)init->shape.extent[init->shape.rank - 1], rows = count / columns;
  ls_random_normal(draw_stream(init), 0, count, values);
  for (int pass = 0; pass < 2; pass++) {
    if (rows < columns) {
      for (size_t k = 0; k < rows; k++) clear_row(rows, columns, k, values);
    } else {
      for (size_t k = 0; k < columns; k++) clear_column(rows, columns, k, values);
    }
  }
  for (size_t i = 0; i < count; i++) values[i] *= gain;
}

const ls_initializer_type ls_initializer_orthogonal = {
    {"orthogonal", "orthonormal rows or columns, times gain", sizeof(orthogonal_args), args}, fill};
