/* Files that analyses of trained models have written, as parts of a report. */
#ifndef LS_REPORT_ANALYSES_H
#define LS_REPORT_ANALYSES_H

#include "base/memory.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* What such a file records. Texts are never NULL, "" where there is none. */
typedef struct report_analysis {
  const char *path, *title, *reference, *command;
  char **summary; /* lines */
  size_t summary_count;
  char **figures, **captions; /* names of SVG files in the file's folder */
  size_t figure_count;
} report_analysis;

/* Start from {.memory = ...}, which is borrowed. */
typedef struct report_analyses {
  ls_memory *memory;
  report_analysis *items;
  size_t count;
} report_analyses;

/* Adds the files of analyses, each once. LS_INVALID if one is not of an analysis. */
int report_analyses_read(report_analyses *out, const char *const *files, size_t count);

/* Adds those in the folder of the models of a results file, trial by trial. What can't be read
 * there is passed over. */
int report_analyses_find(report_analyses *out, const char *results);

/* Appends the section of the HTML page, nothing if there are none. Unless `all` is set, figures
 * with which the page would be larger than REPORT_PAGE_MOST are named instead. */
enum { REPORT_PAGE_MOST = 4800000 /* bytes; the rest is for what follows */ };
int report_page_analyses(ls_text *page, const report_analyses *analyses, bool all);

/* Reads a figure, a file beside the analysis' own: to be freed. Names that lead elsewhere and links
 * are refused, since the file of an analysis may be anybody's. */
int report_analysis_figure(char **svg, const report_analysis *analysis, size_t figure);

#endif
