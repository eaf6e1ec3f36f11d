/* A job: what a job file asks for, as a list of trials.
 *
 * A job file is a recipe (a component table given by the caller: name, dataset, model, train, ...)
 * whose values may be sweep variables, plus the `sweep` section that gives these their values. A
 * trial is the recipe at one point of the sweep. The module uses no MPI, no HDF5 and no files:
 * every rank that reads the same text has the same trials. All functions are local. Method:
 * YAML 1.2 core schema scalars over libyaml's parser.
 *
 * Messages name the place: "FILE:LINE: key.path: what is wrong (what was expected)", with
 * "--set key.path=value" in the place of FILE:LINE for overrides. */
#ifndef LS_JOB_JOB_H
#define LS_JOB_JOB_H

#include "lockstep/component.h"

/* The most axes of a job, with those of replicates and folds: beside them the results file has the
 * epoch as a dimension. */
enum { LS_MAX_AXES = 15 };

/* The name of the axis of points, of a sweep that is no grid. */
#define LS_AXIS_POINT "point"

/* In the place of a value where a variable has none. */
#define LS_NO_VALUE UINT32_MAX

typedef struct ls_job ls_job;

/* XXH3-128 of some content. */
typedef struct ls_digest128 {
  uint64_t low, high;
} ls_digest128;

/* One dimension of the sweep: a variable's values, or numbers of points, replicates or folds, from
 * 0; or the values that a variable has at the points of a sweep that is no grid. All is owned by
 * the job. `numbers` holds the values of a numeric axis (NULL otherwise), `labels` all values as
 * text: the names that the job gives them, else as they were written or, where computed by a range,
 * in the fewest digits (6 at least) that tell them apart; `integer`: every number is whole; `log`:
 * made by log_range, so drawn on a log axis. `simpler`: 1 if the model gets simpler as the variable
 * grows, -1 if it does as the variable falls, by the arguments that it changes; 0 if they disagree
 * or don't say. */
typedef struct ls_axis {
  const char *name;
  size_t count;
  const double *numbers;
  const char *const *labels;
  bool integer;
  bool log;
  int simpler;
} ls_axis;

/* Reads the job text. `path` is its name for messages, `sets` are "key.path=value" overrides whose
 * values are YAML, applied in order; a path leads into lists by index (model[0].dense.units or
 * model.0.dense.units). `recipe` is borrowed and must outlive the job. Every trial's values are
 * bound and checked once, so that an error in any of them is found here. LS_INVALID with a message
 * as above; *out is then NULL. */
int ls_job_read(ls_job **out, const char *path, const char *text, const char *const *sets,
                size_t set_count, const ls_component *recipe);

/* The same for a job file in `folder` (an absolute path), which is recorded in the job as the one
 * that its relative paths start from; NULL: none. */
int ls_job_read_in(ls_job **out, const char *folder, const char *path, const char *text,
                   const char *const *sets, size_t set_count, const ls_component *recipe);
void ls_job_free(ls_job **job);

/* Records "FILE:LINE: section.key: ..." (`key` may be NULL) for what turns out to be wrong only
 * when the values are used, and returns LS_INVALID. */
int ls_job_fail(const ls_job *job, const char *section, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The place "FILE:LINE: section.key" (`key` may be NULL) as messages name it, to be freed. NULL,
 * with the error recorded, without memory. */
char *ls_job_place(const ls_job *job, const char *section, const char *key);

/* The recipe with which it was read. */
const ls_component *ls_job_recipe(const ls_job *job);

/* The job with overrides applied and every default written out, but nothing for what is left out,
 * as YAML that reads back to the same job. Owned by the job. */
const char *ls_job_text(const ls_job *job);

/* How the job differs from the one whose resolved text an earlier run has recorded: *out is NULL if
 * both ask for the same results (sweep.ranks_per_trial does not count), else a line to be freed,
 * such as "train.epochs: 3 in the file, 4 in the job". A key that the record lacks because an
 * earlier version wrote it is named as such. LS_INVALID if `recorded` is no YAML. */
int ls_job_differences(char **out, const ls_job *job, const char *recorded);

/* The same. *past, to be freed, is the recorded job where they differ; NULL if this version refuses
 * it. */
int ls_job_compare(char **out, ls_job **past, const ls_job *job, const char *recorded);

/* The resolved text without what does not change results, to be freed. */
int ls_job_essence(char **out, const ls_job *job);

/* The dimensions of the sweep in the order of the results: variables as written in the file, or
 * `point` where the sweep is no grid (variables are drawn, joint or conditional); then `replicate`,
 * then `fold`, each if the job has it. A single trial has none. */
size_t ls_job_axes(const ls_job *job, const ls_axis **axes);

/* Whether the sweep is no grid, so that its first axis is that of the points. */
bool ls_job_has_points(const ls_job *job);

/* The variables of the sweep with their values, as written in the file: of a grid the first axes.
 */
size_t ls_job_variables(const ls_job *job, const ls_axis **variables);

/* Sets the number of each variable's value [variable] at a point; LS_NO_VALUE: it has none. */
void ls_job_values(const ls_job *job, size_t point, size_t *values);

/* Number of trials: the product of the axes' counts, at least 1. */
size_t ls_job_trials(const ls_job *job);

/* Number of points of the sweep: of trials that are no replicates or folds of one another. */
size_t ls_job_points(const ls_job *job);

/* Whether the section of the recipe (`dataset`) may have other values at other points of the sweep.
 */
bool ls_job_varies(const ls_job *job, const char *section);

/* The trial's index along each axis, in the axes' order (the last one varies fastest). */
void ls_job_point(const ls_job *job, size_t trial, size_t *index);

/* The trial's replicate and fold number, 0 where the job has none. */
size_t ls_job_replicate(const ls_job *job, size_t trial);
size_t ls_job_fold(const ls_job *job, size_t trial);

/* Number of folds, 0 if the job has none. */
size_t ls_job_folds(const ls_job *job);

/* Ranks for one trial; 0 is auto. */
int64_t ls_job_ranks_per_trial(const ls_job *job);

/* Fills `values` (a struct of the recipe) with the trial's; release with ls_component_clear. Fails
 * only for want of memory, and `values` then owns nothing. */
int ls_job_bind(const ls_job *job, size_t trial, void *values);

/* A digest of the values of a point, less those without effect on results and the job's name, and
 * with or without train.epochs. Those of two points are equal if their values are, of whatever
 * jobs. */
int ls_job_digest_point(ls_digest128 *out, const ls_job *job, size_t point, bool epochs);

/* A short name such as "l2=1e-06 replicate=2" into `out`, which has room for 32 bytes or more; ""
 * for a single trial. Values that are not one word are in quotes (ls_escape_value). Only whole
 * words are written, then "..." if not all have room. */
void ls_job_trial_name(const ls_job *job, size_t trial, char *out, size_t size);

#endif
