/* Reading rows of a results file in use. */
#include "watch/rows.h"

#include "h5/h5.h"
#include "lockstep/error.h"

#include <string.h>

static int count_states(watch_rows *out, ls_memory *memory, hid_t file, size_t *trials) {
  ls_h5_shape shape;
  int status = ls_h5_describe(file, "status", &shape);
  if (status != LS_OK) return status;
  *trials = ls_h5_shape_size(&shape);
  int64_t *states = ls_memory_new(memory, *trials, sizeof *states);
  if (!states) return LS_FAILED;
  status = ls_h5_read_integers(file, "status", (ls_h5_range){0, REPORT_STATUS_COUNT - 1}, *trials,
                               states);
  for (size_t i = 0; i < *trials && status == LS_OK; i++) out->counts[states[i]]++;
  return status;
}

/* The rows of one curve; *rows is NULL if the file has no curve of that name. */
static int read_curves(double ***rows, watch_rows *out, ls_memory *memory, hid_t file,
                       const char *name, const ls_run_status *s, size_t trials) {
  *rows = NULL;
  if (!*name || strchr(name, '/') || !ls_h5_has(file, name)) return LS_OK;
  ls_h5_shape shape;
  int status = ls_h5_describe(file, name, &shape);
  if (status != LS_OK || shape.rank < 1) return status;
  const size_t epochs = (size_t)shape.extent[shape.rank - 1];
  if (ls_h5_shape_size(&shape) != trials * epochs) return LS_OK; /* not over trials and epochs */
  if (out->headline && epochs != out->epochs) return LS_OK;      /* over others than that curve */
  out->epochs = epochs;
  *rows = ls_memory_new(memory, out->count, sizeof **rows);
  for (size_t i = 0; *rows && i < out->count && status == LS_OK; i++) {
    (*rows)[i] = ls_memory_new(memory, out->epochs, sizeof(double));
    if (!(*rows)[i]) break;
    status = ls_h5_read_range(file, name, H5T_NATIVE_DOUBLE, s->running[i].trial * out->epochs,
                              out->epochs, (*rows)[i]);
  }
  return status == LS_OK ? ls_memory_status(memory) : status;
}

/* The running trials whose curves are read: the first ones, all of which the file has. */
static size_t count_curves(const ls_run_status *s, size_t most, size_t trials) {
  size_t count = 0;
  while (count < s->running_count && count < most && s->running[count].trial < trials) count++;
  return count;
}

static int read_rows(watch_rows *out, ls_memory *memory, hid_t file, const ls_run_status *s,
                     size_t most) {
  size_t trials = 0;
  int status = count_states(out, memory, file, &trials);
  if (status != LS_OK) return status;
  out->count = count_curves(s, most, trials);
  status = read_curves(&out->headline, out, memory, file, s->headline, s, trials);
  if (status == LS_OK) status = read_curves(&out->loss, out, memory, file, "loss", s, trials);
  return status;
}

/* `rows` NULL: none were read. */
static void set_curves(ls_run_status *s, const watch_rows *rows) {
  for (size_t i = 0; i < s->running_count; i++) {
    const bool read = rows && rows->headline && i < rows->count;
    s->running[i].curve = read ? rows->headline[i] : NULL;
    s->running[i].curve_epochs = read ? rows->epochs : 0;
  }
}

int watch_read_rows(watch_rows *out, ls_memory *memory, const char *results, ls_run_status *s,
                    size_t most) {
  hid_t file = -1;
  *out = (watch_rows){.epochs = 0};
  int status = ls_h5_open_unlocked(&file, results);
  if (status == LS_OK) status = read_rows(out, memory, file, s, most);
  int closed = ls_h5_close(&file);
  if (status == LS_OK) status = closed;
  set_curves(s, status == LS_OK ? out : NULL);
  return status;
}

void watch_add_counts(ls_text *out, const watch_rows *rows) {
  static const report_status order[] = {REPORT_DONE,   REPORT_STOPPED_EARLY, REPORT_RUNNING,
                                        REPORT_FAILED, REPORT_DIVERGED,      REPORT_PRUNED,
                                        REPORT_PENDING};
  const char *separator = "";
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    if (rows->counts[order[i]] == 0) continue;
    ls_text_add(out, "%s%zu %s", separator, rows->counts[order[i]], report_status_words[order[i]]);
    separator = ", ";
  }
}
