/* Arguments of components without a job file: defaults from their tables, one of them changed. */
#ifndef TEST_ARGUMENTS_H
#define TEST_ARGUMENTS_H

#include "lockstep/component.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static inline void set_argument(const ls_arg *arg, void *values, double value) {
  void *at = (char *)values + arg->offset;
  if (arg->kind == LS_ARG_REAL) {
    *(double *)at = value;
  } else if (arg->kind == LS_ARG_INTEGER) {
    *(int64_t *)at = (int64_t)value;
  } else if (arg->kind == LS_ARG_BOOLEAN) {
    *(bool *)at = value != 0;
  } else {
    fail_msg("the argument %s is of another kind", arg->name);
  }
}

/* NULL for a component without arguments; `name` may be NULL. To be freed. */
static inline void *make_arguments(const ls_component *type, const char *name, double value) {
  if (type->size == 0) return NULL;
  void *values = new_array(1, type->size);
  bool found = !name;
  for (const ls_arg *arg = type->args; arg->name; arg++) {
    bool changed = name && strcmp(arg->name, name) == 0, yes = strcmp(arg->fallback, "true") == 0;
    set_argument(arg, values, changed ? value : yes ? 1 : strtod(arg->fallback, NULL));
    found |= changed;
  }
  assert_true(found);
  return values;
}

#endif
