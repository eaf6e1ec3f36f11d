/* Overrides: follows the path step by step and creates missing keys. */
#include "job/set.h"

#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct override {
  ls_arena *arena;
  ls_place place;
  const ls_node *value;
} override;

/* One step of a path. `text` is the key or the index as written, `bracketed` the form [index]. */
typedef struct step {
  const char *text;
  bool bracketed;
} step;

/* Takes the first step of the path off it. */
static int take_step(const override *o, const char **path, step *out) {
  static const char key_characters[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const char *at = *path;
  out->bracketed = *at == '[';
  if (out->bracketed) at++;
  size_t length = strspn(at, out->bracketed ? "0123456789" : key_characters);
  const char *end = at + length;
  bool closed = !out->bracketed || *end++ == ']';
  bool goes_on = closed && (*end == '[' || (*end == '.' && end[1] != '\0' && end[1] != '['));
  if (length == 0 || !closed || (*end != '\0' && !goes_on)) {
    return ls_diagnostic_fail(o->place, NULL,
                              "not a path at '%s' (expected such as train.epochs=3)", *path);
  }
  out->text = ls_arena_text(o->arena, at, length);
  *path = *end == '.' ? end + 1 : end;
  return out->text ? LS_OK : LS_FAILED;
}

/* Makes a mapping of a node that the path may enter: null, or the bare name of a component. */
static int open_scalar(const override *o, ls_node *node, const step *s) {
  bool is_null = ls_node_is_null(node);
  if (node->kind != LS_NODE_SCALAR || s->bracketed) return LS_OK;
  if (!is_null && strcmp(node->text, s->text) != 0) return LS_OK;
  ls_node *mapping = ls_node_new(o->arena, LS_NODE_MAPPING, node->place);
  if (!mapping) return LS_FAILED;
  ls_node_replace(node, mapping);
  return LS_OK;
}

/* Refuses the node that the path leads to, in the place of the override. */
static int fail_node(const override *o, const ls_node *node, const ls_path *path,
                     const char *expected) {
  ls_node found = *node;
  found.place = o->place;
  return ls_node_fail(&found, path, expected);
}

static int enter_list(const override *o, ls_node *list, const step *s, const ls_path *path,
                      ls_node **child, size_t *index) {
  char *end;
  *index = strtoull(s->text, &end, 10);
  if (*end != '\0') return fail_node(o, list, path, "an index such as [0] here");
  if (*index >= list->count) {
    return ls_diagnostic_fail(o->place, path, "has no item %s (expected an index below %zu)",
                              s->text, list->count);
  }
  *child = list->first;
  for (size_t i = 0; i < *index; i++) *child = (*child)->next;
  return LS_OK;
}

static int enter_mapping(const override *o, ls_node *mapping, const step *s, ls_node **child) {
  *child = ls_node_find(mapping, s->text);
  if (*child) return LS_OK;
  *child = ls_node_new_scalar(o->arena, "null", o->place);
  if (!*child) return LS_FAILED;
  ls_node_add(mapping, s->text, *child);
  return LS_OK;
}

/* Sets what `rest` leads to from `node`; `path` led there. */
static int apply(const override *o, ls_node *node, const char *rest, const ls_path *path,
                 int depth) {
  if (*rest == '\0') {
    ls_node_replace(node, o->value);
    return LS_OK;
  }
  if (depth == LS_TREE_MAX_DEPTH) {
    return ls_diagnostic_fail(o->place, NULL, "the path is too long (expected at most %d keys)",
                              depth);
  }
  step s = {0};
  ls_node *child = NULL;
  int status = take_step(o, &rest, &s);
  if (status == LS_OK) status = open_scalar(o, node, &s);
  if (status != LS_OK) return status;
  ls_path next = {path, s.text, 0};
  if (node->kind == LS_NODE_LIST) {
    next.key = NULL;
    status = enter_list(o, node, &s, path, &child, &next.index);
  } else if (node->kind == LS_NODE_MAPPING && !s.bracketed) {
    status = enter_mapping(o, node, &s, &child);
  } else {
    status = fail_node(o, node, path, s.bracketed ? "a list" : "a mapping or a list");
  }
  return status == LS_OK ? apply(o, child, rest, &next, depth + 1) : status;
}

int ls_set_apply(ls_arena *arena, ls_node *job, const char *set) {
  ls_text text = {0};
  ls_text_add(&text, "--set %s", set);
  char *source = ls_text_take(&text);
  if (!source) return LS_FAILED;
  override o = {.arena = arena, .place.source = ls_arena_text(arena, source, strlen(source))};
  free(source);
  if (!o.place.source) return LS_FAILED;

  const char *equals = strchr(set, '=');
  if (!equals) return ls_diagnostic_fail(o.place, NULL, "has no '=' (expected key.path=value)");
  if (equals == set)
    return ls_diagnostic_fail(o.place, NULL, "has no path (expected key.path=value)");
  const char *path = ls_arena_text(arena, set, (size_t)(equals - set));
  if (!path) return LS_FAILED;
  ls_node *value = NULL;
  int status = ls_tree_read(&value, arena, equals + 1, o.place);
  if (status != LS_OK) return status;
  o.value = value;
  return apply(&o, job, path, NULL, 0);
}
