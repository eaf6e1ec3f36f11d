/* The figures of a Markdown page: files in a folder, to which the page refers. */
#ifndef LS_REPORT_GALLERY_H
#define LS_REPORT_GALLERY_H

#include "report/analyses.h"
#include "report/figures/figure.h"

/* Where the files are. {0}: there are no figures. */
typedef struct report_gallery {
  const char *folder; /* NULL: none */
  const char *link;   /* the same from the folder of the page */
} report_gallery;

/* Makes the folder; `page` is the page's file, NULL for standard output. */
int report_gallery_create(report_gallery *out, ls_memory *memory, const char *folder,
                          const char *page);

/* Writes the figures that a job describes, which is named in their files, and shows them with their
 * captions. */
int report_gallery_add_job(const report_gallery *gallery, ls_text *page,
                           const report_summary *summary);

/* The same of an analysis, whose figures are files beside its own. What can't be read is named. */
int report_gallery_add_analysis(const report_gallery *gallery, ls_text *page, ls_memory *memory,
                                const report_analysis *analysis);

#endif
