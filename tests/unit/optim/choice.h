/* Members of the families of optim/ with arguments of the test's choice. */
#ifndef TEST_OPTIM_CHOICE_H
#define TEST_OPTIM_CHOICE_H

#include "unit.h"

#include "optim/families.h"

#include <stdlib.h>
#include <string.h>

/* Sets an argument of any component by its name: its struct is its own file's affair. */
static inline void *argument(const ls_choice *c, const char *name) {
  for (const ls_arg *arg = c->type->args; arg->name; arg++) {
    if (strcmp(arg->name, name) == 0) return (char *)c->args + arg->offset;
  }
  fail_msg("%s has no argument %s", c->type->name, name);
  return NULL;
}

static inline void set_real(const ls_choice *c, const char *name, double value) {
  *(double *)argument(c, name) = value;
}

static inline void set_integer(const ls_choice *c, const char *name, int64_t value) {
  *(int64_t *)argument(c, name) = value;
}

static inline void set_flag(const ls_choice *c, const char *name, bool value) {
  *(bool *)argument(c, name) = value;
}

/* The member of that name; numbers and flags that have a default are set to it. */
static inline ls_choice choose(const ls_family *family, const char *name) {
  const ls_component *type = ls_family_find(family, name);
  assert_non_null(type);
  ls_choice chosen = {type, new_array(1, type->size), NULL};
  for (const ls_arg *arg = type->args; arg->name; arg++) {
    if (!arg->fallback) continue;
    bool none = strcmp(arg->fallback, "null") == 0;
    if (arg->kind == LS_ARG_REAL) {
      set_real(&chosen, arg->name, none ? NAN : strtod(arg->fallback, NULL));
    } else if (arg->kind == LS_ARG_BOOLEAN) {
      set_flag(&chosen, arg->name, strcmp(arg->fallback, "true") == 0);
    }
  }
  return chosen;
}

static inline void release(ls_choice *choice) {
  ls_component_clear(choice->type, choice->args);
  free(choice->args);
}

#endif
