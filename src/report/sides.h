/* Several results files side by side: which of their points belong together, and how these differ.
 */
#ifndef LS_REPORT_SIDES_H
#define LS_REPORT_SIDES_H

#include "report/compare.h"
#include "report/figures/figure.h"
#include "report/table.h"

/* A point of the first file with one of another. */
typedef struct ls_report_match {
  size_t other; /* number of the other file */
  size_t a, b;  /* points of the first file, and of the other */
  ls_report_stat a_stat, b_stat;
  ls_report_test test; /* of b - a */
} ls_report_match;

/* The first file is compared with each of the others, in what its reference is of, or by default in
 * the monitored value. */
typedef struct ls_report_sides {
  size_t count;
  char **names; /* the files', without folder and .h5 */
  ls_report_results **results;
  ls_report_summary **summaries;
  const char *metric;
  int better; /* 1 if more of it is better, -1 if less is, 0 if the first file doesn't say */
  ls_report_match *matches;
  size_t match_count;
  int decimals;
} ls_report_sides;

/* Reads the files and matches points: those that agree in every variable that both files have. Only
 * one of two files may have further variables of several values. Trials are paired if each of those
 * that one side has more of, or as many, has the other's seed and fold; else the samples are
 * independent. LS_INVALID if nothing matches, or a file has no such metric. */
int ls_report_sides_create(ls_report_sides **out, const char *const *files, size_t count);
void ls_report_sides_free(ls_report_sides **sides);

/* "l2 = 1e-05, units = 100", by the variables of either file that have several values; "" where
 * there are none. To be freed; NULL, with the error recorded, without memory. */
char *ls_report_match_name(const ls_report_sides *sides, const ls_report_match *match);

int ls_report_sides_table(ls_report_table **out, const ls_report_sides *sides);

/* Each to be freed. */
int ls_report_sides_csv(char **out, const ls_report_sides *sides);
int ls_report_sides_page(char **out, const ls_report_sides *sides, const ls_report_table *table,
                         const ls_report_figures *figures);

/* Appends a sentence for each file: its title, what it is called here, how its trials ended. */
void ls_report_add_sides(ls_text *out, const ls_report_sides *sides);

/* The means and the differences, with their intervals. */
int ls_report_sides_figures(ls_report_figures **out, const ls_report_sides *sides);

#endif
