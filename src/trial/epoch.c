/* Shuffling before an epoch, means after it. */
#include "trial/epoch.h"

#include "base/activity.h"
#include "lockstep/error.h"

#include <string.h>

int trainer_begin_epoch(trainer *t, size_t epoch) {
  measure_sums_clear(&t->sums);
  return trainer_continue_epoch(t, epoch);
}

int trainer_continue_epoch(trainer *t, size_t epoch) {
  ls_activity_phase(LS_PHASE_SHUFFLING, epoch, 0);
  ls_shuffle_epoch(&t->shuffle, t->plan->seed, (uint32_t)epoch);
  return ls_feed_start(t->feed, t->shuffle.order);
}

int trainer_end_epoch(trainer *t, double *measures) {
  int status = measure_sums_reduce(&t->sums, t->group);
  if (status == LS_OK) measure_sums_measure(&t->sums, t->plan->split.train_count, measures);
  return status;
}

int trainer_total_sums(const trainer *t, double *totals) {
  const size_t count = measure_sums_count(&t->sums);
  memcpy(totals, t->sums.values, count * sizeof *totals);
  return ls_group_sum(t->group, totals, count);
}

void trainer_restore_sums(trainer *t, const double *totals) {
  const size_t sums = t->sums.model->sum_count, counts = t->sums.model->count_count;
  const double *penalties = totals + t->sums.rows * sums;
  size_t first, end;
  measure_sums_clear(&t->sums);
  ls_reducer_shards(t->reducer, &first, &end);
  memcpy(measure_sums_row(&t->sums, first), totals + first * sums,
         (end - first) * sums * sizeof *totals);
  for (size_t block = 0; block < t->sums.blocks; block++) {
    if (ls_reducer_owns(t->reducer, block * LS_BLOCK)) t->sums.penalties[block] = penalties[block];
  }
  if (t->group->rank > 0) return;
  memcpy(t->sums.counts, penalties + t->sums.blocks, counts * sizeof *totals);
}
