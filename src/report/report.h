/* Reports of results files: of one, a table for the terminal and a page with figures; of two or
 * more, the same for their differences; of many jobs, one page with tables.
 *
 * The file of a job that is running or was killed can be read, too: trials without a result are
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
  const char *svg_folder; /* each figure as a file of its own; made if it does not exist */
  /* Descriptions of figures, as in a job's key `figures`, to draw instead of the job's; or a job
   * file with that key. */
  const char *const *figures;
  size_t figure_count;
  const char *figures_of; /* NULL: none */
  bool all;               /* print every row and column of long tables; also in the page */
  /* Files of analyses to show in the page, beside those in the folder of the job's models. */
  const char *const *analyses;
  size_t analysis_count;
} ls_report_options;

/* Prints the table on standard output, then writes the other outputs of the options. LS_INVALID if
 * the file is not a results file or, after the table, if it has not what a figure names; LS_FAILED,
 * after the table and the CSV, if gnuplot is missing or fails. */
int ls_report(const ls_report_options *options);

/* Compares results files, two or more, point by point: prints the table of the differences from the
 * first, then writes the other outputs of the options, whose `results` and analyses are ignored.
 * The default of `page` is A_vs_B.html beside the first file. LS_INVALID as above, or if no points
 * match. */
int ls_report_side_by_side(const char *const *results, size_t count,
                           const ls_report_options *options);

/* Writes one Markdown page on the results of many jobs, with a row for each point of their sweeps,
 * and on the analyses that the options name: to their `page`, or to standard output where that is
 * NULL. With their `svg_folder` it shows the figures that jobs describe, and those of analyses.
 * LS_INVALID if one is not a results file. */
int ls_report_all(const char *const *results, size_t count, const ls_report_options *options);

/* Whether the file is that of an analysis (see study/). */
bool ls_report_is_analysis(const char *path);

#endif
