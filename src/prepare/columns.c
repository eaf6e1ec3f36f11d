/* The columns of sources. */
#include "base/memory.h"
#include "base/text.h"
#include "base/visible.h"
#include "lockstep/error.h"
#include "prepare/categories.h"
#include "prepare/source.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 1 << 20 };

bool ls_source_is_name(const char *column, const char *name) {
  return strcmp(column + strspn(column, "/"), name + strspn(name, "/")) == 0;
}

const ls_column *ls_source_find(const ls_source *s, const char *name) {
  for (size_t i = 0; i < s->column_count; i++) {
    if (ls_source_is_name(s->columns[i].name, name)) return &s->columns[i];
  }
  const char **names = ls_new(s->column_count, sizeof *names);
  for (size_t i = 0; names && i < s->column_count; i++) names[i] = s->columns[i].name;
  const char *nearest = names ? ls_nearest_name(name, names, s->column_count) : NULL;
  if (nearest) {
    ls_fail(LS_INVALID, "%s: has no column '%s' (did you mean '%s'?)", s->path, name, nearest);
  } else {
    ls_fail(LS_INVALID, "%s: has no column '%s' (lockstep data --describe lists them)", s->path,
            name);
  }
  free(names);
  return NULL;
}

int ls_source_add_column(ls_source *s, const char *name, const ls_shape *shape) {
  if (s->column_count == MOST_COLUMNS) {
    return ls_fail(LS_INVALID, "%s: has more than %d columns", s->path, MOST_COLUMNS);
  }
  if (!ls_is_utf8(name)) {
    return ls_fail(LS_INVALID, "%s: column %zu: its name is not UTF-8", s->path,
                   s->column_count + 1);
  }
  if ((s->column_count & (s->column_count - 1)) == 0) { /* double the room */
    size_t room = s->column_count > 0 ? 2 * s->column_count : 1;
    ls_column *columns = realloc(s->columns, room * sizeof *columns);
    if (!columns) return ls_fail(LS_FAILED, "%s: out of memory for its columns", s->path);
    s->columns = columns;
  }
  ls_column *column = &s->columns[s->column_count];
  *column = (ls_column){.name = ls_copy_text(name),
                        .shape = *shape,
                        .offset = s->width,
                        .width = (size_t)ls_shape_size(shape)};
  if (!column->name) return LS_FAILED;
  s->column_count++;
  s->width += column->width;
  return LS_OK;
}

int ls_source_set_categories(const ls_source *s, ls_column *column, const categories *set) {
  column->categories = ls_new(set->count, sizeof *column->categories);
  if (!column->categories) return LS_FAILED;
  for (; column->category_count < set->count; column->category_count++) {
    if (!ls_is_utf8(set->texts[column->category_count])) {
      return ls_fail(LS_INVALID, "%s: column %s: has a text that is not UTF-8", s->path,
                     column->name);
    }
    char *copy = ls_copy_text(set->texts[column->category_count]);
    if (!copy) return LS_FAILED;
    column->categories[column->category_count] = copy;
  }
  return LS_OK;
}

int ls_source_take_category(const ls_source *s, const categories *set, const char *text,
                            double *number) {
  size_t found = categories_find(set, text);
  *number = (double)found;
  if (found != SIZE_MAX) return LS_OK;
  return ls_fail(LS_INVALID, "%s: has changed while it was read", s->path);
}

bool ls_source_is_wanted(const ls_source_options *options, const char *name) {
  if (!options->names) return true;
  for (size_t i = 0; i < options->name_count; i++) {
    if (ls_source_is_name(options->names[i], name)) return true;
  }
  return false;
}
