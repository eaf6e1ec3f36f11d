/* Results files for other programs: tables for statistics, studies and logs for dashboards.
 *
 * Each format is a file of this folder and a line in EXPORT_FORMATS (format.h). The file of a job
 * that is running or was killed can be exported, too. Local to one process. */
#ifndef LS_EXPORT_EXPORT_H
#define LS_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

/* All is borrowed. */
typedef struct ls_export_options {
  const char *results; /* the results file */
  const char *format;  /* csv, optuna or tensorboard */
  const char *output;  /* file or folder; NULL: the default of the format; "-": standard output */
  bool curves;         /* a row for each epoch instead of each trial, of formats with rows */
  size_t trials;       /* the best ones by the monitored metric that are exported; 0: all */
} ls_export_options;

/* Writes the results in the format. LS_INVALID if the file is not a results file, the format is
 * unknown, an option does not apply to it, or it has a file for each of more than 1000 trials
 * without a number of trials. */
int ls_export(const ls_export_options *options);

#endif
