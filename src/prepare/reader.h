/* Reading a source by its roles: blocks of rows, and what they are as inputs, targets and weights.
 * Local. */
#ifndef LS_PREPARE_READER_H
#define LS_PREPARE_READER_H

#include "prepare/roles.h"

typedef struct row_reader {
  ls_source *source;
  bool drops; /* rows with missing values are left out */
  ls_encoder *inputs, *targets[LS_MOST_CHOICES], *weights[LS_MOST_CHOICES], *group;
  size_t target_count, weight_count;
  size_t block, got, next; /* rows: room, read, used */
  double *rows;            /* [block, width] */
  size_t *places;          /* [block] */
  const double *row;       /* the current one */
  size_t place;
  size_t kept, dropped; /* rows since the last rewind */
} row_reader;

/* Finds the columns of the roles in the source. Both are borrowed. */
int reader_create(row_reader **out, const column_roles *roles, ls_source *source, bool drops);

int reader_rewind(row_reader *r);

/* Goes to the next row that is not left out; *end after the last one. */
int reader_next(row_reader *r, bool *end);

/* The number of the row's class (of the first target) or group. */
int reader_class(const row_reader *r, size_t *class);
int reader_group(const row_reader *r, size_t *group);

void reader_free(row_reader **r);

#endif
