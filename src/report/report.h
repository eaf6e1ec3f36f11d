/* The report of a results file: a table for the terminal, and a page with figures; the same of how
 * two or more differ; or of many, one page with a table.
 *
 * Reads the file as it is, also that of a job still running or killed: trials without a result are
 * counted, not averaged. Figures are drawn by the program gnuplot. Local to one process. */
#ifndef LS_REPORT_REPORT_H
#define LS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/* What to write where; NULL: don't, or for `page` the default. All is borrowed. */
typedef struct ls_report_options {
  const char *results;    /* the results file */
  const char *page;       /* HTML file; by default RESULTS with .html in the place of .h5 */
  const char *csv;        /* the table in full precision; "-" is standard output, for it alone */
  const char *svg_folder; /* each figure as a file of its own; made if it is not there */
  bool all;               /* print every row of a long table */
  const char *const *analyses; /* files of analyses to tell of in the page, beside those that lie */
  size_t analysis_count;       /* in the folder of the job's models */
} ls_report_options;

/* Prints the table on standard output, then writes what the options ask for. LS_INVALID if the file
 * is not a results file; LS_FAILED, after the table and the CSV, if gnuplot is missing or fails. */
int ls_report(const ls_report_options *options);

/* Compares results files, two or more, point by point: prints the table of the differences from the
 * first, then writes what the options ask for, of which `results` is not looked at. The default of
 * `page` stands beside the first file: A_vs_B.html; analyses aren't told of. LS_INVALID as above,
 * or if no points match. */
int ls_report_side_by_side(const char *const *results, size_t count,
                           const ls_report_options *options);

/* Writes one Markdown page on the results of many jobs, with a row for each point of their sweeps,
 * and on the analyses that the options name: to their `page`, or to standard output where that is
 * NULL. LS_INVALID if one is not a results file. */
int ls_report_all(const char *const *results, size_t count, const ls_report_options *options);

/* Whether the file is that of an analysis (lockstep/evaluate.h, inspect.h, embedding.h). */
bool ls_report_is_analysis(const char *path);

#endif
