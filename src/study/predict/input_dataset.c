/* Inputs of a dataset file, which need not have targets. */
#include "study/predict/input.h"

#include "data/scale.h"
#include "lockstep/error.h"
#include "study/model/same_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct dataset_state {
  hid_t file;
  const char *path;
  char member[16]; /* "test/x" */
  ls_real scale;   /* factor from stored numbers to inputs */
} dataset_state;

bool input_is_dataset(const char *path) {
  hid_t file = -1;
  bool is =
      ls_h5_open(&file, path) == LS_OK && (ls_h5_has(file, "train/x") || ls_h5_has(file, "test/x"));
  ls_h5_close(&file);
  ls_error_clear();
  return is;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int choose_member(dataset_state *s, const char *split) {
  const char *chosen = split ? split : ls_h5_has(s->file, "test/x") ? "test" : "train";
  snprintf(s->member, sizeof s->member, "%s/x", chosen);
  if (ls_h5_has(s->file, s->member)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: has no /%s (--split selects the part)", s->path, s->member);
}

/* Sets the number of samples from the shape of the inputs. */
static int check_shape(predict_input *input, const dataset_state *s, const ensemble *e) {
  ls_h5_shape x;
  int status = ls_h5_describe(s->file, s->member, &x);
  if (status != LS_OK) return status;
  char text[256];
  size_t size = 1;
  bool overflow = false;
  ls_h5_format_shape(&x, text, sizeof text);
  if (x.class_id != H5T_INTEGER && x.class_id != H5T_FLOAT && x.class_id != H5T_ENUM) {
    return ls_fail(LS_INVALID, "%s: /%s: is %s (expected numbers)", s->path, s->member, text);
  }
  for (int i = 1; i < x.rank; i++) overflow |= __builtin_mul_overflow(size, x.extent[i], &size);
  if (x.rank < 1 || overflow || size != input->size) {
    return ls_fail(LS_INVALID, "%s: /%s: is %s (expected inputs of %zu numbers, as %s takes)",
                   s->path, s->member, text, input->size, e->paths[0]);
  }
  input->count = (size_t)x.extent[0];
  if (input->count > 0) return LS_OK;
  return ls_fail(LS_INVALID, "%s: /%s: has no samples", s->path, s->member);
}

/* The scale is that of the training part where there is one (data/dataset.h). */
static int read_scale(dataset_state *s) {
  const char *member = ls_h5_has(s->file, "train/x") ? "train/x" : s->member;
  ls_h5_shape x;
  int status = ls_h5_describe(s->file, member, &x);
  double scale = 1;
  if (status == LS_OK) status = ls_dataset_read_scale(&scale, s->file, s->path, member, &x);
  s->scale = (ls_real)scale;
  return status;
}

/* Inputs that were made of columns have to be made as those for training. */
static int check_encoding(const dataset_state *s, const ensemble *e) {
  char *own = NULL;
  if (!ls_predictor_encoding(e->models[0])) return LS_OK;
  if (!ls_h5_has_attribute(s->file, s->member, "encoding")) return LS_OK;
  int status = ls_h5_get_text(s->file, s->member, "encoding", &own);
  if (status == LS_OK) {
    status = same_encoding(s->path, own, e->paths[0], ls_predictor_encoding(e->models[0]),
                           "the file of which it was made, such as new.csv");
  }
  free(own);
  return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_dataset(predict_input *input, size_t first, size_t n, ls_real *x) {
  const dataset_state *s = input->state;
  const hid_t type = sizeof *x == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  const size_t size = input->size;
  int status = ls_h5_read_range(s->file, s->member, type, first * size, n * size, x);
  for (size_t i = 0; i < n * size && status == LS_OK; i++) {
    if (!isfinite((double)x[i])) {
      status = ls_fail(LS_INVALID, "%s: /%s: sample %zu holds a value that is not finite", s->path,
                       s->member, first + i / size);
    }
    x[i] *= s->scale;
  }
  return status;
}

static void close_dataset(predict_input *input) {
  dataset_state *s = input->state;
  ls_h5_close(&s->file);
  free(s);
}

int input_open_dataset(predict_input *input, const ls_predict_options *options, const ensemble *e) {
  static const input_type type = {read_dataset, close_dataset, NULL};
  dataset_state *s = ls_new(1, sizeof *s);
  if (!s) return LS_FAILED;
  *s = (dataset_state){.file = -1, .path = options->data};
  input->type = &type;
  input->state = s;
  int status = ls_h5_open(&s->file, s->path);
  if (status == LS_OK) status = choose_member(s, options->split);
  if (status == LS_OK) status = check_shape(input, s, e);
  if (status == LS_OK) status = check_encoding(s, e);
  return status == LS_OK ? read_scale(s) : status;
}
