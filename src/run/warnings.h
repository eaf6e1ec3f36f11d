/* Warnings about jobs that can be run but hardly mean what was intended: classes without samples,
 * outputs that do not suit their loss or metrics. They are collected from the plans of the job's
 * trials, one of each kind for each head, and printed once. Local. */
#ifndef LS_RUN_WARNINGS_H
#define LS_RUN_WARNINGS_H

#include "base/memory.h"
#include "trial/plan.h"

typedef enum ls_warning_kind {
  LS_WARN_TRAINING_CLASSES,   /* classes without training samples */
  LS_WARN_VALIDATION_CLASSES, /* classes without validation samples */
  LS_WARN_MEMORY,             /* all samples are shuffled, but do not fit in memory */
  LS_WARN_FOLDER,             /* a file that is not in the job's folder */
  LS_WARN_WEIGHTS,            /* sample weights of a head that the model does not have */
  LS_WARN_OUTPUTS,            /* outputs that the loss does not take, or that are constant */
  LS_WARN_METRIC,             /* outputs that a metric does not take */
  LS_WARNING_KINDS,
} ls_warning_kind;

/* Classes that were counted: those of a target, among the samples of a plan's own split. */
typedef struct ls_counted {
  const ls_plan *owner; /* only compared */
  size_t target;
} ls_counted;

/* Start from {0}. */
typedef struct ls_warnings {
  ls_memory memory;
  char *texts[LS_WARNING_KINDS][LS_MAX_HEADS]; /* of the first trial that has it; NULL: none */

  size_t node_memory;     /* bytes; 0: not asked for yet */
  ls_counted counted[64]; /* the first ones */
  size_t counted_count;

  /* Labels of the dataset that was read last, [target][part][sample]. */
  char *path;
  int32_t *labels[LS_MAX_TARGETS][LS_PART_COUNT];
} ls_warnings;

/* Adds what a trial of the job has to be warned of. */
int ls_warnings_add(ls_warnings *warnings, const ls_job *job, size_t trial, const ls_plan *plan);

/* Releases the labels, once all trials have been added. */
void ls_warnings_finish(ls_warnings *warnings);

/* Prints them to standard error, one line each. */
void ls_warnings_print(const ls_warnings *warnings);

void ls_warnings_free(ls_warnings *warnings);

#endif
