/* Layouts of the samples of a plan. */
#include "trial/plan_layout.h"

enum { EVALUATION_CHUNK = 256 };

ls_layout ls_plan_train_layout(const ls_plan *plan, size_t shards, size_t ranks) {
  return (ls_layout){plan->split.train_count, plan->batch, shards, ranks};
}

ls_layout ls_plan_evaluation_layout(size_t samples, size_t ranks) {
  return (ls_layout){samples, samples, (samples + EVALUATION_CHUNK - 1) / EVALUATION_CHUNK, ranks};
}

size_t ls_plan_capacity(const ls_plan *plan, size_t shards, size_t ranks) {
  ls_layout train = ls_plan_train_layout(plan, shards, ranks);
  ls_layout validation = ls_plan_evaluation_layout(plan->split.validation_count, 1);
  size_t a = ls_layout_largest_rank(&train), b = ls_layout_largest_shard(&validation);
  size_t c = plan->split.test_count < EVALUATION_CHUNK ? plan->split.test_count : EVALUATION_CHUNK;
  if (c > b) b = c;
  return a > b ? a : b;
}
