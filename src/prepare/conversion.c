/* Converting sources to a dataset file, in passes over the source: roles and classes, sizes of the
 * parts, fills for missing values, writing. */
#include "prepare/conversion.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/fill.h"
#include "prepare/holdout.h"
#include "prepare/part_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TRAIN, TEST, PARTS };

static const char *const part_names[PARTS] = {"train", "test"};

typedef struct conversion {
  const ls_conversion *options;
  ls_source *sources[PARTS]; /* that for testing is NULL unless it is a file of its own */
  column_roles roles;
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

static int count_rows(conversion *c) {
  row_reader *r = c->readers[TRAIN];
  bool end = false;
  int status = reader_rewind(r);
  while (status == LS_OK) {
    size_t stratum = 0;
    status = reader_next(r, &end);
    if (status != LS_OK || end) break;
    status = find_stratum(c, &stratum);
    if (status == LS_OK) holdout_count(c->holdout, stratum);
  }
  if (status == LS_OK && r->kept == 0) {
    status = ls_fail(LS_INVALID, "%s: has a missing value in each of its %zu samples",
                     r->source->path, r->dropped);
  }
  if (status == LS_OK) status = holdout_decide(c->holdout, r->source->path);
  if (status == LS_OK) holdout_sizes(c->holdout, c->sizes);
  return status;
}

static int count_test_rows(conversion *c) {
  row_reader *r = c->readers[TEST];
  bool end = false;
  int status = r ? reader_rewind(r) : LS_OK;
  while (r && status == LS_OK && !end) status = reader_next(r, &end);
  if (r) c->sizes[TEST] = r->kept;
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
    status = part_writer_create(&writers[part], file, part_names[part], &c->roles, c->sizes[part]);
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

static int open_sources(conversion *c) {
  const ls_conversion *o = c->options;
  int status = ls_source_open(&c->sources[TRAIN], o->source, &o->reading);
  if (status == LS_OK && o->test) {
    status = ls_source_open(&c->sources[TEST], o->test, &o->reading);
  }
  if (status == LS_OK) status = roles_choose(&c->roles, o, c->sources[TRAIN]);
  for (int part = 0; part < PARTS && status == LS_OK; part++) {
    if (!c->sources[part]) continue;
    status = reader_create(&c->readers[part], &c->roles, c->sources[part],
                           o->missing == LS_MISSING_DROP);
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
      ls_text_add(&text, "  %s: %zu samples with missing values left out\n", r->source->path,
                  r->dropped);
    }
  }
  return (*summary = ls_text_take(&text)) ? LS_OK : LS_FAILED;
}

int ls_convert(char **summary, const char *path, const ls_conversion *options) {
  *summary = NULL;
  conversion c = {.options = options};
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
