/* Nodes: making, linking, finding, copying. */
#include "job/tree.h"

#include <string.h>

ls_node *ls_node_new(ls_arena *arena, ls_node_kind kind, ls_place place) {
  ls_node *node = ls_arena_new(arena, sizeof *node);
  if (node) *node = (ls_node){.kind = kind, .place = place};
  return node;
}

ls_node *ls_node_new_scalar(ls_arena *arena, const char *text, ls_place place) {
  ls_node *node = ls_node_new(arena, LS_NODE_SCALAR, place);
  if (node) node->text = text;
  return node;
}

void ls_node_add(ls_node *parent, const char *key, ls_node *child) {
  child->key = key;
  child->next = NULL;
  if (parent->last) {
    parent->last->next = child;
  } else {
    parent->first = child;
  }
  parent->last = child;
  parent->count++;
}

ls_node *ls_node_find(const ls_node *mapping, const char *key) {
  for (ls_node *child = mapping->first; child; child = child->next) {
    if (strcmp(child->key, key) == 0) return child;
  }
  return NULL;
}

ls_node *ls_node_remove(ls_node *mapping, const char *key) {
  ls_node *before = NULL;
  for (ls_node *child = mapping->first; child; before = child, child = child->next) {
    if (strcmp(child->key, key) != 0) continue;
    if (before) {
      before->next = child->next;
    } else {
      mapping->first = child->next;
    }
    if (mapping->last == child) mapping->last = before;
    mapping->count--;
    child->next = NULL;
    return child;
  }
  return NULL;
}

void ls_node_replace(ls_node *node, const ls_node *value) {
  ls_node *next = node->next;
  const char *key = node->key;
  *node = *value;
  node->next = next;
  node->key = key;
}

ls_node *ls_node_share(ls_arena *arena, const ls_node *node) {
  ls_node *shared = ls_arena_new(arena, sizeof *shared);
  if (!shared) return NULL;
  *shared = *node;
  shared->key = NULL;
  shared->next = NULL;
  return shared;
}

ls_node *ls_node_copy(ls_arena *arena, const ls_node *node) {
  ls_node *copy = ls_node_new(arena, node->kind, node->place);
  if (!copy) return NULL;
  copy->text = node->text;
  copy->quoted = node->quoted;
  for (const ls_node *child = node->first; child; child = child->next) {
    ls_node *child_copy = ls_node_copy(arena, child);
    if (!child_copy) return NULL;
    ls_node_add(copy, child->key, child_copy);
  }
  return copy;
}

void ls_node_prune(ls_node *node) {
  ls_node *child = node->first;
  node->first = node->last = NULL;
  node->count = 0;
  for (ls_node *next; child; child = next) {
    next = child->next;
    if (child->key && ls_node_is_null(child)) continue;
    ls_node_prune(child);
    ls_node_add(node, child->key, child);
  }
}
