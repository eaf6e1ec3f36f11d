/* Reading a job, in the order sets, sweep, recipe; the values of each point are checked, and which
 * direction of a variable makes models simpler is found out by comparing them. */
#include "base/memory.h"
#include "base/text.h"
#include "job/bind.h"
#include "job/folder.h"
#include "job/job_internal.h"
#include "job/repeats.h"
#include "job/resolve.h"
#include "job/set.h"
#include "job/simpler.h"
#include "job/substitute.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

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

/* Binds the values at `index` [variable]. `digest` is that of what varies (repeats.h). */
static int check_point(const ls_job *job, const size_t *index, void *values, ls_digest128 *digest) {
  ls_arena arena = {0};
  ls_node *resolved = NULL;
  int status = ls_job_fill(&resolved, &arena, job, index);
  if (status == LS_OK) status = ls_repeats_digest(digest, &arena, resolved);
  if (status == LS_OK) status = ls_bind(job->recipe, resolved, NULL, values);
  if (status == LS_OK) ls_component_clear(job->recipe, values);
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
    status = check_point(job, index, values, &digests[p]);
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
  int status = ls_job_bind_values(job, index, values[!up]);
  if (status != LS_OK) return status;
  index[variable] = at + 1;
  status = ls_job_bind_values(job, index, values[up]);
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
