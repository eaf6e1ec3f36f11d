/* A search through the tables of components and the structs of their values. */
#include "job/whole_training.h"

#include "job/diagnostic.h"

static bool find(ls_text *out, const ls_path *path, const ls_component *type, const void *values);

static bool find_in_choice(ls_text *out, const ls_path *path, const ls_choice *choice) {
  if (!choice->type || !choice->args) return false;
  const ls_path at = {.up = path, .key = choice->type->name};
  return find(out, &at, choice->type, choice->args);
}

static bool find_in_choices(ls_text *out, const ls_path *path, const ls_choices *choices) {
  bool found = false;
  for (size_t i = 0; i < choices->count && !found; i++) {
    const ls_path at = {.up = path, .index = i};
    found = find_in_choice(out, &at, &choices->items[i]);
  }
  return found;
}

static bool find_in_sections(ls_text *out, const ls_path *path, const ls_component *type,
                             const ls_sections *sections) {
  bool found = false;
  for (size_t i = 0; i < sections->count && !found; i++) {
    const ls_path at = {.up = path, .key = sections->items[i].name, .index = i};
    found = find(out, &at, type, sections->items[i].values);
  }
  return found;
}

static bool find_in_arg(ls_text *out, const ls_path *path, const ls_arg *arg, const void *value) {
  switch (arg->kind) {
  case LS_ARG_INTEGER:
    if (!(arg->flags & LS_WHOLE_TRAINING) || *(const int64_t *)value != 0) return false;
    ls_path_add(out, path);
    return true;
  case LS_ARG_CHOICE:
    return find_in_choice(out, path, value);
  case LS_ARG_CHOICES:
    return find_in_choices(out, path, value);
  case LS_ARG_SECTION:
    return find(out, path, arg->section, value);
  case LS_ARG_SECTIONS:
  case LS_ARG_LIST:
    return find_in_sections(out, path, arg->section, value);
  default:
    return false;
  }
}

static bool find(ls_text *out, const ls_path *path, const ls_component *type, const void *values) {
  bool found = false;
  for (const ls_arg *arg = type->args; arg && arg->name && !found; arg++) {
    const ls_path at = {.up = path, .key = arg->name};
    found = find_in_arg(out, &at, arg, (const char *)values + arg->offset);
  }
  return found;
}

bool ls_whole_training_find(ls_text *out, const ls_component *type, const void *values) {
  return find(out, NULL, type, values);
}
