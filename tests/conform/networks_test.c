/* Every job's network against PyTorch: from the weights and on the samples of
 * tests/reference/make_networks.py, 20 steps must give the losses of networks.txt, and leave
 * parameters of its sums and norms. Bounds are relative, to the norm for parameters: 2e-5 in single
 * precision, 1e-9 in double. A job file that isn't in networks.txt fails; after a change of one
 * make_networks.py has to make the file again. */
#include "training.h"

#include "nn/compute.h"

#include <glob.h>

enum { STEPS = 20, MOST_SAMPLES = 8, FIRST_INPUT = 1 << 28, MOST_SETS = 8, MOST_ARRAYS = 64 };

static const double tolerance = sizeof(ls_real) == 4 ? 2e-5 : 1e-9;

/* ---- Numbers by formulas, as in make_networks.py --------------------------------------------- */

/* From [0, 1), of 24 bits: the finaliser of MurmurHash3 of i. */
static double number(size_t i) {
  uint32_t h = (uint32_t)i * 0x9e3779b1u;
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return (double)((h ^ h >> 16) >> 8) * 0x1p-24;
}

static void add_labels(hid_t file, const char *name, hsize_t count, uint32_t factor,
                       double classes) {
  int32_t labels[MOST_SAMPLES];
  for (uint32_t i = 0; i < count; i++) labels[i] = (int32_t)(factor * i % (uint32_t)classes);
  assert_int_equal(ls_h5_create_dataset(file, name, H5T_NATIVE_INT32, 1, &count, NULL), LS_OK);
  assert_int_equal(ls_h5_write(file, name, H5T_NATIVE_INT32, labels), LS_OK);
  assert_int_equal(ls_h5_set_values(file, name, "class_count", H5T_NATIVE_DOUBLE, 1, &classes),
                   LS_OK);
}

static void add_minutes(hid_t file, const char *name, hsize_t count) {
  float minutes[MOST_SAMPLES];
  for (hsize_t i = 0; i < count; i++) minutes[i] = (float)(5 * i % count) / (float)count;
  assert_int_equal(ls_h5_create_dataset(file, name, H5T_NATIVE_FLOAT, 1, &count, NULL), LS_OK);
  assert_int_equal(ls_h5_write(file, name, H5T_NATIVE_FLOAT, minutes), LS_OK);
}

static void add_inputs(hid_t file, const char *name, hsize_t count, int rank,
                       const hsize_t *shape) {
  hsize_t extent[LS_H5_MAX_RANK] = {count};
  size_t size = 1;
  for (int d = 0; d < rank; d++) size *= extent[d + 1] = shape[d];
  float *x = new_array(count * size, sizeof *x);
  for (size_t k = 0; k < count * size; k++) {
    double wave = 2 * number(FIRST_INPUT + k % (count / 2 * size)) - 1;
    x[k] = wave > 0 ? (float)wave / 4 : 0;
  }
  assert_int_equal(ls_h5_create_dataset(file, name, H5T_NATIVE_FLOAT, rank + 1, extent, NULL),
                   LS_OK);
  assert_int_equal(ls_h5_write(file, name, H5T_NATIVE_FLOAT, x), LS_OK);
  free(x);
}

typedef struct samples {
  const char *name;
  hsize_t count;
  int rank;
  hsize_t shape[3];
} samples;

static const samples datasets[] = {
    {"mnist", 8, 3, {28, 28, 1}},  {"fashion_mnist", 8, 3, {28, 28, 1}},
    {"digits", 8, 3, {28, 28, 1}}, {"clock", 4, 3, {150, 150, 1}},
    {"components", 8, 1, {25}},
};

static void path_of(const char *folder, const samples *s, char path[128]) {
  snprintf(path, 128, "%s/%s.h5", folder, s->name);
}

static void add_part(hid_t file, const samples *s, const char *part) {
  const char *const members[] = {"", "/y", "/x", "/y/hour", "/y/minute"};
  const bool clock = strcmp(s->name, "clock") == 0;
  char names[COUNT_OF(members)][32];
  for (size_t i = 0; i < COUNT_OF(members); i++) {
    snprintf(names[i], sizeof names[i], "%s%s", part, members[i]);
  }
  for (int g = 0; g < (clock ? 2 : 1); g++) {
    hid_t group = -1;
    assert_int_equal(ls_h5_create_group(&group, file, names[g]), LS_OK);
    ls_h5_close(&group);
  }
  add_inputs(file, names[2], s->count, s->rank, s->shape);
  if (clock) {
    add_labels(file, names[3], s->count, 7, 12);
    add_minutes(file, names[4], s->count);
  } else {
    add_labels(file, names[1], s->count, 3, 10);
  }
}

/* A dataset with the name that jobs use; test samples are the training samples. */
static void write_samples(const char *folder, const samples *s) {
  char path[128];
  hid_t file = -1;
  path_of(folder, s, path);
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  add_part(file, s, "train");
  add_part(file, s, "test");
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

/* ---- The reference --------------------------------------------------------------------------- */

typedef struct array {
  char name[64];
  size_t count;
  double start, scale, sum, norm;
} array;

/* A case; the first `common` of its overrides are those of its job. */
typedef struct example {
  char job[96], label[96];
  size_t trials, trial, first, common, set_count, array_count;
  char sets[MOST_SETS][256];
  double losses[STEPS];
  array arrays[MOST_ARRAYS];
} example;

static void read_losses(example *e, const char *text) {
  for (int i = 0; i < STEPS; i++) {
    char *end;
    e->losses[i] = strtod(text, &end);
    if (end == text) fail_msg("%s: lacks losses", e->job);
    text = end;
  }
}

/* Reads one line, whose kind is its first word. Returns whether the kind is known. */
static bool read_line(example *e, const char *line) {
  if (sscanf(line, "job %95s %zu", e->job, &e->trials) == 2) {
    e->common = e->set_count = e->array_count = 0;
  } else if (strncmp(line, "set ", 4) == 0) {
    assert_true(e->set_count < MOST_SETS);
    snprintf(e->sets[e->set_count++], sizeof *e->sets, "%s", line + 4);
    if (!*e->label) e->common = e->set_count;
  } else if (sscanf(line, "case %zu", &e->trial) == 1) {
    snprintf(e->label, sizeof e->label, "%s", line + 5);
    e->set_count = e->common;
    e->array_count = 0;
  } else if (sscanf(line, "first %zu", &e->first) == 1) {
    return true;
  } else if (strncmp(line, "loss ", 5) == 0) {
    read_losses(e, line + 5);
  } else {
    array *a = &e->arrays[e->array_count++];
    assert_true(e->array_count <= MOST_ARRAYS);
    return sscanf(line, "parameter %63s %zu %lf %lf %lf %lf", a->name, &a->count, &a->start,
                  &a->scale, &a->sum, &a->norm) == 6;
  }
  return true;
}

/* ---- Training -------------------------------------------------------------------------------- */

static char *read_text(const char *path) {
  static char text[1 << 16];
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("no %s (run this in the project's folder)", path);
  size_t length = fread(text, 1, sizeof text - 1, file);
  text[length] = '\0';
  fclose(file);
  return text;
}

/* Without its figures, which may be of test samples that the example doesn't have. */
static ls_job *read_job(const example *e) {
  const char *sets[MOST_SETS + 1];
  ls_job *job = NULL;
  for (size_t i = 0; i < e->set_count; i++) sets[i] = e->sets[i];
  sets[e->set_count] = "figures=null";
  int status =
      ls_job_read(&job, e->job, read_text(e->job), sets, e->set_count + 1, &ls_recipe_component);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  assert_int_equal(ls_job_trials(job), e->trials);
  return job;
}

static void begin(training *t, const example *e, size_t shards) {
  size_t offset = 0;
  start_trial(t, read_job(e), e->trial, shards);
  double *weights = new_array(t->plan->model->param_count, sizeof *weights);
  for (size_t k = 0; k < e->array_count; k++) {
    const array *a = &e->arrays[k];
    if (offset + a->count > t->plan->model->param_count) break;
    for (size_t i = offset; i < offset + a->count; i++) {
      weights[i] = a->start + a->scale * (2 * number(e->first + i) - 1);
    }
    offset += a->count;
  }
  assert_int_equal(offset, t->plan->model->param_count);
  set_weights(t, weights);
  free(weights);
}

/* The largest of relative errors; NaN if any is. */
static void take(double *worst, double value, double expected, double size) {
  double error = value == expected ? 0 : fabs(value - expected) / size;
  if (!(error <= *worst)) *worst = error;
}

static double compare_losses(training *t, const example *e) {
  double worst = 0, means[LS_MAX_MEASURES];
  for (size_t step = 0; step < STEPS; step++) {
    assert_int_equal(t->plan->steps, 1);
    train_epoch(t, step, means);
    take(&worst, means[0], e->losses[step], fabs(e->losses[step]));
  }
  return worst;
}

static double compare_arrays(const training *t, const example *e) {
  const ls_real *w = ls_reducer_weights(t->trainer.reducer);
  double worst = 0;
  for (size_t k = 0; k < e->array_count; k++) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < e->arrays[k].count; i++, w++) {
      sum += (double)*w;
      squares += (double)*w * (double)*w;
    }
    take(&worst, sum, e->arrays[k].sum, e->arrays[k].norm * sqrt((double)e->arrays[k].count));
    take(&worst, sqrt(squares), e->arrays[k].norm, e->arrays[k].norm);
  }
  return worst;
}

/* Returns whether everything agrees. */
static bool check(const example *e) {
  bool right = true;
  for (size_t shards = 1; shards <= 3; shards += 2) {
    training t;
    begin(&t, e, shards);
    double losses = compare_losses(&t, e), arrays = compare_arrays(&t, e);
    bool good = losses <= tolerance && arrays <= tolerance;
    right &= good;
    print_message("%s %s, %zu shards: losses off by %.2g, parameters by %.2g%s\n", e->job, e->label,
                  shards, losses, arrays, good ? "" : ", which is TOO MUCH");
    end_training(&t);
  }
  return right;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* Checks the case that has been read, if there is one. */
static size_t finish(example *e) {
  bool wrong = *e->label && !check(e);
  *e->label = '\0';
  return wrong;
}

static void networks(void **state) {
  (void)state;
  example e = {0};
  size_t wrong = 0, capacity = 0;
  char *line = NULL;
  FILE *file = fopen("tests/reference/networks.txt", "r");
  if (!file) fail_msg("no tests/reference/networks.txt (run this in the project's folder)");
  while (getline(&line, &capacity, file) > 0) {
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "job ", 4) == 0 || strncmp(line, "case ", 5) == 0) wrong += finish(&e);
    if (!read_line(&e, line)) fail_msg("not understood: %s", line);
  }
  wrong += finish(&e);
  free(line);
  fclose(file);
  if (wrong > 0) fail_msg("%zu cases differ from PyTorch", wrong);
}

static void all_jobs_are_there(void **state) {
  (void)state;
  static char text[1 << 20];
  FILE *file = fopen("tests/reference/networks.txt", "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  glob_t found;
  assert_int_equal(glob("jobs/*.yaml", 0, NULL, &found), 0);
  assert_int_equal(glob("jobs/*/*.yaml", GLOB_APPEND, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    char start[128];
    if (strncmp(found.gl_pathv[i], "jobs/examples/", 14) == 0) continue; /* for datasets of files */
    snprintf(start, sizeof start, "job %s ", found.gl_pathv[i]);
    if (!strstr(text, start)) fail_msg("%s is not in networks.txt", found.gl_pathv[i]);
  }
  globfree(&found);
}

int main(int argc, char **argv) {
  char folder[] = "/tmp/lockstep-test-XXXXXX";
  if (ls_compute_start() != LS_OK) return 1;
  MPI_Init(&argc, &argv);
  if (!mkdtemp(folder) || setenv("LOCKSTEP_DATA", folder, 1) != 0) return 1;
  for (size_t i = 0; i < COUNT_OF(datasets); i++) {
    write_samples(folder, &datasets[i]);
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(networks),
                                     cmocka_unit_test(all_jobs_are_there)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  for (size_t i = 0; i < COUNT_OF(datasets); i++) {
    char path[128];
    path_of(folder, &datasets[i], path);
    unlink(path);
  }
  rmdir(folder);
  MPI_Finalize();
  return failed;
}
