/* The models of a job's trials in its report: layer tables and diagrams. */
#ifndef LS_REPORT_MODELS_H
#define LS_REPORT_MODELS_H

#include "base/layer_table.h"
#include "base/memory.h"
#include "base/text.h"

#include "report/figures/list.h"

#include <stddef.h>

typedef struct report_models {
  ls_memory *memory; /* borrowed: of all that follows */
  const char *path;  /* of the results file, borrowed */
  ls_layer_table *tables;
  size_t count; /* 0: the file records none, as those of earlier versions */
  size_t trials_left_out;
} report_models;

/* Reads the models that a results file records. LS_INVALID if what it has of them is no table. */
int report_models_read(report_models *out, ls_memory *memory, const char *path);

/* Appends the diagram of the models, side by side, which the program dot draws. LS_INVALID if the
 * file records none, LS_FAILED if dot is missing or fails. */
int report_models_draw(report_figures *list, const report_models *models);

/* Appends the section of the page: for each model the table of its layers and its diagram, which
 * the program dot draws; where that is missing or fails, the reason instead. */
int report_page_models(ls_text *page, const report_models *models);

#endif
