/* Runs of a rank's share begin and end anywhere within a layer's array, which is stored in its own
 * shape. */
#include "store/checkpoint/ranges.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "store/checkpoint/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 26 }; /* elements of a transfer: bytes are counted in an int by MPI-IO */

const char *moment_name(size_t i) {
#define NAME(name) #name,
  static const char *const names[] = {LS_SNAPSHOT_NUMBERS(NAME)};
#undef NAME
  static char lower[LS_SNAPSHOT_COUNT][32];
  for (size_t k = 0; names[i][k]; k++) lower[i][k] = (char)tolower(names[i][k]);
  return lower[i];
}

bool has_best(const ls_checkpoint *c) {
  const double *now = c->now.numbers, *best = c->best.numbers;
  return best[LS_SNAPSHOT_EPOCH] > 0 &&
         (best[LS_SNAPSHOT_EPOCH] != now[LS_SNAPSHOT_EPOCH] || now[LS_SNAPSHOT_STEP] > 0);
}

int run_write(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_write_run(file, name, real_type(), first, count, values);
}

int run_read(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_read_run(file, name, real_type(), first, count, values);
}

/* By pieces that the cache holds. */
int run_compare(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  enum { PIECE = 1 << 16 };
  static ls_real found[PIECE];
  int status = LS_OK;
  for (size_t done = 0; done < count && status == LS_OK; done += PIECE) {
    const size_t n = count - done < PIECE ? count - done : PIECE;
    status = ls_h5_read_run(file, name, real_type(), first + done, n, found);
    if (status == LS_OK && memcmp(found, values + done, n * sizeof *found) != 0) {
      status = ls_fail(LS_FAILED, "the file system lost what was written to /%s", name);
    }
  }
  return status;
}

/* A dataset: the elements of the flat vector from number `origin` on. */
typedef struct place {
  const char *name;
  size_t origin, count;
} place;

/* Elements begin .. end - 1 of the flat vector, as far as the dataset has them; `values` are those
 * from `begin` on. */
static int in_pieces(hid_t file, const place *at, size_t begin, size_t end, ls_real *values,
                     run_action action) {
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

/* The rank's share of a dataset; `values` are the whole flat vector, or the share, packed. */
static int each_run(hid_t file, const place *at, const ls_checkpoint *c, ls_real *values,
                    bool whole, run_action action) {
  size_t begin, n;
  int status = LS_OK;
  for (size_t k = 0; status == LS_OK && (n = ls_block_cyclic_block(&c->share, k, &begin)) > 0;
       k++) {
    ls_real *run = values + (whole ? begin : k * c->share.width);
    status = in_pieces(file, at, begin, begin + n, run, action);
  }
  return status;
}

void run_slot_name(char out[RUN_NAME], const char *group, size_t k) {
  snprintf(out, RUN_NAME, "%s/slot_%zu", group, k + 1);
}

static int slots(hid_t file, const char *group, const ls_checkpoint *c, const ls_snapshot *m,
                 run_action action) {
  int status = LS_OK;
  for (size_t k = 0; k < c->slot_count && status == LS_OK; k++) {
    char name[RUN_NAME];
    run_slot_name(name, group, k);
    status = each_run(file, &(place){name, 0, c->share.end}, c, m->slots[k], false, action);
  }
  return status;
}

int runs_of_now(hid_t file, const ls_model *model, const ls_checkpoint *c, const ls_snapshot *now,
                run_action action) {
  int status = LS_OK;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count && status == LS_OK; k++) {
      const ls_param *p = &layer->params[k];
      char name[RUN_NAME];
      snprintf(name, sizeof name, WEIGHTS_GROUP "/%s/%s/%s:0", layer->name, layer->name, p->name);
      const place at = {name, p->offset, p->count};
      status = each_run(file, &at, c, now->weights, now->whole, action);
    }
  }
  return status == LS_OK ? slots(file, OWN_GROUP "/optimizer", c, now, action) : status;
}

int runs_of_best(hid_t file, const ls_checkpoint *c, const ls_snapshot *best, run_action action) {
  const place weights = {BEST_GROUP "/weights", 0, c->share.end};
  int status = each_run(file, &weights, c, best->weights, best->whole, action);
  return status == LS_OK ? slots(file, BEST_GROUP, c, best, action) : status;
}
