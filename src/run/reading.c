/* Measures reading, on the first samples of each part. */
#include "run/reading.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/partition.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "trial/plan.h"

#include <stdlib.h>

static const double long_enough = 0.1; /* seconds of reading a part */

/* Adds the seconds in which one of `ranks` ranks reads its samples of a part. */
static int add_part(double *seconds, const ls_dataset *d, ls_part part, size_t ranks) {
  const double start = ls_clock_seconds();
  const size_t count = d->count[part], block = ls_dataset_block(d, part, 0);
  unsigned char *buffer = ls_new(block, d->record_bytes);
  int status = buffer ? LS_OK : LS_FAILED;
  size_t done = 0;
  double took = 0;
  while (status == LS_OK && done < count && took < long_enough) {
    size_t n = count - done < block ? count - done : block;
    status = ls_dataset_read(d, part, done, n, buffer);
    done += n;
    took = ls_clock_seconds() - start;
  }
  free(buffer);
  if (done > 0) *seconds += took / (double)done * (double)ls_partition_largest(count, ranks);
  return status;
}

int ls_measure_reading(double *seconds, const ls_job *job, size_t ranks) {
  ls_plan *plan = NULL;
  *seconds = 0;
  int status = ls_plan_create(&plan, job, 0);
  if (status != LS_OK) return status;
  const ls_dataset *d = plan->dataset;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!ls_plan_uses(plan, (ls_part)part)) continue;
    status = add_part(seconds, d, (ls_part)part, ranks);
  }
  ls_plan_free(&plan);
  return status;
}
