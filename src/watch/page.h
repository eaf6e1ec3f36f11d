/* The status of a running job as an HTML page that needs nothing else. Local. */
#ifndef LS_WATCH_PAGE_H
#define LS_WATCH_PAGE_H

#include "watch/life.h"
#include "watch/rows.h"

/* All is borrowed. */
typedef struct watch_page {
  const ls_run_status *status;
  const watch_rows *rows; /* NULL: the results file could not be read */
  watch_life life;
  double age;  /* seconds since the last update */
  int refresh; /* seconds until a browser loads the page again; 0: it does not */
} watch_page;

/* Writes the page as a whole to the file. */
int watch_write_page(const watch_page *page, const char *path);

#endif
