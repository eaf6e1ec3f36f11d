/* Writing the parts of a dataset file. */
#include "prepare/part_writer.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HDF5 stores up to 64 KiB in an attribute, in which a name takes 16 bytes. */
enum { MOST_NAMES = 4000, MEMBERS = 2 + 2 * LS_MOST_CHOICES };

/* A dataset that is being written: values of samples are collected as floats. */
typedef struct member {
  char name[128];
  const ls_encoding *encoding;
  hid_t stored;  /* the type in the file */
  float *values; /* [block, width] */
} member;

struct part_writer {
  hid_t group;
  member members[MEMBERS]; /* inputs, targets, weights, groups */
  size_t member_count;
  size_t count, block, written, waiting; /* samples */
};

/* ---- Attributes ------------------------------------------------------------------------------ */

static int write_names(hid_t group, const member *m, const char *attribute) {
  const ls_encoding *e = m->encoding;
  if (e->width > MOST_NAMES) return LS_OK;
  char **names = ls_new(e->width, sizeof *names);
  int status = names ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < e->width && status == LS_OK; i++) {
    status = (names[i] = ls_encoding_name(e, i)) ? LS_OK : LS_FAILED;
  }
  if (status == LS_OK) {
    status = ls_h5_set_texts(group, m->name, attribute, e->width, (const char *const *)names);
  }
  for (size_t i = 0; names && i < e->width; i++) free(names[i]);
  free(names);
  return status;
}

static int describe_inputs(hid_t group, const member *m) {
  const double scale = m->encoding->bytes ? 1.0 / 255 : 1;
  char *json = NULL;
  int status = ls_encoding_format(&json, m->encoding);
  if (status == LS_OK) status = ls_h5_set_text(group, m->name, "encoding", json);
  if (status == LS_OK) {
    status = ls_h5_set_values(group, m->name, "scale", H5T_NATIVE_DOUBLE, 1, &scale);
  }
  if (status == LS_OK && ls_encoding_shape(m->encoding).rank == 1) {
    status = write_names(group, m, "feature_names");
  }
  free(json);
  return status;
}

static int describe_classes(hid_t group, const member *m) {
  const ls_feature *f = &m->encoding->features[0];
  const int classes = (int)f->category_count;
  int status = ls_h5_set_values(group, m->name, "class_count", H5T_NATIVE_INT, 1, &classes);
  if (status != LS_OK || f->category_count > MOST_NAMES) return status;
  return ls_h5_set_texts(group, m->name, "class_names", f->category_count,
                         (const char *const *)f->categories);
}

/* ---- Creating -------------------------------------------------------------------------------- */

static int create_member(part_writer *w, const char *name, const ls_encoding *e, hid_t stored) {
  member *m = &w->members[w->member_count++];
  snprintf(m->name, sizeof m->name, "%s", name);
  m->encoding = e;
  m->stored = stored;
  m->values = ls_new(w->block, e->width * sizeof *m->values);
  if (!m->values) return LS_FAILED;
  const ls_shape shape = ls_encoding_shape(e);
  hsize_t extent[LS_MAX_DIMS + 1] = {w->count};
  int rank = shape.rank + 1;
  for (int i = 0; i < shape.rank; i++) extent[i + 1] = (hsize_t)shape.extent[i];
  if (strcmp(name, "x") != 0 && e->width == 1) rank = 1;
  return ls_h5_create_dataset(w->group, name, stored, rank, extent, NULL);
}

static int create_target(part_writer *w, const column_roles *roles, size_t i) {
  const role_target *t = &roles->targets[i];
  char name[128] = "y";
  if (roles->target_count > 1 && strlen(t->name) > 63) {
    return ls_fail(LS_INVALID,
                   "column %s: its name is too long for a target (expected up to 63 "
                   "bytes)",
                   t->name);
  }
  if (roles->target_count > 1) snprintf(name, sizeof name, "y/%s", t->name);
  int status = create_member(w, name, t->encoding, t->classes ? H5T_STD_I32LE : H5T_IEEE_F32LE);
  if (status != LS_OK) return status;
  const member *m = &w->members[w->member_count - 1];
  if (t->classes) return describe_classes(w->group, m);
  return t->encoding->count > 1 ? write_names(w->group, m, "value_names") : LS_OK;
}

static int create_weight(part_writer *w, const role_weight *weight) {
  char name[128];
  snprintf(name, sizeof name, "weight%s%s", *weight->head ? "_" : "", weight->head);
  return create_member(w, name, weight->encoding, H5T_IEEE_F32LE);
}

/* Numbers of groups, with the column that they are of. */
static int create_groups(part_writer *w, const ls_encoding *e) {
  int status = create_member(w, "group", e, H5T_STD_I32LE);
  if (status == LS_OK) status = describe_classes(w->group, &w->members[w->member_count - 1]);
  if (status != LS_OK) return status;
  return ls_h5_set_text(w->group, "group", "column", e->features[0].column);
}

static int create_members(part_writer *w, const column_roles *roles) {
  hid_t y = -1;
  int status =
      create_member(w, "x", roles->inputs, roles->inputs->bytes ? H5T_STD_U8LE : H5T_IEEE_F32LE);
  if (status == LS_OK) status = describe_inputs(w->group, &w->members[0]);
  if (status == LS_OK && roles->target_count > 1) {
    status = ls_h5_create_group(&y, w->group, "y");
    ls_h5_close(&y);
  }
  for (size_t i = 0; i < roles->target_count && status == LS_OK; i++) {
    status = create_target(w, roles, i);
  }
  for (size_t i = 0; i < roles->weight_count && status == LS_OK; i++) {
    status = create_weight(w, &roles->weights[i]);
  }
  if (status == LS_OK && roles->group) status = create_groups(w, roles->group);
  return status;
}

int part_writer_create(part_writer **out, hid_t file, const char *name, const column_roles *roles,
                       size_t count) {
  part_writer *w = ls_new(1, sizeof *w);
  *out = w;
  if (!w) return LS_FAILED;
  w->group = -1;
  w->count = count;
  w->block = ((size_t)4 << 20) / (roles->inputs->width * sizeof(float)) + 1;
  int status = ls_h5_create_group(&w->group, file, name);
  if (status == LS_OK) status = create_members(w, roles);
  if (status != LS_OK) part_writer_free(out);
  return status;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int flush(part_writer *w) {
  int status = LS_OK;
  for (size_t i = 0; i < w->member_count && status == LS_OK && w->waiting > 0; i++) {
    member *m = &w->members[i];
    size_t width = m->encoding->width;
    status = ls_h5_write_range(w->group, m->name, H5T_NATIVE_FLOAT, w->written * width,
                               w->waiting * width, m->values);
  }
  w->written += w->waiting;
  w->waiting = 0;
  return status;
}

/* The encoder of a member, in the order in which they were created. */
static const ls_encoder *encoder_of(const row_reader *r, size_t i) {
  if (i == 0) return r->inputs;
  if (i <= r->target_count) return r->targets[i - 1];
  i -= 1 + r->target_count;
  return i < r->weight_count ? r->weights[i] : r->group;
}

/* Fails if the row's value of a member is a negative weight. */
static int check_weight(const part_writer *w, const row_reader *r, size_t i) {
  const member *m = &w->members[i];
  const double value = (double)m->values[w->waiting];
  char where[512];
  if (i <= r->target_count || value >= 0) return LS_OK; /* numbers of groups are not negative */
  ls_source_place(r->source, r->place, where, sizeof where);
  return ls_fail(LS_INVALID, "%s: column %s: %g (expected a weight of at least 0)", where,
                 m->encoding->features[0].column, value);
}

int part_writer_add(part_writer *w, const row_reader *r) {
  if (w->written + w->waiting == w->count) {
    return ls_fail(LS_INVALID, "%s: has changed while it was read", r->source->path);
  }
  int status = LS_OK;
  for (size_t i = 0; i < w->member_count && status == LS_OK; i++) {
    member *m = &w->members[i];
    status = ls_encoder_apply(encoder_of(r, i), r->row, r->place,
                              m->values + w->waiting * m->encoding->width);
    if (status == LS_OK) status = check_weight(w, r, i);
  }
  if (status == LS_OK && ++w->waiting == w->block) status = flush(w);
  return status;
}

int part_writer_finish(part_writer *w) {
  int status = flush(w);
  if (status == LS_OK && w->written < w->count) {
    status = ls_fail(LS_INVALID, "the source has changed while it was read");
  }
  int closed = ls_h5_close(&w->group);
  return status == LS_OK ? closed : status;
}

void part_writer_free(part_writer **w) {
  if (!*w) return;
  for (size_t i = 0; i < (*w)->member_count; i++) free((*w)->members[i].values);
  ls_h5_close(&(*w)->group);
  free(*w);
  *w = NULL;
}
