/* Many results files -> one page: what each job came to beside what was reported. */
#ifndef LS_REPORT_OVERVIEW_H
#define LS_REPORT_OVERVIEW_H

#include "report/analyses.h"

/* Where the figures of the page are. {0}: there are none. */
typedef struct report_gallery {
  const char *folder; /* NULL: none */
  const char *link;   /* the same from the folder of the page */
} report_gallery;

/* Appends the page, in Markdown, with the analyses in it. If `svg_folder` is not NULL, the figures
 * that jobs describe and those of analyses are written there, and shown in the page, which is to
 * be the file `file` (NULL: standard output). LS_INVALID if one of the files is no
 * results file. */
int report_overview(ls_text *page, ls_memory *memory, const char *const *files, size_t count,
                    const report_analyses *analyses, const char *svg_folder, const char *file);

/* Appends the section on analyses alone, nothing if there are none. */
int report_overview_analyses(ls_text *page, const report_analyses *analyses,
                             const report_gallery *gallery);

#endif
