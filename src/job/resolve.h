/* The job in full: every shorthand written out and every default filled in. Local. */
#ifndef LS_JOB_RESOLVE_H
#define LS_JOB_RESOLVE_H

#include "job/variables.h"
#include "lockstep/component.h"

/* Makes `out`, a mapping with an entry for each argument of the component, in the table's order;
 * the same holds for the sections and components within. An argument left out is null, a component
 * without arguments its bare name, any other the mapping {name: {arguments}}. Sweep variables stay
 * (and in them, shorthands). Resolving what is resolved changes nothing.
 *
 * `given` is what the job has at `path` (NULL: the whole job). All variables in it are among
 * `variables`.
 *
 * LS_INVALID for unknown and missing keys, unknown components and lists or mappings where none can
 * stand; the values themselves are checked where they are bound. */
int ls_resolve(ls_node **out, ls_arena *arena, const ls_variables *variables,
               const ls_component *type, const ls_node *given, const ls_path *path);

/* Marks what is the same at every point of the sweep, having no variables, in a tree that
 * ls_resolve has made: substituting and resolving then take it over instead of copying it. Returns
 * whether the whole tree is. */
bool ls_resolve_settle(ls_node *resolved);

/* Whether the argument may be left out and has no default. */
bool ls_arg_is_optional(const ls_arg *arg);

#endif
