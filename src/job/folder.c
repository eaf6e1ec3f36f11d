/* Recording where the relative paths of a job start. */
#include "job/folder.h"

#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

static const char key[] = "folder";

/* Whether the value for the key is a path that may be relative: that of a dataset file, or of a
 * model file with weights. It may also be a variable of the sweep. */
static bool is_path(const char *name, const ls_node *value) {
  return name && value->kind == LS_NODE_SCALAR && !ls_node_is_null(value) &&
         value->text[0] != '/' && (strcmp(name, "file") == 0 || strcmp(name, "weights") == 0);
}

static bool has_paths(const ls_node *node) {
  if (is_path(node->key, node)) return true;
  for (const ls_node *child = node->first; child; child = child->next) {
    if (has_paths(child)) return true;
  }
  return false;
}

int ls_folder_add(ls_arena *arena, ls_node *job, const char *folder) {
  if (!has_paths(job)) return LS_OK;
  ls_node *given = ls_node_find(job, key);
  bool none = !given || ls_node_is_null(given);
  if (!none && (given->kind != LS_NODE_SCALAR || given->text[0] == '/')) return LS_OK;
  ls_text text = {0};
  ls_text_add(&text, "%s%s%s", folder, none ? "" : "/", none ? "" : given->text);
  char *path = ls_text_take(&text);
  const char *kept = path ? ls_arena_text(arena, path, strlen(path)) : NULL;
  free(path);
  ls_node *node = kept ? ls_node_new_scalar(arena, kept, job->place) : NULL;
  if (!node) return LS_FAILED;
  node->quoted = true;
  ls_node_remove(job, key);
  ls_node_add(job, key, node);
  return LS_OK;
}
