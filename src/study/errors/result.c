/* Cells of the confusion matrix with its totals. */
#include "study/errors/result.h"

int64_t errors_count(const errors_result *r, size_t row, size_t column) {
  size_t k = r->classes.count;
  if (row < k && column < k) return r->confusion[row * k + column];
  if (row < k) return r->true_totals[row];
  if (column < k) return r->predicted_totals[column];
  int64_t total = 0;
  for (size_t i = 0; i < k; i++) total += r->true_totals[i];
  return total;
}
