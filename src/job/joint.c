/* Joint variables: lists side by side, or the rows of a table. */
#include "job/joint.h"

#include "base/memory.h"
#include "job/twins.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

static bool has_rows(const ls_node *entry) {
  return entry->kind == LS_NODE_LIST && entry->first && entry->first->kind == LS_NODE_MAPPING;
}

size_t ls_joint_count(const ls_node *entry) {
  if (!entry) return 0;
  if (has_rows(entry)) return entry->first->count;
  return entry->kind == LS_NODE_MAPPING ? entry->count : 0;
}

static int allocate(ls_values *values, ls_arena *arena, const ls_node *name, size_t count) {
  *values = (ls_values){.name = name->key, .place = name->place, .joint = true};
  values->nodes = ls_arena_new(arena, count * sizeof *values->nodes);
  return values->nodes ? LS_OK : LS_FAILED;
}

/* Lists side by side. */
static int read_list(ls_values *values, ls_arena *arena, const ls_node *list, size_t length,
                     const ls_path *path) {
  if (list->kind != LS_NODE_LIST || list->count == 0) {
    return ls_node_fail(list, path, "a list of values");
  }
  if (list->count != length) {
    return ls_diagnostic_fail(list->place, path, "has %zu values (expected %zu, as the others)",
                              list->count, length);
  }
  int status = allocate(values, arena, list, length);
  for (const ls_node *item = list->first; item && status == LS_OK; item = item->next) {
    values->nodes[values->count++] = item;
  }
  return status;
}

static int read_lists(ls_values *values, ls_arena *arena, const ls_node *entry,
                      const ls_path *path) {
  int status = LS_OK;
  for (const ls_node *list = entry->first; list && status == LS_OK; list = list->next) {
    const ls_path at = {path, list->key, 0};
    status = read_list(values++, arena, list, entry->first->count, &at);
  }
  return status;
}

/* Adds a row's values to those of the variables, which the first row has named. */
static int read_row(ls_values *values, const ls_node *row, size_t count, const ls_path *path) {
  if (row->kind != LS_NODE_MAPPING) return ls_node_fail(row, path, "a mapping, as the first row");
  for (size_t v = 0; v < count; v++) {
    const ls_node *value = ls_node_find(row, values[v].name);
    if (!value) {
      return ls_diagnostic_fail(row->place, path, "lacks '%s', which the first row has",
                                values[v].name);
    }
    values[v].nodes[values[v].count++] = value;
  }
  if (row->count == count) return LS_OK;
  return ls_diagnostic_fail(row->place, path, "has variables that the first row lacks");
}

static int read_rows(ls_values *values, ls_arena *arena, const ls_node *entry,
                     const ls_path *path) {
  size_t count = 0;
  int status = LS_OK;
  for (const ls_node *name = entry->first->first; name && status == LS_OK; name = name->next) {
    status = allocate(&values[count++], arena, name, entry->count);
  }
  size_t index = 0;
  for (const ls_node *row = entry->first; row && status == LS_OK; row = row->next) {
    const ls_path at = {path, NULL, index++};
    status = read_row(values, row, count, &at);
  }
  return status;
}

/* The values of a row as one text, or NULL. */
static char *describe_row(const ls_values *values, size_t variables, size_t row) {
  ls_text text = {0};
  for (size_t v = 0; v < variables; v++) {
    ls_tree_add_flow(&text, values[v].nodes[row]);
    ls_text_add(&text, "\n");
  }
  return ls_text_take(&text);
}

/* Checks that no two rows are the same, which would train networks twice. */
static int check_rows(const ls_values *values, size_t variables, const ls_path *path) {
  size_t rows = values->count, first, second;
  ls_item *items = ls_new(rows, sizeof *items);
  char **texts = ls_new(rows, sizeof *texts);
  int status = items && texts ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < rows && status == LS_OK; i++) {
    texts[i] = describe_row(values, variables, i);
    items[i] = (ls_item){.text = texts[i], .index = i};
    if (!texts[i]) status = LS_FAILED;
  }
  if (status == LS_OK && ls_twins_find(items, rows, &first, &second) > 0) {
    status =
        ls_diagnostic_fail(values->nodes[second]->place, path,
                           "the values of row %zu are the same as those of row %zu", second, first);
  }
  for (size_t i = 0; i < rows && texts; i++) free(texts[i]);
  free(texts);
  free(items);
  return status;
}

int ls_joint_read(ls_values *values, ls_arena *arena, const ls_node *entry, const ls_path *path) {
  if (ls_joint_count(entry) == 0) {
    return ls_node_fail(entry, path,
                        "variables with lists of values, or a list of rows {variable: value}");
  }
  int status = has_rows(entry) ? read_rows(values, arena, entry, path)
                               : read_lists(values, arena, entry, path);
  return status == LS_OK ? check_rows(values, ls_joint_count(entry), path) : status;
}
