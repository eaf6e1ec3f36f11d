/* Converting sources to a dataset file, in passes over the source: roles and classes, sizes of the
 * parts, fills for missing values, writing. */
#include "prepare/conversion.h"

#include "base/escape.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/fill.h"
#include "prepare/holdout.h"
#include "prepare/part_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRAIN, TEST, PARTS };

static const char *const part_names[PARTS] = {"train", "test"};

typedef struct conversion {
  ls_conversion *options;
  ls_source *sources[PARTS];      /* that for testing is NULL unless it is a file of its own */
  column_roles roles, test_roles; /* the latter borrow from the former */
  row_reader *readers[PARTS];
  holdout *holdout;
  size_t sizes[PARTS];
} conversion;

/* ---- Assigning samples ----------------------------------------------------------------------- */

/* The stratum of the current row. */
static int find_stratum(const conversion *c, size_t *stratum) {
  *stratum = 0;
  if (c->options->group) return reader_group(c->readers[TRAIN], stratum);
  if (c->options->stratify) return reader_class(c->readers[TRAIN], stratum);
  return LS_OK;
}

static int create_holdout(conversion *c) {
  const ls_conversion *o = c->options;
  size_t strata = 1;
  if (o->stratify) strata = c->roles.targets[0].encoding->features[0].category_count;
  if (o->group) strata = c->roles.group->features[0].category_count;
  return holdout_create(&c->holdout, o->test_fraction, o->seed, strata, o->group != NULL);
}

/* Calls `use` for each row of the first source with the part that it is assigned to. */
static int for_each_row(conversion *c, int (*use)(conversion *, size_t part, void *), void *user) {
  row_reader *r = c->readers[TRAIN];
  bool end = false;
  holdout_restart(c->holdout);
  int status = reader_rewind(r);
  while (status == LS_OK) {
    size_t stratum = 0;
    status = reader_next(r, &end);
    if (status != LS_OK || end) break;
    status = find_stratum(c, &stratum);
    if (status == LS_OK) status = use(c, holdout_assign(c->holdout, stratum), user);
  }
  return status;
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* Counts the samples of each stratum, for which they are read if that depends on their values. */
static int count_strata(conversion *c) {
  row_reader *r = c->readers[TRAIN];
  bool end = false;
  if (!r->drops && c->holdout->strata == 1) {
    holdout_count(c->holdout, 0, r->source->count);
    return LS_OK;
  }
  int status = reader_rewind(r);
  while (status == LS_OK) {
    size_t stratum = 0;
    status = reader_next(r, &end);
    if (status != LS_OK || end) break;
    status = find_stratum(c, &stratum);
    if (status == LS_OK) holdout_count(c->holdout, stratum, 1);
  }
  if (status == LS_OK && r->kept == 0) {
    status = ls_fail(LS_INVALID, "%s: has a missing value in each of its %zu samples",
                     r->source->path, r->dropped);
  }
  return status;
}

static int count_rows(conversion *c) {
  int status = count_strata(c);
  if (status == LS_OK) status = holdout_decide(c->holdout, c->options->source);
  if (status == LS_OK) holdout_sizes(c->holdout, c->sizes);
  return status;
}

static int count_test_rows(conversion *c) {
  row_reader *r = c->readers[TEST];
  bool end = false;
  int status = r ? reader_rewind(r) : LS_OK;
  while (r && status == LS_OK && !end) status = reader_next(r, &end);
  if (r) c->sizes[TEST] = r->kept;
  if (r && status == LS_OK && r->kept == 0) {
    status = ls_fail(LS_INVALID, "%s: has a missing value in each of its %zu samples",
                     r->source->path, r->dropped);
  }
  return status;
}

static int add_to_fill(conversion *c, size_t part, void *user) {
  return part == TRAIN ? fill_add(user, c->readers[TRAIN]->row) : LS_OK;
}

static int find_fills(conversion *c) {
  const ls_missing missing = c->options->missing;
  if (missing != LS_MISSING_MEAN && missing != LS_MISSING_MEDIAN) return LS_OK;
  fills *f = NULL;
  int status = fill_create(&f, c->roles.inputs, c->sources[TRAIN], missing == LS_MISSING_MEDIAN);
  if (status == LS_OK) status = for_each_row(c, add_to_fill, f);
  if (status == LS_OK) status = fill_finish(f, c->roles.inputs);
  fill_free(&f);
  return status;
}

static int add_to_part(conversion *c, size_t part, void *user) {
  part_writer **writers = user;
  return part_writer_add(writers[part], c->readers[TRAIN]);
}

static int write_test_rows(conversion *c, part_writer *writer) {
  row_reader *r = c->readers[TEST];
  bool end = false;
  int status = reader_rewind(r);
  while (status == LS_OK) {
    status = reader_next(r, &end);
    if (status != LS_OK || end) break;
    status = part_writer_add(writer, r);
  }
  return status;
}

static int write_parts(conversion *c, hid_t file) {
  part_writer *writers[PARTS] = {NULL, NULL};
  int status = LS_OK;
  for (int part = 0; part < PARTS && status == LS_OK; part++) {
    if (c->sizes[part] == 0) continue;
    status = part_writer_create(&writers[part], file, part_names[part],
                                part == TRAIN ? &c->roles : &c->test_roles, c->sizes[part]);
  }
  if (status == LS_OK) status = for_each_row(c, add_to_part, writers);
  if (status == LS_OK && c->readers[TEST]) status = write_test_rows(c, writers[TEST]);
  for (int part = 0; part < PARTS; part++) {
    if (status == LS_OK && writers[part]) status = part_writer_finish(writers[part]);
    part_writer_free(&writers[part]);
  }
  return status;
}

/* ---- Files ----------------------------------------------------------------------------------- */

static char *write_source(const ls_conversion *o) {
  ls_text text = {0};
  ls_text_add(&text, "%s", o->source);
  if (o->test) ls_text_add(&text, ", %s", o->test);
  return ls_text_take(&text);
}

static int write_file(conversion *c, const char *path) {
  char *source = write_source(c->options);
  hid_t file = -1;
  int status = source ? ls_h5_create(&file, path) : LS_FAILED;
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "title", c->options->title);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "source", source);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "history", c->options->history);
  if (status == LS_OK) status = write_parts(c, file);
  int closed = ls_h5_close(&file);
  free(source);
  return status == LS_OK ? closed : status;
}

static int save(conversion *c, const char *path) {
  char *temporary = NULL;
  int status = ls_make_temporary(&temporary, path);
  if (status != LS_OK) return status;
  status = write_file(c, temporary);
  if (status == LS_OK) status = ls_replace_file(temporary, path);
  if (status != LS_OK) unlink(temporary);
  free(temporary);
  return status;
}

/* ---- Sources --------------------------------------------------------------------------------- */

static void add_name(ls_names *names, const char *name) {
  if (name && names->count < LS_MOST_CHOICES) names->items[names->count++] = name;
}

/* The arrays to read for training: with inputs, those that have a use; else all. */
static ls_names list_used(const ls_conversion *o) {
  ls_names names = o->inputs;
  if (names.count == 0) return names;
  for (size_t i = 0; i < o->target_count; i++) add_name(&names, o->targets[i].column);
  for (size_t i = 0; i < o->weight_count; i++) add_name(&names, o->weights[i].column);
  add_name(&names, o->group);
  for (size_t i = 0; i < o->dropped.count; i++) add_name(&names, o->dropped.items[i]);
  return names;
}

static int open_with(ls_source **source, const char *path, const ls_conversion *o,
                     const ls_names *names) {
  ls_source_options reading = o->reading;
  reading.names = names->count > 0 ? names->items : NULL;
  reading.name_count = names->count;
  return ls_source_open(source, path, &reading);
}

static int open_training(conversion *c) {
  const ls_names names = list_used(c->options);
  return open_with(&c->sources[TRAIN], c->options->source, c->options, &names);
}

/* The names of arrays by which a source is known to have two parts, or only one for training. */
typedef struct array_names {
  const char *x, *y, *test_x, *test_y;
} array_names;

static const array_names known_names[] = {
    {"x", "y", "x_test", "y_test"},
    {"X", "y", "X_test", "y_test"},
    {"x_train", "y_train", "x_test", "y_test"}, /* Keras's mnist.npz */
    {"X_train", "y_train", "X_test", "y_test"}, /* scikit-learn's train_test_split */
    {"train_x", "train_y", "test_x", "test_y"},
    {"train_images", "train_labels", "test_images", "test_labels"}, /* TensorFlow's tutorials */
};

static void set_names(ls_names *names, const char *name) {
  *names = (ls_names){{name}, 1};
}

static bool has_name(char *const *names, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0) return true;
  }
  return false;
}

/* Finds the names that all parts have; or else those of training; or NULL. */
static const array_names *find_known(char *const *names, size_t count, bool *has_test) {
  const array_names *found = NULL;
  *has_test = false;
  for (size_t i = 0; i < sizeof known_names / sizeof *known_names && !*has_test; i++) {
    const array_names *n = &known_names[i];
    if (!has_name(names, count, n->x) || !has_name(names, count, n->y)) continue;
    *has_test = has_name(names, count, n->test_x) && has_name(names, count, n->test_y);
    if (!found || *has_test) found = n;
  }
  return found;
}

/* Takes known names among those of the source's arrays, instead of the target y. A source that has
 * y, and no arrays for testing, is left as it is: x may be one of several inputs. */
static void take_known(ls_conversion *o, char *const *names, size_t count) {
  bool has_test;
  const array_names *known = find_known(names, count, &has_test);
  if (!known || (!has_test && strcmp(known->y, "y") == 0)) return;
  set_names(&o->inputs, known->x);
  o->targets[0].column = known->y;
  if (!has_test || o->test || o->test_fraction > 0 || o->test_inputs.count > 0) return;
  set_names(&o->test_inputs, known->test_x);
  set_names(&o->test_targets, known->test_y);
}

/* Opens a source whose targets are not named. */
static int open_with_defaults(conversion *c) {
  ls_conversion *o = c->options;
  char **names = NULL;
  size_t count = 0;
  o->targets[0] = (ls_target_choice){"y", LS_TARGET_AUTO};
  o->target_count = 1;
  int status = ls_source_list(o->source, &names, &count);
  if (status == LS_OK && o->inputs.count == 0) take_known(o, names, count);
  if (status == LS_OK) status = open_training(c);
  if (status == LS_OK && !ls_source_find(c->sources[TRAIN], o->targets[0].column)) {
    status = ls_fail(LS_INVALID, "%s: has no column y (expected --target COLUMN, what to predict)",
                     o->source);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

/* Gives a column of the source for testing the name that it has for training. */
static int rename_column(ls_source *s, const char *from, const char *to) {
  ls_column *column = (ls_column *)ls_source_find(s, from);
  char *name = column ? ls_copy_text(to) : NULL;
  if (!name) return column ? LS_FAILED : LS_INVALID;
  free(column->name);
  column->name = name;
  return LS_OK;
}

static int rename_columns(conversion *c) {
  const ls_conversion *o = c->options;
  int status = LS_OK;
  if (o->test_inputs.count == 0) return LS_OK;
  if (o->test_inputs.count != o->inputs.count || o->test_targets.count != o->target_count) {
    return ls_fail(LS_INVALID,
                   "data: --test-x and --test-y name %zu inputs and %zu targets (expected %zu and "
                   "%zu, as --x and --target do)",
                   o->test_inputs.count, o->test_targets.count, o->inputs.count, o->target_count);
  }
  for (size_t i = 0; i < o->inputs.count && status == LS_OK; i++) {
    status = rename_column(c->sources[TEST], o->test_inputs.items[i], o->inputs.items[i]);
  }
  for (size_t i = 0; i < o->target_count && status == LS_OK; i++) {
    status = rename_column(c->sources[TEST], o->test_targets.items[i], o->targets[i].column);
  }
  return status;
}

static int open_test(conversion *c) {
  const ls_conversion *o = c->options;
  ls_names names = o->test_inputs;
  if (c->sources[TEST] || (!o->test && names.count == 0)) return LS_OK;
  if (names.count == 0) names = list_used(o);
  for (size_t i = 0; i < o->test_targets.count; i++) add_name(&names, o->test_targets.items[i]);
  return open_with(&c->sources[TEST], o->test ? o->test : o->source, o, &names);
}

/* Samples for testing have no groups, and weights only if all their columns are as for training. */
static void choose_test_roles(conversion *c) {
  c->test_roles = c->roles;
  c->test_roles.group = NULL;
  if (c->options->test_inputs.count > 0) c->test_roles.weight_count = 0;
}

static int open_sources(conversion *c) {
  const bool drops = c->options->missing == LS_MISSING_DROP;
  int status = c->options->target_count > 0 ? open_training(c) : open_with_defaults(c);
  if (status == LS_OK) status = open_test(c);
  if (status == LS_OK) status = rename_columns(c);
  if (status == LS_OK) status = roles_choose(&c->roles, c->options, c->sources[TRAIN]);
  if (status != LS_OK) return status;
  choose_test_roles(c);
  status = reader_create(&c->readers[TRAIN], &c->roles, c->sources[TRAIN], drops);
  if (status == LS_OK && c->sources[TEST]) {
    status = reader_create(&c->readers[TEST], &c->test_roles, c->sources[TEST], drops);
  }
  return status;
}

static int check_strata(const conversion *c) {
  if (!c->options->stratify || c->roles.targets[0].classes) return LS_OK;
  return ls_fail(LS_INVALID, "data: --stratify: %s is values (expected classes: --target %s=class)",
                 c->roles.targets[0].name, c->roles.targets[0].name);
}

static int summarise(char **summary, const conversion *c) {
  ls_text text = {0};
  roles_describe(&c->roles, c->sources[TRAIN], &text);
  for (int part = 0; part < PARTS; part++) {
    const row_reader *r = c->readers[part];
    if (r && r->dropped > 0) {
      ls_text_add_visible(&text, "  %s: %zu samples with missing values left out\n",
                          r->source->path, r->dropped);
    }
  }
  return (*summary = ls_text_take(&text)) ? LS_OK : LS_FAILED;
}

int ls_convert(char **summary, const char *path, const ls_conversion *options) {
  *summary = NULL;
  ls_conversion completed = *options;
  conversion c = {.options = &completed};
  int status = open_sources(&c);
  if (status == LS_OK) status = check_strata(&c);
  if (status == LS_OK) status = create_holdout(&c);
  if (status == LS_OK) status = count_rows(&c);
  if (status == LS_OK) status = count_test_rows(&c);
  if (status == LS_OK) status = find_fills(&c);
  if (status == LS_OK) status = save(&c, path);
  if (status == LS_OK) status = summarise(summary, &c);
  holdout_free(&c.holdout);
  for (int part = 0; part < PARTS; part++) {
    reader_free(&c.readers[part]);
    ls_source_close(&c.sources[part]);
  }
  roles_clear(&c.roles);
  return status;
}
