/* From YAML text to a tree, over libyaml's events. */
#include "base/memory.h"
#include "job/tree.h"
#include "job/twins.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_BYTES = 4 << 20 };

typedef struct anchor {
  struct anchor *older;
  const char *name;
  const ls_node *node;
  size_t nodes;
} anchor;

typedef struct reader {
  ls_arena *arena;
  const char *text;
  ls_place start;
  yaml_parser_t yaml;
  yaml_event_t event; /* the current one */
  anchor *anchors;
  size_t nodes;
} reader;

static ls_place place_of(const reader *r, size_t line) {
  return (ls_place){r->start.source, r->start.line > 0 ? r->start.line + line : 0};
}

static ls_place here(const reader *r) {
  return place_of(r, r->event.start_mark.line);
}

static int fail_syntax(const reader *r) {
  const yaml_parser_t *yaml = &r->yaml;
  if (yaml->error == YAML_MEMORY_ERROR) return ls_fail(LS_FAILED, "out of memory in libyaml");
  size_t line = yaml->problem_mark.line;
  if (yaml->error == YAML_READER_ERROR) { /* has an offset instead of a line */
    line = 0;
    for (size_t i = 0; i < yaml->problem_offset && r->text[i]; i++) line += r->text[i] == '\n';
  }
  return ls_diagnostic_fail(place_of(r, line), NULL, "not valid YAML: %s%s%s", yaml->problem,
                            yaml->context ? " " : "", yaml->context ? yaml->context : "");
}

static int next_event(reader *r) {
  yaml_event_delete(&r->event);
  return yaml_parser_parse(&r->yaml, &r->event) ? LS_OK : fail_syntax(r);
}

static size_t height(const ls_node *node) {
  size_t highest = 0;
  for (const ls_node *child = node->first; child; child = child->next) {
    size_t h = height(child);
    if (h > highest) highest = h;
  }
  return highest + 1;
}

static int check_limits(const reader *r, size_t depth, const ls_path *path) {
  if (depth > LS_TREE_MAX_DEPTH) {
    return ls_diagnostic_fail(here(r), NULL, "is nested too deeply (expected at most %d levels)",
                              LS_TREE_MAX_DEPTH);
  }
  if (r->nodes > LS_TREE_MAX_NODES) {
    return ls_diagnostic_fail(here(r), path, "has too many values (expected at most %d)",
                              LS_TREE_MAX_NODES);
  }
  return LS_OK;
}

static int read_alias(reader *r, ls_node **out, size_t depth, const ls_path *path) {
  const char *name = (const char *)r->event.data.alias.anchor;
  const anchor *a = r->anchors;
  while (a && strcmp(a->name, name) != 0) a = a->older;
  if (!a) return ls_diagnostic_fail(here(r), path, "unknown alias '*%s'", name);
  r->nodes += a->nodes;
  int status = check_limits(r, depth - 1 + height(a->node), path);
  if (status != LS_OK) return status;
  *out = ls_node_copy(r->arena, a->node);
  return *out ? LS_OK : LS_FAILED;
}

static int read_scalar(reader *r, ls_node *node, const ls_path *path) {
  const char *text = (const char *)r->event.data.scalar.value;
  size_t length = r->event.data.scalar.length;
  if (strlen(text) != length) return ls_diagnostic_fail(here(r), path, "a text can't hold \\0");
  node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  node->text = ls_arena_text(r->arena, text, length);
  return node->text ? LS_OK : LS_FAILED;
}

static int read_node(reader *r, ls_node **out, size_t depth, const ls_path *up);

static int read_list(reader *r, ls_node *list, size_t depth, const ls_path *up) {
  int status;
  while ((status = next_event(r)) == LS_OK && r->event.type != YAML_SEQUENCE_END_EVENT) {
    ls_path path = {up, NULL, list->count};
    ls_node *item = NULL;
    status = read_node(r, &item, depth + 1, &path);
    if (status != LS_OK) break;
    ls_node_add(list, NULL, item);
  }
  return status;
}

/* The current event is a key; leaves its copy in `key`. */
static int read_key(reader *r, const char **key, const ls_path *up) {
  bool plain = r->event.type == YAML_SCALAR_EVENT && !r->event.data.scalar.anchor &&
               !r->event.data.scalar.tag &&
               strlen((const char *)r->event.data.scalar.value) == r->event.data.scalar.length;
  if (!plain) return ls_diagnostic_fail(here(r), up, "a key must be a plain text");
  *key = ls_arena_text(r->arena, (const char *)r->event.data.scalar.value,
                       r->event.data.scalar.length);
  return *key ? LS_OK : LS_FAILED;
}

/* Checks that no key is given twice. */
static int check_keys(const ls_node *mapping, const ls_path *up) {
  ls_item *items = ls_new(mapping->count, sizeof *items);
  const ls_node **nodes = ls_new(mapping->count, sizeof *nodes);
  int status = items && nodes ? LS_OK : LS_FAILED;
  size_t count = 0, first, second;
  for (const ls_node *node = mapping->first; status == LS_OK && node; node = node->next) {
    nodes[count] = node;
    items[count] = (ls_item){.text = node->key, .index = count};
    count++;
  }
  if (status == LS_OK && ls_twins_find(items, count, &first, &second) > 0) {
    ls_place place = nodes[second]->place;
    char before[64] = "";
    if (place.line > 0) {
      snprintf(before, sizeof before, " (already given in line %zu)", nodes[first]->place.line);
    }
    status = ls_diagnostic_fail(place, up, "duplicate key '%s'%s", nodes[second]->key, before);
  }
  free(items);
  free(nodes);
  return status;
}

static int read_mapping(reader *r, ls_node *mapping, size_t depth, const ls_path *up) {
  int status;
  while ((status = next_event(r)) == LS_OK && r->event.type != YAML_MAPPING_END_EVENT) {
    ls_path path = {up, NULL, 0};
    ls_place place = here(r);
    ls_node *value = NULL;
    status = read_key(r, &path.key, up);
    if (status != LS_OK) break;
    status = next_event(r);
    if (status == LS_OK) status = read_node(r, &value, depth + 1, &path);
    if (status != LS_OK) break;
    value->place = place;
    ls_node_add(mapping, path.key, value);
  }
  return status == LS_OK ? check_keys(mapping, up) : status;
}

/* Remembers a node, which has `nodes` nodes in all, for the aliases that follow. */
static int add_anchor(reader *r, const char *name, const ls_node *node, size_t nodes) {
  anchor *a = ls_arena_new(r->arena, sizeof *a);
  if (!a) return LS_FAILED;
  *a = (anchor){r->anchors, name, node, nodes};
  r->anchors = a;
  return LS_OK;
}

/* Reads the node that begins with the current event. */
static int read_node(reader *r, ls_node **out, size_t depth, const ls_path *path) {
  if (r->event.type == YAML_ALIAS_EVENT) return read_alias(r, out, depth, path);
  size_t before = r->nodes++;
  int status = check_limits(r, depth, path);
  if (status != LS_OK) return status;

  ls_node_kind kind = LS_NODE_SCALAR;
  const yaml_char_t *name = r->event.data.scalar.anchor, *tag = r->event.data.scalar.tag;
  if (r->event.type == YAML_SEQUENCE_START_EVENT) {
    kind = LS_NODE_LIST;
    name = r->event.data.sequence_start.anchor, tag = r->event.data.sequence_start.tag;
  } else if (r->event.type == YAML_MAPPING_START_EVENT) {
    kind = LS_NODE_MAPPING;
    name = r->event.data.mapping_start.anchor, tag = r->event.data.mapping_start.tag;
  }
  if (tag)
    return ls_diagnostic_fail(here(r), path, "unknown tag '%s' (expected none)", (const char *)tag);
  const char *anchor_name = NULL;
  if (name) {
    anchor_name = ls_arena_text(r->arena, (const char *)name, strlen((const char *)name));
    if (!anchor_name) return LS_FAILED;
  }

  *out = ls_node_new(r->arena, kind, here(r));
  if (!*out) return LS_FAILED;
  if (kind == LS_NODE_SCALAR) {
    status = read_scalar(r, *out, path);
  } else if (kind == LS_NODE_LIST) {
    status = read_list(r, *out, depth, path);
  } else {
    status = read_mapping(r, *out, depth, path);
  }
  if (status != LS_OK || !anchor_name) return status;
  return add_anchor(r, anchor_name, *out, r->nodes - before);
}

static int read_document(reader *r, ls_node **out) {
  int status = next_event(r); /* the stream's start */
  if (status == LS_OK) status = next_event(r);
  if (status != LS_OK) return status;
  if (r->event.type == YAML_STREAM_END_EVENT) {
    *out = ls_node_new_scalar(r->arena, "", r->start);
    return *out ? LS_OK : LS_FAILED;
  }
  status = next_event(r);
  if (status == LS_OK) status = read_node(r, out, 1, NULL);
  if (status == LS_OK) status = next_event(r); /* the document's end */
  if (status == LS_OK) status = next_event(r);
  if (status != LS_OK || r->event.type == YAML_STREAM_END_EVENT) return status;
  return ls_diagnostic_fail(here(r), NULL, "a second document begins here (expected one)");
}

int ls_tree_read(ls_node **out, ls_arena *arena, const char *text, ls_place start) {
  *out = NULL;
  if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3; /* the mark of some editors for UTF-8 */
  size_t length = strlen(text);
  if (length > MAX_BYTES) {
    return ls_diagnostic_fail(start, NULL, "is too long (expected at most %d bytes)", MAX_BYTES);
  }
  reader r = {.arena = arena, .text = text, .start = start};
  if (!yaml_parser_initialize(&r.yaml)) return ls_fail(LS_FAILED, "out of memory in libyaml");
  yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&r.yaml, (const yaml_char_t *)text, length);
  int status = read_document(&r, out);
  yaml_event_delete(&r.event);
  yaml_parser_delete(&r.yaml);
  return status;
}
