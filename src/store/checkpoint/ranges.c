/* From blocks of the flat vectors to ranges of the file's datasets. A block begins and ends
 * anywhere within a layer's array, which is stored in its own shape. */
#include "store/checkpoint/ranges.h"

#include "lockstep/error.h"
#include "store/checkpoint/names.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 1 << 26 }; /* elements of a transfer: MPI-IO counts bytes in an int */

int range_write(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_write_range(file, name, real_type(), first, count, values);
}

int range_read(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_read_range(file, name, real_type(), first, count, values);
}

/* In blocks that fit the cache. */
int range_compare(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  enum { COMPARED = 1 << 16 };
  static ls_real found[COMPARED];
  int status = LS_OK;
  for (size_t done = 0; done < count && status == LS_OK; done += COMPARED) {
    const size_t n = count - done < COMPARED ? count - done : COMPARED;
    status = ls_h5_read_range(file, name, real_type(), first + done, n, found);
    if (status == LS_OK && memcmp(found, values + done, n * sizeof *found) != 0) {
      status = ls_fail(LS_FAILED, "the file system lost data that was written to /%s", name);
    }
  }
  return status;
}

/* A dataset: elements origin .. origin + count - 1 of the flat vector. */
typedef struct place {
  const char *name;
  size_t origin, count;
} place;

/* Elements begin .. end - 1 of the flat vector, as far as the dataset has them; `values` are those
 * from `begin` on. */
static int apply_to_block(hid_t file, const place *at, size_t begin, size_t end, ls_real *values,
                          range_action action) {
  size_t first = begin > at->origin ? begin : at->origin;
  if (end > at->origin + at->count) end = at->origin + at->count;
  int status = LS_OK;
  while (first < end && status == LS_OK) {
    size_t n = end - first < LONGEST ? end - first : LONGEST;
    status = action(file, at->name, first - at->origin, n, values + (first - begin));
    first += n;
  }
  return status;
}

/* The rank's partition of a dataset; `values` are the whole flat vector, or the partition, packed.
 */
static int apply_to_partition(hid_t file, const place *at, const ls_checkpoint *c, ls_real *values,
                              bool whole, range_action action) {
  size_t begin, n;
  int status = LS_OK;
  for (size_t k = 0; status == LS_OK && (n = ls_block_cyclic_block(&c->partition, k, &begin)) > 0;
       k++) {
    ls_real *block = values + (whole ? begin : k * c->partition.width);
    status = apply_to_block(file, at, begin, begin + n, block, action);
  }
  return status;
}

void slot_name(char out[SLOT_NAME], const char *group, size_t k) {
  snprintf(out, SLOT_NAME, "%s/slot_%zu", group, k + 1);
}

static int apply_to_slots(hid_t file, const char *group, const ls_checkpoint *c,
                          const ls_snapshot *snapshot, range_action action) {
  int status = LS_OK;
  for (size_t k = 0; k < c->slot_count && status == LS_OK; k++) {
    char name[SLOT_NAME];
    slot_name(name, group, k);
    const place at = {name, 0, c->partition.end};
    status = apply_to_partition(file, &at, c, snapshot->slots[k], false, action);
  }
  return status;
}

int ranges_of_now(hid_t file, const ls_model *model, const ls_checkpoint *c, range_action action) {
  int status = LS_OK;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count && status == LS_OK; k++) {
      const ls_param *p = &layer->params[k];
      char name[SLOT_NAME];
      snprintf(name, sizeof name, WEIGHTS_GROUP "/%s/%s/%s:0", layer->name, layer->name, p->name);
      const place at = {name, p->offset, p->count};
      status = apply_to_partition(file, &at, c, c->now.weights, c->now.whole, action);
    }
  }
  return status == LS_OK ? apply_to_slots(file, OWN_GROUP "/optimizer", c, &c->now, action)
                         : status;
}

int ranges_of_best(hid_t file, const ls_checkpoint *c, range_action action) {
  const place weights = {BEST_GROUP "/weights", 0, c->partition.end};
  int status = apply_to_partition(file, &weights, c, c->best.weights, c->best.whole, action);
  return status == LS_OK ? apply_to_slots(file, BEST_GROUP, c, &c->best, action) : status;
}
