/* Digests of datasets. */
#include "data/digest.h"

#include "base/memory.h"
#include "data/description.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void add_records(const ls_dataset *d, const unsigned char *records, size_t first,
                        size_t count, uint64_t *sums) {
  for (size_t i = 0; i < count; i++, records += d->record_bytes) {
    const unsigned char *targets = records + d->targets_begin;
    sums[0] += XXH3_64bits_withSeed(records, d->input_bytes, first + i);
    for (size_t k = 0; k < d->target_count; k++) {
      const ls_dataset_target *t = &d->targets[k];
      sums[1 + k] += XXH3_64bits_withSeed(targets + t->offset, 4 * t->width, first + i);
    }
    for (size_t k = 0; k < d->weight_count; k++) {
      const unsigned char *weight = targets + d->weights[k].offset;
      sums[1 + d->target_count + k] += XXH3_64bits_withSeed(weight, sizeof(float), first + i);
    }
  }
}

int ls_dataset_digest_samples(const ls_dataset *d, ls_part part, size_t first, size_t count,
                              uint64_t sums[LS_MAX_MEMBERS]) {
  size_t block = ((size_t)16 << 20) / d->record_bytes + 1;
  if (block > count) block = count;
  unsigned char *records = ls_new(block, d->record_bytes);
  int status = records ? LS_OK : LS_FAILED;
  for (size_t done = 0; done < count && status == LS_OK;) {
    size_t n = count - done < block ? count - done : block;
    status = ls_dataset_read(d, part, first + done, n, records);
    if (status == LS_OK) add_records(d, records, first + done, n, sums);
    done += n;
  }
  free(records);
  return status;
}

uint64_t ls_dataset_digest_inputs(const ls_dataset *d, uint64_t sum) {
  struct {
    uint64_t sum;
    double scale;
    int64_t rank, extent[LS_MAX_DIMS];
  } all = {.sum = sum, .scale = d->scale, .rank = d->shape.rank};
  memcpy(all.extent, d->shape.extent, (size_t)d->shape.rank * sizeof *all.extent);
  return XXH3_64bits(&all, sizeof all);
}

int ls_dataset_digest_class_names(const ls_dataset *d, size_t target, uint64_t *digest) {
  char **names;
  size_t count;
  *digest = 0;
  int status = ls_dataset_class_names(d, target, &names, &count);
  for (size_t i = 0; i < count; i++) {
    if (status == LS_OK) *digest += XXH3_64bits_withSeed(names[i], strlen(names[i]), i);
    free(names[i]);
  }
  free(names);
  return status;
}
