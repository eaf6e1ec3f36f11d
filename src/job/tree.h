/* A job as a tree of nodes: the YAML document with the place of each value, not yet interpreted.
 *
 * Nodes are allocated in an arena. A node has at most one parent; a value used twice is copied.
 * Functions that make nodes return NULL, with the error recorded, if there is no memory. Local. */
#ifndef LS_JOB_TREE_H
#define LS_JOB_TREE_H

#include "base/text.h"
#include "job/arena.h"
#include "job/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ls_node_kind { LS_NODE_SCALAR, LS_NODE_LIST, LS_NODE_MAPPING } ls_node_kind;

typedef struct ls_node {
  ls_node_kind kind;
  ls_place place;       /* of the key for a value in a mapping */
  const char *key;      /* in a mapping */
  struct ls_node *next; /* in the parent */
  const char *text;     /* of a scalar */
  bool quoted;
  bool settled;                 /* resolved, and the same at every point of the sweep (resolve.h) */
  struct ls_node *first, *last; /* children of a list or mapping */
  size_t count;
} ls_node;

/* Deepest nesting of a text; it also bounds every recursion over trees. The number of nodes is far
 * above that of real jobs; it keeps hostile texts (aliases of aliases) from exhausting memory. */
enum { LS_TREE_MAX_DEPTH = 64, LS_TREE_MAX_NODES = 100000 };

/* Reads one YAML document. `start` is the place of the text's first line. An empty text is null.
 * Aliases are replaced by copies of what they stand for. LS_INVALID for what is not YAML, and for
 * duplicate keys, tags, keys that are not plain texts, and texts beyond the limits. */
int ls_tree_read(ls_node **out, ls_arena *arena, const char *text, ls_place start);

/* Appends the tree as YAML on one line. */
void ls_tree_add_flow(ls_text *out, const ls_node *node);

/* Appends a value as it is labelled: the text of a scalar, anything else as YAML on one line. */
void ls_tree_add_label(ls_text *out, const ls_node *value);

/* Appends the tree, a mapping, as a whole YAML text: two levels as blocks, deeper ones and lists of
 * numbers on one line where they fit. Reading it gives the same tree, but for the spelling of null.
 */
void ls_tree_add_block(ls_text *out, const ls_node *root);

/* An empty list or mapping, or a scalar whose text is NULL still. */
ls_node *ls_node_new(ls_arena *arena, ls_node_kind kind, ls_place place);

/* A scalar that borrows its text. */
ls_node *ls_node_new_scalar(ls_arena *arena, const char *text, ls_place place);

/* Appends a child; `key` (borrowed) is NULL in a list. */
void ls_node_add(ls_node *parent, const char *key, ls_node *child);

/* The mapping's value for the key, or NULL. */
ls_node *ls_node_find(const ls_node *mapping, const char *key);

/* Takes the mapping's value for the key out of it; NULL if there is none. */
ls_node *ls_node_remove(ls_node *mapping, const char *key);

/* Gives `node` the content and place of `value`, whose children it takes over. */
void ls_node_replace(ls_node *node, const ls_node *value);

/* A node with the same children, to be read only, and without a place in a parent. */
ls_node *ls_node_share(ls_arena *arena, const ls_node *node);

/* A copy of the tree. */
ls_node *ls_node_copy(ls_arena *arena, const ls_node *node);

/* Takes out of the tree each null that is a mapping's value. */
void ls_node_prune(ls_node *node);

/* What a scalar means (YAML 1.2 core schema, of whose numbers only decimal and finite ones count).
 * False for lists, mappings and scalars of another type; quoted scalars are always texts. */
bool ls_node_is_null(const ls_node *node);
bool ls_node_boolean(const ls_node *node, bool *value);
bool ls_node_integer(const ls_node *node, int64_t *value);
bool ls_node_number(const ls_node *node, double *value);

/* Whether a scalar is a text: neither null, a boolean, a number nor a variable. */
bool ls_node_is_text(const ls_node *scalar);

/* The characters of the number without a sign that the text begins with, 0 if with none. */
size_t ls_number_length(const char *text);

/* The characters of the variable's name that the text begins with, 0 if with none. */
size_t ls_name_length(const char *text);

/* The name of the sweep variable that a scalar `$name` stands for, or NULL. */
const char *ls_node_variable(const ls_node *node);

/* Whether the scalar is arithmetic with variables, to be evaluated (expression.h): made of numbers,
 * variables, operators and parentheses alone, with a variable and an operator at least. */
bool ls_node_expression(const ls_node *node);

/* The text of a scalar, of which `$$` at the beginning stands for `$`. */
const char *ls_node_text(const ls_node *node);

/* Records "found ... (expected ...)" for a value of the wrong type and returns LS_INVALID. */
int ls_node_fail(const ls_node *node, const ls_path *path, const char *expected);

#endif
