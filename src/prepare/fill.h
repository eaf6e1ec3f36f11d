/* Values for missing numbers: the mean or median of a column over the samples for training. */
#ifndef LS_PREPARE_FILL_H
#define LS_PREPARE_FILL_H

#include "prepare/encoding.h"

#include <stdbool.h>

/* Collects the values of all inputs that are single numbers. */
typedef struct fills fills;

int fill_create(fills **out, const ls_encoding *inputs, const ls_source *source, bool median);

/* Adds a row. */
int fill_add(fills *f, const double *row);

/* Sets the fills of the encoding. LS_INVALID if a column has no value at all. */
int fill_finish(fills *f, ls_encoding *inputs);

void fill_free(fills **f);

#endif
