/* Components: the named things a job file is made of, and their arguments.
 *
 * A layer, a loss, an optimiser, a schedule, and also the `train` and `dataset` sections, each
 * describe their arguments in one table (name, kind, default, bounds). From that table alone job
 * files are read, checked and printed with their defaults; the component's own code then finds the
 * values in a plain struct. Components that can stand for one another form a family
 * (activations, optimisers, ...); a job names a member: `relu`, or `sgd: {learning_rate: 0.1}`.
 *
 * This header is plain data: it knows neither YAML nor what a component does. */
#ifndef LOCKSTEP_COMPONENT_H
#define LOCKSTEP_COMPONENT_H

#include "lockstep/visibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

struct ls_component;

/* Components of which a job may name one. `kind` is the word for messages: "layer", "loss". A plain
 * number stands for the first member, where the first argument of that is a real
 * (`learning_rate: 0.1` for a constant schedule). */
typedef struct ls_family {
  const char *kind;
  const struct ls_component *const *members;
  size_t count;
  bool grown; /* by ls_family_add: members are on the heap */
} ls_family;

typedef enum ls_arg_kind {
  LS_ARG_INTEGER,  /* int64_t */
  LS_ARG_REAL,     /* double */
  LS_ARG_BOOLEAN,  /* bool */
  LS_ARG_TEXT,     /* char *, owned */
  LS_ARG_WORD,     /* int: the index in the NULL-terminated list `words` */
  LS_ARG_REALS,    /* ls_reals: a list of numbers; one alone is a list of one */
  LS_ARG_CHOICE,   /* ls_choice: one member of `family` */
  LS_ARG_CHOICES,  /* ls_choices: a list of members of `family` */
  LS_ARG_SECTION,  /* the struct of `section`, in place */
  LS_ARG_SECTIONS, /* ls_sections: names of the user's, each with a struct of `section` */
} ls_arg_kind;

/* One argument. Beside the fields described below there are:
 * - `words`, for an integer: a word that may stand instead of the number, which is then 0.
 * - `min_items` and `max_items`: how many numbers a list has; both 0: any.
 * - `instead_of`: another argument, optional like this one, of which exactly one must be given.
 *
 * `fallback` is its default, written as in a job file; NULL: it must be given;
 * "null": it may be left out, and is then 0, false, NULL, an empty list, NaN (a real) or -1 (a
 * word). A section's fallback is "{}", each of its arguments having its own; or "null", and the
 * struct of a section left out stays zeroed (a required argument tells one that is given). A list
 * of members may be empty only if its fallback is "[]" or "null". Numbers must lie in [min, max],
 * without the end that a flag excludes; no bounds are checked where both are 0. */
typedef struct ls_arg {
  const char *name;
  ls_arg_kind kind;
  size_t offset;
  const char *fallback;
  const char *purpose;
  double min, max;
  unsigned flags;
  const char *const *words;
  const struct ls_family *family;
  const struct ls_component *section;
  size_t min_items, max_items;
  const char *instead_of;
} ls_arg;

enum {
  LS_ABOVE_MIN = 1,  /* the smallest value itself is not allowed */
  LS_BELOW_MAX = 2,  /* nor the largest */
  LS_NULL_ITEMS = 4, /* items of a list may be null, which is NaN */
  LS_INTEGERS = 8,   /* a real, or each one of a list, must be an integer */
  /* What the number says of the model: */
  LS_LESS_IS_SIMPLER = 16, /* the smaller, the simpler: units, epochs */
  LS_MORE_IS_SIMPLER = 32, /* the larger, the simpler: penalties, dropout rates */
};

/* A named thing with its arguments. `size` is that of the struct the values go into; `args` ends
 * with an entry whose name is NULL. Where a job gives a single value instead of a mapping
 * (`dropout: 0.5`), it is the first argument's. `check` may be NULL; it looks at arguments that
 * depend on one another and returns NULL or what is wrong (static text). */
typedef struct ls_component {
  const char *name;
  const char *purpose;
  size_t size;
  const ls_arg *args;
  const char *(*check)(const void *args);
} ls_component;

/* A member that a job chose. `type` is NULL where the argument was left out; `args` is NULL for a
 * component of size 0; `where` is the place in the job file, "FILE:LINE: key.path", for messages
 * that can be written only later (a kernel larger than its image). Owned by the enclosing values.
 */
typedef struct ls_choice {
  const ls_component *type;
  void *args;
  char *where;
} ls_choice;

typedef struct ls_choices {
  ls_choice *items;
  size_t count;
} ls_choices;

/* Sections under names that the job file makes up, in its order; `where` as in a choice. */
typedef struct ls_section {
  char *name;
  void *values;
  char *where;
} ls_section;

typedef struct ls_sections {
  ls_section *items;
  size_t count;
} ls_sections;

typedef struct ls_reals {
  double *values;
  size_t count;
} ls_reals;

/* The family's member of that name, or NULL. Local. */
const ls_component *ls_family_find(const ls_family *family, const char *name);

/* Whether a plain number may stand for the family's first member, being its first argument. Local.
 */
bool ls_family_takes_number(const ls_family *family);

/* Adds a member, borrowed for good, as the last one: job files can name it from then on. Programs
 * call the functions that check the member's type, such as ls_layer_register (lockstep/layer.h).
 * Local. LS_INVALID if there is a member of that name, LS_FAILED for want of memory. */
int ls_family_add(ls_family *family, const ls_component *member);

/* Frees what the values own (texts, lists, chosen members), not the struct itself. Local. */
void ls_component_clear(const ls_component *type, void *values);

LS_END_DECLARATIONS

#endif
