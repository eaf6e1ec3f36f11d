/* The public functions: a job is read in the order sets, sweep, recipe; then each trial is the
 * resolved recipe with its point's values filled in, resolved once more for these, and bound. */
#include "job/job.h"

#include "base/escape.h"
#include "base/memory.h"
#include "base/text.h"
#include "job/axes.h"
#include "job/bind.h"
#include "job/differences.h"
#include "job/folder.h"
#include "job/repeats.h"
#include "job/resolve.h"
#include "job/set.h"
#include "job/simpler.h"
#include "job/substitute.h"
#include "job/tree_digest.h"
#include "lockstep/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ls_job {
  ls_arena arena;
  const ls_component *recipe;
  ls_node *resolved;      /* without the sweep */
  ls_node *sweep_section; /* NULL where there is none */
  ls_axes sweep;
  char *text;
};

/* Reads the text and applies the overrides. */
static int read_tree(ls_node **root, ls_arena *arena, const char *path, const char *text,
                     const char *const *sets, size_t set_count) {
  const char *source = ls_arena_text(arena, path, strlen(path));
  if (!source) return LS_FAILED;
  int status = ls_tree_read(root, arena, text, (ls_place){source, 1});
  if (status != LS_OK) return status;
  if (ls_node_is_null(*root)) {
    return ls_diagnostic_fail((*root)->place, NULL,
                              "is empty (expected a job, such as name: mine)");
  }
  if ((*root)->kind != LS_NODE_MAPPING) {
    return ls_node_fail(*root, NULL, "a job, such as name: mine");
  }
  for (size_t i = 0; i < set_count && status == LS_OK; i++) {
    status = ls_set_apply(arena, *root, sets[i]);
  }
  return status;
}

/* Makes job->text of the resolved recipe followed by the sweep, which may be NULL. */
static int make_text(ls_job *job, ls_node *sweep) {
  ls_node *whole = ls_node_copy(&job->arena, job->resolved);
  if (!whole) return LS_FAILED;
  ls_node_prune(whole); /* a null is what an optional argument is when left out */
  if (sweep && !ls_node_is_null(sweep)) ls_node_add(whole, "sweep", sweep);
  ls_text text = {0};
  ls_tree_add_block(&text, whole);
  job->text = ls_text_take(&text);
  return job->text ? LS_OK : LS_FAILED;
}

static size_t trials_per_point(const ls_axes *sweep) {
  const ls_sweep_settings *s = &sweep->settings;
  return (size_t)(s->replicates ? s->replicates : 1) * (size_t)(s->folds ? s->folds : 1);
}

/* Makes the resolved recipe with the variables at `index` [variable]. */
static int fill(ls_node **out, ls_arena *arena, const ls_job *job, const size_t *index) {
  const ls_variables *variables = &job->sweep.variables;
  ls_node *filled = NULL;
  int status = ls_substitute(&filled, arena, variables, job->resolved, index);
  return status == LS_OK ? ls_resolve(out, arena, variables, job->recipe, filled, NULL) : status;
}

/* Fills `values`, a struct of the recipe, with the variables at `index` [variable]. `digest` is
 * that of what varies (repeats.h); NULL: not needed. */
static int bind_values(const ls_job *job, const size_t *index, void *values, ls_digest128 *digest) {
  ls_arena arena = {0};
  ls_node *resolved = NULL;
  int status = fill(&resolved, &arena, job, index);
  if (status == LS_OK && digest) status = ls_repeats_digest(digest, &arena, resolved);
  if (status == LS_OK) status = ls_bind(job->recipe, resolved, NULL, values);
  ls_arena_free(&arena);
  return status;
}

/* Binds the values of every point once: replicates and folds don't change them. Refuses a point
 * that is the same training as another. */
static int check_points(const ls_job *job) {
  size_t points = ls_job_points(job);
  void *values = ls_new(1, job->recipe->size);
  size_t *index = ls_new(job->sweep.variables.count, sizeof *index);
  ls_digest128 *digests = ls_new(points, sizeof *digests);
  int status = values && index && digests ? LS_OK : LS_FAILED;
  for (size_t p = 0; p < points && status == LS_OK; p++) {
    ls_axes_values(&job->sweep, p, index);
    status = bind_values(job, index, values, &digests[p]);
    if (status == LS_OK) ls_component_clear(job->recipe, values);
  }
  if (status == LS_OK) status = ls_repeats_check(job, digests);
  free(values);
  free(index);
  free(digests);
  return status;
}

/* How the values at `index` [variable] and those one step of the variable further differ, from the
 * lower number of it to the higher one, as flags of simpler.h. */
static int compare_step(const ls_job *job, size_t variable, void *values[2], size_t *index,
                        unsigned *found) {
  const double *numbers = job->sweep.parameters[variable].numbers;
  size_t at = index[variable];
  bool up = numbers[at + 1] > numbers[at];
  int status = bind_values(job, index, values[!up], NULL);
  if (status != LS_OK) return status;
  index[variable] = at + 1;
  status = bind_values(job, index, values[up], NULL);
  if (status == LS_OK) {
    *found |= ls_simpler(job->recipe, values[0], values[1]);
    ls_component_clear(job->recipe, values[up]);
  }
  ls_component_clear(job->recipe, values[!up]);
  return status;
}

/* Whether the point's values are worth a step of variable `varied`: it is before the last value of
 * that. Of a grid those at the first value of each other numeric variable are enough: variables of
 * other values may choose what an argument is of, and all count. */
static bool begins_step(const ls_axes *sweep, const size_t *index, size_t varied) {
  for (size_t v = 0; v < sweep->variables.count && sweep->points.count == 0; v++) {
    bool one = v != varied && sweep->parameters[v].numbers;
    if (one && index[v] > 0) return false;
  }
  return index[varied] != LS_NO_VALUE && index[varied] + 1 < sweep->parameters[varied].count;
}

/* Finds out which direction of a variable makes models simpler: compares the values of trials with
 * those one step of it apart. */
static int find_simpler(const ls_job *job, size_t variable, void *values[2], size_t *index) {
  enum { ENOUGH = 64 }; /* of steps where the sweep is no grid */
  const ls_axes *sweep = &job->sweep;
  ls_axis *axis = &sweep->parameters[variable];
  size_t points = ls_job_points(job), steps = 0, most = sweep->points.count ? ENOUGH : points;
  unsigned found = 0;
  for (size_t p = 0; p < points && steps < most && axis->numbers; p++) {
    ls_axes_values(sweep, p, index);
    if (!begins_step(sweep, index, variable)) continue;
    int status = compare_step(job, variable, values, index, &found);
    if (status == LS_INVALID && sweep->points.count > 0) { /* values that are no point's */
      ls_error_clear();
      found |= LS_OTHERWISE;
    } else if (status != LS_OK) {
      return status;
    }
    steps++;
  }
  axis->simpler = found == LS_SECOND_SIMPLER ? 1 : found == LS_FIRST_SIMPLER ? -1 : 0;
  if (sweep->points.count == 0) sweep->axes[variable].simpler = axis->simpler;
  return LS_OK;
}

static int find_all_simpler(const ls_job *job) {
  void *values[2] = {ls_new(1, job->recipe->size), ls_new(1, job->recipe->size)};
  size_t *index = ls_new(job->sweep.variables.count, sizeof *index);
  int status = values[0] && values[1] && index ? LS_OK : LS_FAILED;
  for (size_t v = 0; v < job->sweep.variables.count && status == LS_OK; v++) {
    status = find_simpler(job, v, values, index);
  }
  free(values[0]);
  free(values[1]);
  free(index);
  return status;
}

static const ls_arg *find_arg(const ls_component *type, const char *name) {
  const ls_arg *arg = type->args;
  while (arg->name && strcmp(arg->name, name) != 0) arg++;
  return arg->name ? arg : NULL;
}

/* The value of train.seed, as given or by default; NULL if the recipe has none. */
static int find_seed(ls_job *job, const ls_node *root, const ls_node **seed) {
  const ls_node *train = ls_node_find(root, "train");
  const ls_arg *section = find_arg(job->recipe, "train");
  const ls_arg *arg = section && section->section ? find_arg(section->section, "seed") : NULL;
  ls_node *fallback = NULL;
  *seed = train && train->kind == LS_NODE_MAPPING ? ls_node_find(train, "seed") : NULL;
  if (*seed || !arg || !arg->fallback) return LS_OK;
  int status = ls_tree_read(&fallback, &job->arena, arg->fallback, root->place);
  *seed = fallback;
  return status;
}

static int read_job(ls_job *job, const char *folder, const char *path, const char *text,
                    const char *const *sets, size_t set_count) {
  ls_node *root = NULL;
  int status = read_tree(&root, &job->arena, path, text, sets, set_count);
  if (status == LS_OK && folder) status = ls_folder_add(&job->arena, root, folder);
  if (status != LS_OK) return status;
  ls_node *sweep = job->sweep_section = ls_node_remove(root, "sweep");
  const ls_node *seed = NULL;
  status = find_seed(job, root, &seed);
  if (status == LS_OK) status = ls_axes_read(&job->sweep, &job->arena, sweep, seed);
  const ls_variables *variables = &job->sweep.variables;
  if (status == LS_OK) status = ls_substitute_check(variables, &ls_sweep_section, root);
  if (status == LS_OK) status = ls_axes_check_count(&job->sweep, sweep);
  if (status == LS_OK) {
    status = ls_resolve(&job->resolved, &job->arena, variables, job->recipe, root, NULL);
  }
  if (status == LS_OK) ls_resolve_settle(job->resolved);
  if (status == LS_OK) status = make_text(job, sweep);
  if (status == LS_OK) status = check_points(job);
  return status == LS_OK ? find_all_simpler(job) : status;
}

int ls_job_read(ls_job **out, const char *path, const char *text, const char *const *sets,
                size_t set_count, const ls_component *recipe) {
  return ls_job_read_in(out, NULL, path, text, sets, set_count, recipe);
}

int ls_job_read_in(ls_job **out, const char *folder, const char *path, const char *text,
                   const char *const *sets, size_t set_count, const ls_component *recipe) {
  *out = NULL;
  ls_job *job = ls_new(1, sizeof *job);
  if (!job) return LS_FAILED;
  job->recipe = recipe;
  int status = read_job(job, folder, path, text, sets, set_count);
  if (status == LS_OK) {
    *out = job;
  } else {
    ls_job_free(&job);
  }
  return status;
}

void ls_job_free(ls_job **job) {
  if (!*job) return;
  ls_arena_free(&(*job)->arena);
  free((*job)->text);
  free(*job);
  *job = NULL;
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

/* Reads the recorded job, and its text with the defaults of this version filled in; both stay NULL
 * if this version refuses it. */
static int complete(ls_job **past, ls_node **out, ls_arena *arena, const ls_job *job,
                    const char *recorded) {
  int status = ls_job_read(past, "job", recorded, NULL, 0, job->recipe);
  if (status == LS_OK) return ls_tree_read(out, arena, (*past)->text, (ls_place){"job", 1});
  if (status != LS_INVALID) return status;
  ls_error_clear();
  return LS_OK;
}

static int describe_differences(char **out, ls_job **read, ls_arena *arena, const ls_job *job,
                                const char *recorded) {
  ls_node *past = NULL, *present = NULL, *completed = NULL;
  int status = ls_tree_read(&past, arena, recorded, (ls_place){"job", 1});
  if (status == LS_OK) status = ls_tree_read(&present, arena, job->text, (ls_place){"job", 1});
  if (status != LS_OK || ls_differences(NULL, past, present, NULL) == 0) return status;
  status = complete(read, &completed, arena, job, recorded);
  if (status != LS_OK) return status;
  ls_text text = {0};
  if (ls_differences(&text, past, present, completed) == 0) return LS_OK;
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_job_compare(char **out, ls_job **past, const ls_job *job, const char *recorded) {
  ls_arena arena = {0};
  *out = NULL;
  *past = NULL;
  int status = describe_differences(out, past, &arena, job, recorded);
  ls_arena_free(&arena);
  return status;
}

int ls_job_differences(char **out, const ls_job *job, const char *recorded) {
  ls_job *past = NULL;
  int status = ls_job_compare(out, &past, job, recorded);
  ls_job_free(&past);
  return status;
}

int ls_job_essence(char **out, const ls_job *job) {
  ls_arena arena = {0};
  ls_text text = {0};
  ls_node *root = NULL;
  int status = ls_tree_read(&root, &arena, job->text, (ls_place){"job", 1});
  if (status == LS_OK) {
    ls_differences_reduce(root);
    ls_tree_add_block(&text, root);
  }
  ls_arena_free(&arena);
  *out = ls_text_take(&text);
  return status != LS_OK || *out ? status : LS_FAILED;
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
  int status = bind_values(job, index, values, NULL);
  free(index);
  return status;
}

int ls_job_digest_point(ls_digest128 *out, const ls_job *job, size_t point, bool epochs) {
  ls_arena arena = {0};
  ls_node *resolved = NULL;
  size_t *index = ls_new(job->sweep.variables.count, sizeof *index);
  int status = index ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    ls_axes_values(&job->sweep, point, index);
    status = fill(&resolved, &arena, job, index);
  }
  /* A copy is changed, since the job has parts of the tree itself. */
  ls_node *copy = status == LS_OK ? ls_node_copy(&arena, resolved) : NULL;
  if (copy) {
    ls_differences_reduce(copy);
    ls_node_remove(copy, "name");
    ls_node *train = ls_node_find(copy, "train");
    if (!epochs && train) ls_node_remove(train, "epochs");
    status = ls_tree_digest(out, copy);
  } else if (status == LS_OK) {
    status = LS_FAILED;
  }
  free(index);
  ls_arena_free(&arena);
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
