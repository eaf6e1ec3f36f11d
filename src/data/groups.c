/* Reading and numbering groups. */
#include "data/groups.h"

#include "base/memory.h"
#include "data/file.h"
#include "data/members.h"
#include "h5/h5.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_MEMBER "train/group"

/* ---- Reading --------------------------------------------------------------------------------- */

/* Whether /train/group was made of the column `name`. */
static int is_column(bool *is, hid_t file, const char *name) {
  char *column = NULL;
  *is = false;
  if (!ls_h5_has(file, GROUP_MEMBER) || !ls_h5_has_attribute(file, GROUP_MEMBER, "column")) {
    return LS_OK;
  }
  int status = ls_h5_get_text(file, GROUP_MEMBER, "column", &column);
  if (status == LS_OK) *is = strcmp(column, name) == 0;
  free(column);
  return status;
}

static int find_member(char path[MEMBER_PATH], const ls_dataset *d, hid_t file, const char *name) {
  bool is = false;
  int status = is_column(&is, file, name);
  if (status != LS_OK) return status;
  int length = snprintf(path, MEMBER_PATH, "%s", is ? GROUP_MEMBER : "train/");
  if (!is) length += snprintf(path + length, (size_t)(MEMBER_PATH - length), "%s", name);
  if (length < MEMBER_PATH && !strchr(name, '/') && ls_h5_has(file, path)) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: has no member /train/%s, and no /train/group of that column (expected one, "
                 "as lockstep data --group writes it)",
                 d->path, name);
}

static int read_values(const ls_dataset *d, hid_t file, const char *path, int64_t *values) {
  ls_h5_shape shape;
  int status = ls_h5_describe(file, path, &shape);
  if (status != LS_OK) return status;
  const size_t count = d->count[LS_TRAIN];
  if (shape.rank != 1 || shape.class_id != H5T_INTEGER || shape.extent[0] != count) {
    char found[256];
    ls_h5_format_shape(&shape, found, sizeof found);
    return ls_fail(LS_INVALID, "%s: /%s: is %s (expected an integer for each of the %zu samples)",
                   d->path, path, found, count);
  }
  return ls_h5_read(file, path, H5T_NATIVE_INT64, values);
}

int ls_dataset_groups(const ls_dataset *d, const char *name, int64_t *values) {
  hid_t file = -1;
  char path[MEMBER_PATH];
  int status = dataset_open_file(&file, d);
  if (status == LS_OK) status = find_member(path, d, file, name);
  if (status == LS_OK) status = read_values(d, file, path, values);
  ls_h5_close(&file);
  return status;
}

/* ---- Numbering ------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

int ls_groups_create(ls_groups *groups, const ls_samples *samples, const int64_t *values) {
  const size_t n = samples->count;
  int64_t *distinct = ls_new(n, sizeof *distinct);
  *groups = (ls_groups){ls_new(n, sizeof *groups->of), ls_new(n, sizeof *groups->sizes), 0};
  int status = distinct && groups->of && groups->sizes ? LS_OK : LS_FAILED;
  for (size_t i = 0; status == LS_OK && i < n; i++) distinct[i] = values[samples->numbers[i]];
  if (status == LS_OK) qsort(distinct, n, sizeof *distinct, compare);
  for (size_t i = 0; status == LS_OK && i < n; i++) {
    if (i == 0 || distinct[i] != distinct[groups->count - 1]) {
      distinct[groups->count++] = distinct[i];
    }
  }
  for (size_t i = 0; status == LS_OK && i < n; i++) {
    const int64_t *found =
        bsearch(&values[samples->numbers[i]], distinct, groups->count, sizeof *distinct, compare);
    groups->of[i] = (uint32_t)(found - distinct);
    groups->sizes[groups->of[i]]++;
  }
  free(distinct);
  if (status != LS_OK) ls_groups_destroy(groups);
  return status;
}

void ls_groups_destroy(ls_groups *groups) {
  free(groups->of);
  free(groups->sizes);
  *groups = (ls_groups){0};
}
