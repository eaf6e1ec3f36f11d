/* Components: the named parts of a job file, and tables of their arguments.
 *
 * Layers, losses, optimisers and schedules, and also sections such as `train` and `dataset`, each
 * describe their arguments in one table (name, kind, default, bounds). Job files are read, checked
 * and printed with their defaults from that table alone; the component's code finds the values in a
 * struct. Components that can replace one another form a family (activations, optimisers, ...), and
 * a job names one of its members: `relu`, or `sgd: {learning_rate: 0.1}`.
 *
 * This header is plain data: it depends neither on YAML nor on what a component does. */
#ifndef LOCKSTEP_COMPONENT_H
#define LOCKSTEP_COMPONENT_H

#include "lockstep/visibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

struct ls_component;

/* Components of which a job names one. A plain number is short for the first member if the first
 * argument of that is a real: `learning_rate: 0.1` is a constant schedule. */
typedef struct ls_family {
  const char *kind; /* for messages: "layer", "loss" */
  const struct ls_component *const *members;
  size_t count;        /* of members */
  const char *purpose; /* what the members have in common, for the manual */
  bool grown;          /* ls_family_add has allocated `members` */
} ls_family;

/* The kinds of arguments, with the type of the value in the component's struct. */
typedef enum ls_arg_kind {
  LS_ARG_INTEGER,  /* int64_t */
  LS_ARG_REAL,     /* double */
  LS_ARG_BOOLEAN,  /* bool */
  LS_ARG_TEXT,     /* char *, owned */
  LS_ARG_WORD,     /* int: the index in the NULL-terminated list `words` */
  LS_ARG_REALS,    /* ls_reals: a list of numbers; one alone is a list of one */
  LS_ARG_TEXTS,    /* ls_texts: a list of texts, not empty; one alone is a list of one */
  LS_ARG_CHOICE,   /* ls_choice: one member of `family` */
  LS_ARG_CHOICES,  /* ls_choices: a list of members of `family` */
  LS_ARG_SECTION,  /* the struct of `section`, in place */
  LS_ARG_SECTIONS, /* ls_sections: names of the user's, each with a struct of `section` */
  LS_ARG_LIST,     /* ls_sections without names: a list of structs of `section`, not empty */
  LS_ARG_SETTINGS, /* ls_settings_list: values of variables of the sweep, {lr: 0.1, units: 10}, or
                      a list of such mappings; `max_items` 1: no list */
  LS_ARG_NAMED_REALS, /* ls_named_reals: numbers by names of the user's, {cat: 1, dog: 5}, or one of
                         `words` */
} ls_arg_kind;

/* One argument of a component. */
typedef struct ls_arg {
  const char *name;
  ls_arg_kind kind;
  size_t offset; /* of the value in the component's struct */
  /* The default, written as in a job file. NULL: the argument is required. "null": it may be left
   * out, and its value is then 0, false, NULL, an empty list, NaN (a real) or -1 (a word). Of a
   * section it is "{}", where each argument has its own default, or "null", where the struct of a
   * section that is left out is all 0 (a required argument shows that the section is given). */
  const char *fallback;
  const char *purpose; /* one line, for the manual and the schema */
  /* Numbers must lie in [min, max], without the ends that `flags` exclude; both 0: any number. A
   * list of members may be empty only if `fallback` is "[]" or "null". */
  double min, max;
  unsigned flags;                     /* LS_ABOVE_MIN and following */
  const char *const *words;           /* of LS_ARG_WORD: all words, then NULL; of an integer: a word
                                         that may be written for 0; of named reals: words */
  const struct ls_family *family;     /* of LS_ARG_CHOICE and LS_ARG_CHOICES */
  const struct ls_component *section; /* of LS_ARG_SECTION, SECTIONS and LIST */
  size_t min_items, max_items;        /* how many numbers a list has; both 0: any number */
  const char *instead_of; /* an optional argument; exactly one of the two must be given */
} ls_arg;

enum {
  LS_ABOVE_MIN = 1,  /* `min` itself is not allowed */
  LS_BELOW_MAX = 2,  /* `max` itself is not allowed */
  LS_NULL_ITEMS = 4, /* items of a list may be null; their value is NaN */
  LS_INTEGERS = 8,   /* a real, or each one of a list, must be an integer */
  /* How the number relates to the size of the model: */
  LS_LESS_IS_SIMPLER = 16, /* smaller values make simpler models: units, epochs */
  LS_MORE_IS_SIMPLER = 32, /* larger values make simpler models: penalties, dropout rates */
  /* With an integer's default, null, what is trained depends on where training ends, so that
   * results of fewer epochs are not those of the first epochs of more. */
  LS_WHOLE_TRAINING = 64,
};

/* A component. Where a job gives a plain value instead of a mapping (`dropout: 0.5`), it is the
 * value of the first argument. */
typedef struct ls_component {
  const char *name;    /* as in a job file */
  const char *purpose; /* one line, for the manual and the schema */
  size_t size;         /* of the struct of its values; 0: no arguments */
  const ls_arg *args;  /* the table, ended by an entry whose name is NULL */
  /* Checks arguments that depend on one another. Returns NULL, or what is wrong as static text. May
   * be NULL. */
  const char *(*check)(const void *args);
} ls_component;

/* A member of a family that a job chose. Owned by the struct of values that contains it. */
typedef struct ls_choice {
  const ls_component *type; /* NULL: the argument was left out */
  void *args;               /* the member's struct of values; NULL: it has none */
  char *where;              /* place in the job file, "FILE:LINE: key.path", for later messages */
} ls_choice;

typedef struct ls_choices {
  ls_choice *items;
  size_t count;
} ls_choices;

/* A section under a name that the job chose, or one of a list. */
typedef struct ls_section {
  char *name;   /* NULL in a list */
  void *values; /* the section's struct of values */
  char *where;  /* place in the job file, as in ls_choice */
} ls_section;

/* Such sections, in the order of the job file. */
typedef struct ls_sections {
  ls_section *items;
  size_t count;
} ls_sections;

typedef struct ls_reals {
  double *values;
  size_t count;
} ls_reals;

typedef struct ls_texts {
  char **items;
  size_t count;
} ls_texts;

/* A value of a variable of the sweep, as text: its label, or the number. */
typedef struct ls_setting {
  char *variable, *value;
} ls_setting;

/* Values of some variables, which select points of the sweep. */
typedef struct ls_settings {
  ls_setting *items;
  size_t count;
} ls_settings;

typedef struct ls_settings_list {
  ls_settings *items;
  size_t count;
} ls_settings_list;

/* Numbers by name, or the word that stands in their place. Left out: neither. */
typedef struct ls_named_reals {
  ls_texts names;
  double *values; /* of each name */
  const char *word;
} ls_named_reals;

/* Returns the family's member of that name, or NULL. Local. */
const ls_component *ls_family_find(const ls_family *family, const char *name);

/* Whether a plain number is short for the family's first member, see ls_family. Local. */
bool ls_family_takes_number(const ls_family *family);

/* Adds `member`, borrowed until the program ends, to the family, so that job files can name it.
 * Programs call the functions that check the type of the member, such as ls_layer_register
 * (lockstep/layer.h). Local. LS_INVALID if the family has a member of that name, LS_FAILED without
 * memory. */
int ls_family_add(ls_family *family, const ls_component *member);

/* Frees what the values own (texts, lists, chosen members), not the struct itself. Local. */
void ls_component_clear(const ls_component *type, void *values);

LS_END_DECLARATIONS

#endif
