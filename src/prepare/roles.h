/* The roles of the columns of a source: inputs, targets, weights, groups; and their encodings. */
#ifndef LS_PREPARE_ROLES_H
#define LS_PREPARE_ROLES_H

#include "base/text.h"
#include "prepare/conversion.h"
#include "prepare/encoding.h"

/* A target and how it is stored: /train/y, or /train/y/NAME where there are several. */
typedef struct role_target {
  const char *name; /* of the column, behind its last slash; borrowed from the encoding */
  ls_encoding *encoding;
  bool classes;
} role_target;

/* Sample weights, stored as /train/weight, or /train/weight_HEAD. */
typedef struct role_weight {
  const char *head; /* "": all heads; borrowed from the conversion */
  ls_encoding *encoding;
} role_weight;

typedef struct column_roles {
  ls_encoding *inputs;
  role_target targets[LS_MOST_CHOICES];
  size_t target_count;
  role_weight weights[LS_MOST_CHOICES];
  size_t weight_count;
  ls_encoding *group; /* NULL: none; classes are the groups */
} column_roles;

/* Decides on roles by the conversion and the columns of the source. Start from {0}. */
int roles_choose(column_roles *r, const ls_conversion *c, ls_source *source);

/* Appends a line for each column of the source: its type and role. */
void roles_describe(const column_roles *r, const ls_source *source, ls_text *text);

void roles_clear(column_roles *r);

#endif
