/* Parts of ranks begin and end anywhere within a layer's array, which is stored in its own shape.
 */
#include "runs.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 26 }; /* elements of a transfer: bytes are counted in an int by MPI-IO */

const char *moment_name(size_t i) {
#define NAME(name) #name,
  static const char *const names[] = {LS_MOMENT_NUMBERS(NAME)};
#undef NAME
  static char lower[LS_MOMENT_COUNT][32];
  for (size_t k = 0; names[i][k]; k++) lower[i][k] = (char)tolower(names[i][k]);
  return lower[i];
}

bool has_best(const ls_checkpoint *c) {
  const double *now = c->now.numbers, *best = c->best.numbers;
  return best[LS_MOMENT_EPOCH] > 0 &&
         (best[LS_MOMENT_EPOCH] != now[LS_MOMENT_EPOCH] || now[LS_MOMENT_STEP] > 0);
}

int run_write(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_write_run(file, name, real_type(), first, count, values);
}

int run_read(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  return ls_h5_read_run(file, name, real_type(), first, count, values);
}

int run_compare(hid_t file, const char *name, size_t first, size_t count, ls_real *values) {
  ls_real *found = ls_new(count, sizeof *found);
  if (!found) return LS_FAILED;
  int status = ls_h5_read_run(file, name, real_type(), first, count, found);
  if (status == LS_OK && memcmp(found, values, count * sizeof *found) != 0) {
    status = ls_fail(LS_FAILED, "the file system lost what was written to /%s", name);
  }
  free(found);
  return status;
}

/* Elements begin .. end - 1 of a dataset whose first element is number `origin` of the flat vector;
 * `values` are those from c->begin on. */
static int each_run(hid_t file, const char *name, const ls_checkpoint *c, size_t origin,
                    size_t count, ls_real *values, run_action action) {
  size_t begin = c->begin > origin ? c->begin : origin;
  size_t end = c->end < origin + count ? c->end : origin + count;
  int status = LS_OK;
  while (begin < end && status == LS_OK) {
    size_t n = end - begin < LONGEST ? end - begin : LONGEST;
    status = action(file, name, begin - origin, n, values + (begin - c->begin));
    begin += n;
  }
  return status;
}

void run_slot_name(char out[RUN_NAME], const char *group, size_t k) {
  snprintf(out, RUN_NAME, "%s/slot_%zu", group, k + 1);
}

static int slots(hid_t file, const char *group, const ls_checkpoint *c, const ls_moment *m,
                 run_action action) {
  int status = LS_OK;
  for (size_t k = 0; k < c->slot_count && status == LS_OK; k++) {
    char name[RUN_NAME];
    run_slot_name(name, group, k);
    status = each_run(file, name, c, 0, c->end, m->slots[k], action);
  }
  return status;
}

int runs_of_now(hid_t file, const ls_model *model, const ls_checkpoint *c, const ls_moment *now,
                run_action action) {
  int status = LS_OK;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count && status == LS_OK; k++) {
      const ls_param *p = &layer->params[k];
      char name[RUN_NAME];
      snprintf(name, sizeof name, WEIGHTS_GROUP "/%s/%s/%s:0", layer->name, layer->name, p->name);
      status = each_run(file, name, c, p->offset, p->count, now->weights, action);
    }
  }
  return status == LS_OK ? slots(file, OWN_GROUP "/optimizer", c, now, action) : status;
}

int runs_of_best(hid_t file, const ls_checkpoint *c, const ls_moment *best, run_action action) {
  int status = each_run(file, BEST_GROUP "/weights", c, 0, c->end, best->weights, action);
  return status == LS_OK ? slots(file, BEST_GROUP, c, best, action) : status;
}
