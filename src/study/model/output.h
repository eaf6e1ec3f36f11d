/* The output of an analysis: a labelled file of its result, figures beside it, printed text. */
#ifndef LS_STUDY_MODEL_OUTPUT_H
#define LS_STUDY_MODEL_OUTPUT_H

#include "comm/group.h"
#include "study/model/labelled.h"
#include "study/model/trained.h"

#include <stdio.h>

/* How an analysis presents its result, a struct of its own. */
typedef struct ls_output {
  const char *title; /* of the file */
  void (*write)(labelled *l, const void *result);
  void (*draw)(labelled *l, const void *result);
  void (*print)(const void *result, FILE *out); /* followed by the path of the file */
} ls_output;

/* Sets the attributes of a file about one model: the model, and the part of the dataset. */
void ls_output_model(labelled *l, const ls_trained *model, ls_part part);

/* Returns the columns of a text on a terminal, at least so many. */
int ls_output_width(int least, const char *text);

/* Prints a number of a table, two spaces before its column; NaN as "-". */
void ls_output_number(FILE *out, int width, int decimals, double value);

/* Collective: writes, draws and prints on rank 0. The text is printed once the file is there, also
 * where a figure could not be drawn. Returns the first failure, the same on all ranks. */
int ls_output_save(const ls_output *output, const void *result, const ls_analysis_file *file,
                   const ls_group *world, FILE *out);

#endif
