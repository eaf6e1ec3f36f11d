/* Several results files side by side: which of their points belong together, and how these differ.
 * Reads the files; otherwise pure. */
#ifndef LS_REPORT_SIDES_H
#define LS_REPORT_SIDES_H

#include "report/figures/list.h"
#include "report/summary.h"
#include "report/table.h"

/* A point of the first file with one of another. */
typedef struct report_match {
  size_t other; /* number of the other file */
  size_t a, b;  /* points of the first file, and of the other */
  char *name;   /* by the variables of either file that have several values, "" without any */
  report_stat a_stat, b_stat;
  report_test test; /* of b - a */
} report_match;

/* The first file is compared with each of the others, in what its first reference is of, or by
 * default in the monitored value. */
typedef struct report_sides {
  ls_memory *memory; /* borrowed */
  size_t count;
  const char **names; /* the files', without folder and .h5, or their paths if that is ambiguous */
  report_summary **files;
  const char *metric;
  int better; /* 1 if more of it is better, -1 if less is, 0 if the first file doesn't record it */
  int decimals;
  bool named; /* whether any match has a name */
  report_match *matches;
  size_t match_count;
} report_sides;

/* Reads the files and matches points: those that agree in every variable that both files have,
 * but for those of one value in both. Only
 * one of two files may have further variables of several values. Trials are paired if each of those
 * that one side has more of, or as many, has the other's seed and fold; else the samples are
 * independent. LS_INVALID if nothing matches, or a file has no such metric. */
int report_compare(report_sides **out, ls_memory *memory, const char *const *files, size_t count);

/* A row for each match, in full precision. */
report_table report_sides_csv_table(const report_sides *sides);

/* Appends a sentence for each file, and the table. */
void report_sides_print(ls_text *out, const report_sides *sides);

/* Appends the page. LS_FAILED, or LS_INVALID for a figure that can't be shown in it. */
int report_sides_page(ls_text *page, const report_sides *sides, const report_figures *figures);

#endif
