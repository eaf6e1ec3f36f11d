/* A job that has been read: its sweep and trials, and the values of a trial: the resolved recipe
 * with its point's values filled in, resolved once more for these, and bound. */
#include "base/escape.h"
#include "base/memory.h"
#include "base/text.h"
#include "job/bind.h"
#include "job/job_internal.h"
#include "job/resolve.h"
#include "job/substitute.h"
#include "lockstep/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t trials_per_point(const ls_axes *sweep) {
  const ls_sweep_settings *s = &sweep->settings;
  return (size_t)(s->replicates ? s->replicates : 1) * (size_t)(s->folds ? s->folds : 1);
}

int ls_job_fill(ls_node **out, ls_arena *arena, const ls_job *job, const size_t *index) {
  const ls_variables *variables = &job->sweep.variables;
  ls_node *filled = NULL;
  int status = ls_substitute(&filled, arena, variables, job->resolved, index);
  return status == LS_OK ? ls_resolve(out, arena, variables, job->recipe, filled, NULL) : status;
}

int ls_job_bind_values(const ls_job *job, const size_t *index, void *values) {
  ls_arena arena = {0};
  ls_node *resolved = NULL;
  int status = ls_job_fill(&resolved, &arena, job, index);
  if (status == LS_OK) status = ls_bind(job->recipe, resolved, NULL, values);
  ls_arena_free(&arena);
  return status;
}

/* The place of the key, or of what is there of it. */
static ls_place find_place(const ls_job *job, const char *section, const char *key) {
  const ls_node *at = job->resolved;
  bool of_sweep = strcmp(section, "sweep") == 0;
  const ls_node *inner = of_sweep ? job->sweep_section : ls_node_find(at, section);
  if (inner) at = inner;
  inner = key && at->kind == LS_NODE_MAPPING ? ls_node_find(at, key) : NULL;
  return (inner ? inner : at)->place;
}

char *ls_job_place(const ls_job *job, const char *section, const char *key) {
  const ls_path of_section = {.key = section}, of_key = {.up = &of_section, .key = key};
  return ls_diagnostic_place(find_place(job, section, key), key ? &of_key : &of_section);
}

int ls_job_fail(const ls_job *job, const char *section, const char *key, const char *format, ...) {
  char what[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  char *where = ls_job_place(job, section, key);
  int status = where ? ls_fail(LS_INVALID, "%s: %s", where, what) : LS_FAILED;
  free(where);
  return status;
}

const ls_component *ls_job_recipe(const ls_job *job) {
  return job->recipe;
}

const char *ls_job_text(const ls_job *job) {
  return job->text;
}

size_t ls_job_axes(const ls_job *job, const ls_axis **axes) {
  *axes = job->sweep.axes;
  return job->sweep.axis_count;
}

bool ls_job_has_points(const ls_job *job) {
  return job->sweep.points.count > 0;
}

size_t ls_job_variables(const ls_job *job, const ls_axis **variables) {
  *variables = job->sweep.parameters;
  return job->sweep.variables.count;
}

void ls_job_values(const ls_job *job, size_t point, size_t *values) {
  ls_axes_values(&job->sweep, point, values);
}

size_t ls_job_trials(const ls_job *job) {
  return job->sweep.trials;
}

bool ls_job_varies(const ls_job *job, const char *section) {
  const ls_node *found = ls_node_find(job->resolved, section);
  return !found || !found->settled;
}

size_t ls_job_points(const ls_job *job) {
  return job->sweep.trials / trials_per_point(&job->sweep);
}

void ls_job_point(const ls_job *job, size_t trial, size_t *index) {
  for (size_t i = job->sweep.axis_count; i-- > 0;) {
    index[i] = trial % job->sweep.axes[i].count;
    trial /= job->sweep.axes[i].count;
  }
}

size_t ls_job_fold(const ls_job *job, size_t trial) {
  size_t folds = (size_t)job->sweep.settings.folds;
  return folds ? trial % folds : 0;
}

size_t ls_job_replicate(const ls_job *job, size_t trial) {
  const ls_sweep_settings *s = &job->sweep.settings;
  if (s->folds) trial /= (size_t)s->folds;
  return s->replicates ? trial % (size_t)s->replicates : 0;
}

size_t ls_job_folds(const ls_job *job) {
  return (size_t)job->sweep.settings.folds;
}

int64_t ls_job_ranks_per_trial(const ls_job *job) {
  return job->sweep.settings.ranks_per_trial;
}

int ls_job_bind(const ls_job *job, size_t trial, void *values) {
  size_t *index = ls_new(job->sweep.variables.count, sizeof *index);
  if (!index) return LS_FAILED;
  ls_axes_values(&job->sweep, trial / trials_per_point(&job->sweep), index);
  int status = ls_job_bind_values(job, index, values);
  free(index);
  return status;
}

/* Appends "NAME=VALUE" behind the first `used` bytes; if there is no room for it and for " ..."
 * after it, "..." only, and no more words follow. Returns the bytes used. */
static size_t add_to_name(char *out, size_t size, size_t used, const ls_axis *axis, size_t value) {
  static const char cut[] = " ...";
  if (value == LS_NO_VALUE || used >= size) return used;
  ls_text word = {0};
  ls_text_add(&word, "%s%s=", used > 0 ? " " : "", axis->name);
  ls_escape_value(&word, axis->labels[value]);
  bool fits = !word.failed && used + word.length + sizeof cut <= size;
  snprintf(out + used, size - used, "%s", fits ? word.data : used > 0 ? cut : cut + 1);
  used = fits ? used + word.length : size;
  ls_text_free(&word);
  return used;
}

void ls_job_trial_name(const ls_job *job, size_t trial, char *out, size_t size) {
  const ls_axes *sweep = &job->sweep;
  size_t used = 0, point = trial / trials_per_point(sweep);
  if (size > 0) out[0] = '\0';
  for (size_t v = sweep->variables.count, stride = ls_job_points(job), i = 0; i < v; i++) {
    size_t value = 0;
    if (sweep->points.count > 0) {
      value = sweep->points.index[point * v + i];
    } else {
      stride /= sweep->parameters[i].count;
      value = point / stride % sweep->parameters[i].count;
    }
    used = add_to_name(out, size, used, &sweep->parameters[i], value);
  }
  size_t of_point = sweep->points.count > 0 ? 1 : sweep->variables.count;
  size_t stride = trials_per_point(sweep);
  for (size_t i = of_point; i < sweep->axis_count; i++) {
    stride /= sweep->axes[i].count;
    used = add_to_name(out, size, used, &sweep->axes[i], trial / stride % sweep->axes[i].count);
  }
}
