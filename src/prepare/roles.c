/* The roles of the columns of a source. */
#include "prepare/roles.h"

#include "base/escape.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES_OF_NUMBERS = 20 };

static bool is_listed(const ls_names *names, const char *name) {
  for (size_t i = 0; i < names->count; i++) {
    if (ls_source_is_name(names->items[i], name)) return true;
  }
  return false;
}

/* Whether the column has another role than input. */
static bool is_taken(const ls_conversion *c, const char *name) {
  for (size_t i = 0; i < c->target_count; i++) {
    if (ls_source_is_name(c->targets[i].column, name)) return true;
  }
  for (size_t i = 0; i < c->weight_count; i++) {
    if (ls_source_is_name(c->weights[i].column, name)) return true;
  }
  return (c->group && ls_source_is_name(c->group, name)) || is_listed(&c->dropped, name);
}

/* Fails unless the column can be an input together with others. */
static int check_input(const ls_source *s, const ls_column *column, size_t count) {
  if (column->text && column->category_count == 0) {
    return ls_fail(LS_INVALID, "%s: column %s: has no values (expected numbers or texts)", s->path,
                   column->name);
  }
  if (count > 1 && column->shape.rank > 1) {
    return ls_fail(LS_INVALID,
                   "%s: column %s: is an array of %d dimensions per sample (expected the only "
                   "input: --x NAME selects it)",
                   s->path, column->name, column->shape.rank);
  }
  return LS_OK;
}

static int choose_inputs(column_roles *r, const ls_conversion *c, const ls_source *s) {
  const ls_column **columns = ls_new(s->column_count + c->inputs.count, sizeof *columns);
  size_t count = 0;
  int status = columns ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < c->inputs.count && status == LS_OK; i++) {
    columns[count] = ls_source_find(s, c->inputs.items[i]);
    status = columns[count++] ? LS_OK : LS_INVALID;
  }
  for (size_t i = 0; i < s->column_count && status == LS_OK && c->inputs.count == 0; i++) {
    if (!is_taken(c, s->columns[i].name)) columns[count++] = &s->columns[i];
  }
  for (size_t i = 0; i < count && status == LS_OK; i++) status = check_input(s, columns[i], count);
  if (status == LS_OK && count == 0) {
    status = ls_fail(LS_INVALID, "%s: has no column left for the inputs", s->path);
  }
  if (status == LS_OK) status = ls_encoding_create(&r->inputs, columns, count, c->one_hot);
  free(columns);
  return status;
}

/* Finds the distinct values of a column of classes that are numbers; none for one of texts. */
static int find_values(double **values, size_t *count, ls_source *s, const ls_column *column,
                       size_t limit) {
  *values = NULL;
  *count = 0;
  return column->text ? LS_OK : ls_source_distinct(s, column, limit, values, count);
}

/* Tries whether integers are classes: those of an array are, unless there are very many; those of a
 * text file are if there are few. */
static int try_classes(role_target *t, ls_source *s, const ls_column *column) {
  size_t count = 0, limit = column->is_typed ? LS_MOST_CATEGORIES : MOST_CLASSES_OF_NUMBERS;
  double *values = NULL;
  int status = ls_source_distinct(s, column, limit, &values, &count);
  if (status == LS_INVALID && count > limit) {
    ls_error_clear();
    return ls_encoding_create(&t->encoding, &column, 1, false);
  }
  t->classes = true;
  return status == LS_OK ? ls_encoding_create_classes(&t->encoding, column, values, count) : status;
}

static int choose_target(role_target *t, const ls_target_choice *choice, ls_source *s) {
  const ls_column *column = ls_source_find(s, choice->column);
  if (!column) return LS_INVALID;
  bool scalar = column->width == 1;
  if (choice->kind == LS_TARGET_VALUE && column->text) {
    return ls_fail(LS_INVALID, "%s: column %s: has texts (expected numbers, as values)", s->path,
                   column->name);
  }
  if (choice->kind == LS_TARGET_CLASS && !scalar) {
    return ls_fail(LS_INVALID, "%s: column %s: has %zu numbers per sample (expected one class)",
                   s->path, column->name, column->width);
  }
  if (choice->kind == LS_TARGET_AUTO && !column->text && column->is_integer && scalar) {
    return try_classes(t, s, column);
  }
  t->classes = column->text || choice->kind == LS_TARGET_CLASS;
  if (!t->classes) return ls_encoding_create(&t->encoding, &column, 1, false);
  double *values = NULL;
  size_t count = 0;
  int status = find_values(&values, &count, s, column, LS_MOST_CATEGORIES);
  return status == LS_OK ? ls_encoding_create_classes(&t->encoding, column, values, count) : status;
}

/* Fails unless the column can be a value of the only target: a number, or one of two texts. */
static int check_value(const ls_source *s, const ls_column *column,
                       const ls_target_choice *choice) {
  if (choice->kind != LS_TARGET_CLASS && column->width == 1 && column->category_count <= 2) {
    return LS_OK;
  }
  return ls_fail(LS_INVALID,
                 "%s: column %s: cannot be a value of a vector (expected a number for each sample, "
                 "or two texts)",
                 s->path, column->name);
}

/* The only target, with a value for each column. */
static int choose_vector(column_roles *r, const ls_conversion *c, const ls_source *s) {
  const ls_column *columns[LS_MOST_CHOICES];
  int status = LS_OK;
  for (size_t i = 0; i < c->target_count && status == LS_OK; i++) {
    columns[i] = ls_source_find(s, c->targets[i].column);
    status = columns[i] ? check_value(s, columns[i], &c->targets[i]) : LS_INVALID;
  }
  r->target_count = 1;
  r->targets[0].name = "y";
  if (status != LS_OK) return status;
  return ls_encoding_create(&r->targets[0].encoding, columns, c->target_count, false);
}

static int choose_targets(column_roles *r, const ls_conversion *c, ls_source *s) {
  int status = LS_OK;
  if (c->target_vector) return choose_vector(r, c, s);
  for (size_t i = 0; i < c->target_count && status == LS_OK; i++) {
    role_target *t = &r->targets[r->target_count++];
    status = choose_target(t, &c->targets[i], s);
    if (status != LS_OK) break;
    const char *column = t->encoding->features[0].column, *slash = strrchr(column, '/');
    t->name = slash ? slash + 1 : column;
  }
  return status;
}

static int choose_weight(role_weight *w, const ls_weight_choice *choice, const ls_source *s) {
  const ls_column *column = ls_source_find(s, choice->column);
  if (!column) return LS_INVALID;
  if (column->text || column->width != 1) {
    return ls_fail(LS_INVALID, "%s: column %s: is not one number per sample (expected weights)",
                   s->path, column->name);
  }
  w->head = choice->head;
  return ls_encoding_create(&w->encoding, &column, 1, false);
}

static int choose_weights(column_roles *r, const ls_conversion *c, const ls_source *s) {
  int status = LS_OK;
  for (size_t i = 0; i < c->weight_count && status == LS_OK; i++) {
    status = choose_weight(&r->weights[r->weight_count++], &c->weights[i], s);
  }
  return status;
}

static int choose_group(column_roles *r, const ls_conversion *c, ls_source *s) {
  if (!c->group) return LS_OK;
  const ls_target_choice choice = {c->group, LS_TARGET_CLASS};
  role_target group = {0};
  int status = choose_target(&group, &choice, s);
  r->group = group.encoding;
  return status;
}

int roles_choose(column_roles *r, const ls_conversion *c, ls_source *source) {
  for (size_t i = 0; i < c->dropped.count; i++) {
    if (!ls_source_find(source, c->dropped.items[i])) return LS_INVALID;
  }
  int status = choose_inputs(r, c, source);
  if (status == LS_OK) status = choose_targets(r, c, source);
  if (status == LS_OK) status = choose_weights(r, c, source);
  if (status == LS_OK) status = choose_group(r, c, source);
  return status;
}

static bool uses(const ls_encoding *e, const ls_column *column) {
  for (size_t i = 0; e && i < e->count; i++) {
    if (strcmp(e->features[i].column, column->name) == 0) return true;
  }
  return false;
}

static void describe_type(const ls_column *column, ls_text *text) {
  for (int i = 0; i < column->shape.rank; i++) {
    ls_text_add(text, "%s%lld", i > 0 ? " x " : "", (long long)column->shape.extent[i]);
  }
  if (column->shape.rank > 0) ls_text_add(text, " ");
  if (column->text) {
    ls_text_add(text, "%zu texts", column->category_count);
  } else {
    ls_text_add(text, column->bytes ? "bytes" : column->is_integer ? "integers" : "numbers");
  }
}

static void describe_roles(const column_roles *r, const ls_column *column, ls_text *text) {
  if (uses(r->inputs, column)) ls_text_add(text, ", input");
  for (size_t i = 0; i < r->target_count; i++) {
    const ls_encoding *e = r->targets[i].encoding;
    if (!uses(e, column)) continue;
    ls_text_add(text, ", target");
    if (r->targets[i].classes) ls_text_add(text, " of %zu classes", e->features[0].category_count);
  }
  for (size_t i = 0; i < r->weight_count; i++) {
    const role_weight *w = &r->weights[i];
    if (!uses(w->encoding, column)) continue;
    ls_text_add(text, ", weight");
    if (*w->head) ls_text_add_visible(text, " of head %s", w->head);
  }
  if (uses(r->group, column)) ls_text_add(text, ", group");
}

void roles_describe(const column_roles *r, const ls_source *s, ls_text *text) {
  for (size_t i = 0; i < s->column_count; i++) {
    const ls_column *column = &s->columns[i];
    ls_text_add_visible(text, "  %s: ", column->name);
    describe_type(column, text);
    size_t length = text->length;
    describe_roles(r, column, text);
    ls_text_add(text, text->length > length ? "\n" : ", not used\n");
  }
}

void roles_clear(column_roles *r) {
  ls_encoding_free(&r->inputs);
  for (size_t i = 0; i < r->target_count; i++) ls_encoding_free(&r->targets[i].encoding);
  for (size_t i = 0; i < r->weight_count; i++) ls_encoding_free(&r->weights[i].encoding);
  ls_encoding_free(&r->group);
  *r = (column_roles){0};
}
