/* Comparing two jobs trial by trial. Keys outside of the sweep are compared first, so that a
 * message can name them; then points are paired by digests of their values. */
#include "job/extension.h"

#include "base/activity.h"
#include "base/memory.h"
#include "job/differences.h"
#include "job/tree_digest.h"
#include "job/whole_training.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* The two jobs while they are compared, and their trees. */
typedef struct pair {
  const ls_job *job;
  ls_job *past;
  ls_extension_scope scope;
  bool longer;
  ls_arena arena;
  ls_node *recorded, *present;
  ls_node *completed; /* the earlier job with the defaults of this version */
} pair;

static int take(char **out, ls_text *text) {
  *out = ls_text_take(text);
  return *out ? LS_OK : LS_FAILED;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static int read_trees(pair *p, const char *recorded) {
  const ls_place place = {"job", 1};
  int status = ls_tree_read(&p->recorded, &p->arena, recorded, place);
  if (status == LS_OK) status = ls_tree_read(&p->present, &p->arena, ls_job_text(p->job), place);
  if (status != LS_OK) return status;
  return ls_tree_read(&p->completed, &p->arena, ls_job_text(p->past), place);
}

static ls_node *find_epochs(const ls_node *root) {
  const ls_node *train = ls_node_find(root, "train");
  return train && train->kind == LS_NODE_MAPPING ? ls_node_find(train, "epochs") : NULL;
}

/* Whether train.epochs is a number in both jobs, and larger in the later one. */
static bool has_more_epochs(const pair *p) {
  int64_t before, now;
  const ls_node *past = find_epochs(p->completed), *present = find_epochs(p->present);
  return past && present && ls_node_integer(past, &before) && ls_node_integer(present, &now) &&
         now > before;
}

static void remove_epochs(ls_node *root) {
  ls_node *train = ls_node_find(root, "train");
  if (train && train->kind == LS_NODE_MAPPING) ls_node_remove(train, "epochs");
}

/* Trees without keys outside of the sweep that may differ. */
typedef struct compared_trees {
  ls_node *past, *present;
} compared_trees;

static int copy_trees(compared_trees *out, pair *p) {
  *out =
      (compared_trees){ls_node_copy(&p->arena, p->recorded), ls_node_copy(&p->arena, p->present)};
  if (!out->past || !out->present) return LS_FAILED;
  ls_node *roots[] = {out->past, out->present};
  for (int i = 0; i < 2; i++) {
    if (p->scope == LS_EXTENDS_SOME) ls_node_remove(roots[i], "name");
    if (p->longer) remove_epochs(roots[i]);
  }
  return LS_OK;
}

/* Names the keys outside of the sweep in which the jobs differ; *out stays NULL if they do not. */
static int compare_recipes(char **out, pair *p) {
  compared_trees t;
  ls_text text = {0};
  int status = copy_trees(&t, p);
  if (status != LS_OK) return status;
  if (ls_differences_of_recipes(&text, t.past, t.present, p->completed) == 0) return LS_OK;
  return take(out, &text);
}

/* Takes out of the sweep of both trees a number that has grown. */
static void remove_grown(const compared_trees *t, const char *key) {
  int64_t before, now;
  ls_node *past = ls_node_find(t->past, "sweep"), *present = ls_node_find(t->present, "sweep");
  if (!past || !present || past->kind != LS_NODE_MAPPING || present->kind != LS_NODE_MAPPING)
    return;
  const ls_node *a = ls_node_find(past, key), *b = ls_node_find(present, key);
  if (!a || !b || !ls_node_integer(a, &before) || !ls_node_integer(b, &now) || now < before) return;
  ls_node_remove(past, key);
  ls_node_remove(present, key);
}

/* Names all keys in which the jobs differ, but those that a larger job may change; if there are no
 * others, the trial of the earlier job that is lost. */
static int compare_all(char **out, pair *p, size_t lost) {
  compared_trees t;
  ls_text text = {0};
  char name[256];
  int status = copy_trees(&t, p);
  if (status != LS_OK) return status;
  remove_grown(&t, "replicates");
  remove_grown(&t, "count");
  if (ls_differences(&text, t.past, t.present, p->completed) == 0) {
    ls_job_trial_name(p->past, lost, name, sizeof name);
    ls_text_add(&text, "sweep: the job has no trial %s", name);
  }
  return take(out, &text);
}

/* ---- What depends on the whole training ------------------------------------------------------ */

/* Names an argument of a point that depends on train.epochs. */
static int check_point(char **out, const ls_job *job, size_t point, void *values,
                       const char *differences) {
  ls_text key = {0}, text = {0};
  size_t each = ls_job_trials(job) / ls_job_points(job);
  int status = ls_job_bind(job, point * each, values);
  if (status != LS_OK) return status;
  bool found = ls_whole_training_find(&key, ls_job_recipe(job), values);
  ls_component_clear(ls_job_recipe(job), values);
  if (!found) return LS_OK;
  ls_text_add(&text, "%s, on which %s depends", differences, key.data ? key.data : "");
  ls_text_free(&key);
  return take(out, &text);
}

static int check_epochs(char **out, const pair *p, const char *differences) {
  void *values = ls_new(1, ls_job_recipe(p->job)->size);
  int status = values ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < ls_job_points(p->job) && status == LS_OK && p->longer && !*out; i++) {
    status = check_point(out, p->job, i, values, differences);
  }
  free(values);
  return status;
}

/* ---- Trials ---------------------------------------------------------------------------------- */

typedef struct keyed_point {
  ls_digest128 digest;
  size_t point;
} keyed_point;

static int compare_points(const void *a, const void *b) {
  const keyed_point *x = a, *y = b;
  return ls_digest_compare(x->digest, y->digest);
}

/* Returns the job's points, sorted by digest; NULL with the error recorded. */
static keyed_point *list_points(const ls_job *job, bool epochs) {
  size_t count = ls_job_points(job);
  keyed_point *list = ls_new(count, sizeof *list);
  int status = list ? LS_OK : LS_FAILED;
  for (size_t p = 0; p < count && status == LS_OK; p++) {
    list[p].point = p;
    status = ls_job_digest_point(&list[p].digest, job, p, epochs);
    ls_activity_progress();
  }
  if (status != LS_OK) {
    free(list);
    return NULL;
  }
  qsort(list, count, sizeof *list, compare_points);
  return list;
}

/* Sets the trials of a pair of points. */
static void pair_trials(ls_extension *out, const pair *p, size_t point, size_t past_point) {
  size_t each = ls_job_trials(p->job) / ls_job_points(p->job), first = point * each;
  size_t past_each = ls_job_trials(p->past) / ls_job_points(p->past);
  size_t folds = ls_job_folds(p->job) > 0 ? ls_job_folds(p->job) : 1;
  if (ls_job_folds(p->past) != ls_job_folds(p->job)) return;
  for (size_t t = first; t < first + each; t++) {
    size_t at = ls_job_replicate(p->job, t) * folds + ls_job_fold(p->job, t);
    if (at >= past_each) continue;
    out->origin[t] = past_point * past_each + at;
    out->kept++;
  }
}

/* Pairs points of the same digest: no job has two of them. */
static int pair_points(ls_extension *out, const pair *p) {
  keyed_point *present = list_points(p->job, !p->longer);
  keyed_point *past = present ? list_points(p->past, !p->longer) : NULL;
  size_t i = 0, k = 0, points = ls_job_points(p->job), past_points = ls_job_points(p->past);
  while (past && i < points && k < past_points) {
    int order = compare_points(&present[i], &past[k]);
    if (order == 0) pair_trials(out, p, present[i].point, past[k].point);
    i += order <= 0;
    k += order >= 0;
  }
  bool listed = past;
  free(present);
  free(past);
  return listed ? LS_OK : LS_FAILED;
}

/* The first trial of the earlier job that the job does not have. */
static int find_lost(const ls_extension *e, size_t trials, size_t *lost) {
  unsigned char *kept = ls_new(e->past_trials, sizeof *kept);
  if (!kept) return LS_FAILED;
  for (size_t t = 0; t < trials; t++) {
    if (e->origin[t] != LS_NO_TRIAL) kept[e->origin[t]] = 1;
  }
  for (*lost = 0; *lost < e->past_trials && kept[*lost];) ++*lost;
  free(kept);
  return LS_OK;
}

static int find_trials(ls_extension *out, char **differences, pair *p) {
  size_t trials = ls_job_trials(p->job), lost = 0;
  for (size_t t = 0; t < trials; t++) out->origin[t] = LS_NO_TRIAL;
  int status = pair_points(out, p);
  if (status != LS_OK || p->scope == LS_EXTENDS_SOME || out->kept == out->past_trials)
    return status;
  status = find_lost(out, trials, &lost);
  return status == LS_OK ? compare_all(differences, p, lost) : status;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void keep_all(ls_extension *out, const ls_job *job) {
  out->same = true;
  out->kept = out->past_trials = ls_job_trials(job);
  for (size_t t = 0; t < out->kept; t++) out->origin[t] = t;
}

/* Compares jobs that differ; `differences` says how. *out is set to what keeps the job from
 * continuing the earlier one. */
static int compare_jobs(ls_extension *e, char **out, pair *p, const char *differences) {
  p->longer = has_more_epochs(p);
  e->longer = p->longer;
  e->past_trials = ls_job_trials(p->past);
  int status = compare_recipes(out, p);
  if (status == LS_OK && !*out) status = check_epochs(out, p, differences);
  return status == LS_OK && !*out ? find_trials(e, out, p) : status;
}

int ls_extension_find(ls_extension *out, char **differences, const ls_job *job,
                      const char *recorded, ls_extension_scope scope) {
  pair p = {.job = job, .scope = scope};
  char *all = NULL;
  *out = (ls_extension){.origin = ls_new(ls_job_trials(job), sizeof *out->origin)};
  *differences = NULL;
  int status = out->origin ? ls_job_compare(&all, &p.past, job, recorded) : LS_FAILED;
  if (status == LS_OK && !all) {
    keep_all(out, job);
  } else if (status == LS_OK && !p.past) {
    *differences = all;
    all = NULL;
  } else if (status == LS_OK) {
    status = read_trees(&p, recorded);
    if (status == LS_OK) status = compare_jobs(out, differences, &p, all);
  }
  ls_arena_free(&p.arena);
  ls_job_free(&p.past);
  free(all);
  if (status != LS_OK || *differences) ls_extension_free(out);
  return status;
}

void ls_extension_free(ls_extension *e) {
  free(e->origin);
  *e = (ls_extension){0};
}

/* ---- Many files ------------------------------------------------------------------------------ */

int ls_compared_job_update(ls_compared_job *c, const ls_job *job, const char *recorded,
                           ls_extension_scope scope) {
  if (c->recorded && strcmp(c->recorded, recorded) == 0) return LS_OK;
  ls_compared_job_free(c);
  int status = ls_extension_find(&c->extension, &c->differences, job, recorded, scope);
  if (status == LS_OK) c->recorded = ls_copy_text(recorded);
  if (status == LS_OK && !c->recorded) status = LS_FAILED;
  return status;
}

void ls_compared_job_free(ls_compared_job *c) {
  ls_extension_free(&c->extension);
  free(c->differences);
  free(c->recorded);
  *c = (ls_compared_job){0};
}
