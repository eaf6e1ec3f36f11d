/* The scalars of a snapshot in a file. Each is stored by its type in memory. Files of earlier
 * versions hold all but the hash as double; a scalar of any numeric type is read.
 */
#include "store/checkpoint/snapshot.h"

#include "lockstep/error.h"

#include <float.h>
#include <math.h>

typedef enum scalar_kind {
  SCALAR_HASH,    /* uint64_t, stored as such; any value */
  SCALAR_COUNT,   /* size_t */
  SCALAR_INTEGER, /* int64_t */
  SCALAR_FLAG,    /* bool */
  SCALAR_STATUS,  /* ls_trial_status */
  SCALAR_SECONDS, /* double */
  SCALAR_FACTOR,  /* double */
  SCALAR_VALUE,   /* double; any value, NaN included */
} scalar_kind;

typedef struct scalar {
  const char *name; /* of the attribute */
  scalar_kind kind;
  size_t offset; /* in ls_snapshot_scalars */
  bool optional; /* files of earlier versions lack it: 0 */
} scalar;

/* In the order in which they are in the file. */
static const scalar scalars[] = {
    {"weights_hash", SCALAR_HASH, offsetof(ls_snapshot_scalars, weights_hash)},
    {"epoch", SCALAR_COUNT, offsetof(ls_snapshot_scalars, epoch)},
    {"step", SCALAR_COUNT, offsetof(ls_snapshot_scalars, step)},
    {"updates", SCALAR_INTEGER, offsetof(ls_snapshot_scalars, updates)},
    {"averaged", SCALAR_FLAG, offsetof(ls_snapshot_scalars, averaged), true},
    {"seconds", SCALAR_SECONDS, offsetof(ls_snapshot_scalars, seconds)},
    {"epoch_seconds", SCALAR_SECONDS, offsetof(ls_snapshot_scalars, epoch_seconds)},
    {"stopping_best", SCALAR_VALUE, offsetof(ls_snapshot_scalars, stopping.best)},
    {"stopping_best_epoch", SCALAR_COUNT, offsetof(ls_snapshot_scalars, stopping.best_epoch)},
    {"stopping_waited", SCALAR_INTEGER, offsetof(ls_snapshot_scalars, stopping.waited)},
    {"plateau_started", SCALAR_FLAG, offsetof(ls_snapshot_scalars, plateau.started)},
    {"plateau_best", SCALAR_VALUE, offsetof(ls_snapshot_scalars, plateau.best)},
    {"plateau_waited", SCALAR_INTEGER, offsetof(ls_snapshot_scalars, plateau.waited)},
    {"plateau_cooldown", SCALAR_INTEGER, offsetof(ls_snapshot_scalars, plateau.cooldown)},
    {"plateau_scale", SCALAR_FACTOR, offsetof(ls_snapshot_scalars, plateau.scale)},
    {"ended", SCALAR_STATUS, offsetof(ls_snapshot_scalars, ended)},
};
enum { SCALARS = sizeof scalars / sizeof *scalars };

/* The values that a scalar of each kind can have. */
static const struct {
  double least, most;
  bool integer;
  const char *expected; /* NULL: any value */
} ranges[] = {
    [SCALAR_COUNT] = {0, 0x1p53, true, "an integer of 0 or more"},
    [SCALAR_INTEGER] = {0, 0x1p53, true, "an integer of 0 or more"},
    [SCALAR_FLAG] = {0, 1, true, "0 or 1"},
    [SCALAR_STATUS] = {0, LS_TRIAL_FAILED, true, "the number of a trial's status"},
    [SCALAR_SECONDS] = {0, DBL_MAX, false, "a number of 0 or more"},
    [SCALAR_FACTOR] = {0, 1, false, "a number from 0 to 1"},
    [SCALAR_VALUE] = {0, 0, false, NULL},
};

static bool in_range(scalar_kind kind, double value) {
  if (!ranges[kind].expected) return true;
  if (!(value >= ranges[kind].least && value <= ranges[kind].most)) return false;
  return !ranges[kind].integer || value == floor(value);
}

_Static_assert(sizeof(bool) == 1 && sizeof(ls_trial_status) == sizeof(int),
               "a flag and a status are stored as they are");

static hid_t type_of(scalar_kind kind) {
  switch (kind) {
  case SCALAR_HASH:
    return H5T_NATIVE_UINT64;
  case SCALAR_COUNT:
    return sizeof(size_t) == sizeof(uint64_t) ? H5T_NATIVE_UINT64 : H5T_NATIVE_UINT32;
  case SCALAR_INTEGER:
    return H5T_NATIVE_INT64;
  case SCALAR_FLAG:
    return H5T_NATIVE_UCHAR;
  case SCALAR_STATUS:
    return H5T_NATIVE_INT;
  default:
    return H5T_NATIVE_DOUBLE;
  }
}

/* Sets the scalar at `field` to a value that is in range. */
static void set_scalar(scalar_kind kind, double value, void *field) {
  switch (kind) {
  case SCALAR_COUNT:
    *(size_t *)field = (size_t)value;
    return;
  case SCALAR_INTEGER:
    *(int64_t *)field = (int64_t)value;
    return;
  case SCALAR_FLAG:
    *(bool *)field = value != 0;
    return;
  case SCALAR_STATUS:
    *(ls_trial_status *)field = (ls_trial_status)value;
    return;
  default:
    *(double *)field = value;
  }
}

static int write_scalar(hid_t group, const scalar *s, const void *field) {
  return ls_h5_set_values(group, ".", s->name, type_of(s->kind), 1, field);
}

static int read_scalar(hid_t group, const char *path, const scalar *s, void *field) {
  if (s->kind == SCALAR_HASH) return ls_h5_get_hash(group, ".", s->name, field);
  double value = 0;
  const bool lacks = s->optional && !ls_h5_has_attribute(group, ".", s->name);
  int status = lacks ? LS_OK : ls_h5_get_number(group, ".", s->name, &value);
  if (status != LS_OK) return status;
  if (!in_range(s->kind, value)) {
    return ls_fail(LS_INVALID, "%s: its '%s' is %g (expected %s)", path, s->name, value,
                   ranges[s->kind].expected);
  }
  set_scalar(s->kind, value, field);
  return LS_OK;
}

bool snapshot_is_best(const ls_snapshot_scalars *now, size_t best_epoch) {
  return best_epoch > 0 && now->epoch == best_epoch && now->step == 0 && !now->averaged;
}

int snapshot_write_scalars(hid_t group, const ls_snapshot_scalars *values) {
  int status = LS_OK;
  for (size_t i = 0; i < SCALARS && status == LS_OK; i++) {
    status = write_scalar(group, &scalars[i], (const char *)values + scalars[i].offset);
  }
  return status;
}

int snapshot_read_scalars(hid_t group, const char *path, ls_snapshot_scalars *values) {
  int status = LS_OK;
  for (size_t i = 0; i < SCALARS && status == LS_OK; i++) {
    status = read_scalar(group, path, &scalars[i], (char *)values + scalars[i].offset);
  }
  return status;
}
