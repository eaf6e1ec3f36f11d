/* Model files: every layer's weights are read as they were written, layers that Keras lacks do
 * nothing outside training, and a file of another model is refused. Driven by the family: a layer
 * whose arguments can't be left out needs a case. tests/cli/model_file_test.py checks the content
 * of the files. */
#include "fragment.h"

#include "store/checkpoint/checkpoint.h"
#include "store/checkpoint/model_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLASSES = 4 };

static char path[64];

static int make_path(void **state) {
  (void)state;
  snprintf(path, sizeof path, "/tmp/lockstep-model-XXXXXX");
  int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
  (void)state;
  return unlink(path);
}

typedef struct layer_case {
  const char *member, *layers; /* before the last layer, in YAML */
  ls_shape input;
} layer_case;

static const layer_case cases[] = {
    {"dense",
     "{dense: {units: 6, activation: tanh}}, {dense: {units: 5, use_bias: false}}",
     {1, {7}}},
    {"activation", "{activation: tanh}", {1, {7}}},
    {"dropout", "{dropout: 0.5}", {1, {7}}},
    {"gaussian_noise", "{gaussian_noise: 0.5}", {1, {7}}},
    {"salt_and_pepper", "{salt_and_pepper: 0.1}", {1, {7}}},
    {"reshape", "{reshape: [9, 8]}", {3, {6, 6, 2}}},
    {"random_translation",
     "{random_translation: {height_factor: 0.2, width_factor: 0.1}}",
     {3, {6, 6, 2}}},
    {"random_rotation", "{random_rotation: 0.2}", {3, {6, 6, 2}}},
    {"random_zoom", "{random_zoom: 0.2}", {3, {6, 6, 2}}},
    {"conv2d", "{conv2d: {filters: 3, kernel_size: [3, 2], activation: relu}}", {3, {6, 6, 2}}},
    {"conv2d_transpose",
     "{conv2d_transpose: {filters: 3, kernel_size: 3, strides: 2}}",
     {3, {6, 6, 2}}},
    {"sequential", "{sequential: [{activation: tanh}, {dense: {units: 5}}]}", {1, {7}}},
};

static ls_group alone;

/* Writes the file that training would write after three epochs. */
static int write_checkpoint(const char *to, const subject *s) {
  static const char *const names[] = {"loss", "val_loss"};
  double rows[3][2] = {{3, 4}, {1, 2}, {0.5, 0.25}};
  ls_checkpoint c = {.job = "name: some\n",
                     .trial = 6,
                     .trial_name = "l2=0.1",
                     .dataset = "some.h5",
                     .shards = 1,
                     .partition = ls_block_cyclic_all(s->model->param_count),
                     .now = {.scalars = {.epoch = 3, .weights_hash = 12}, .weights = s->weights},
                     .rows = rows[0],
                     .curve_count = COUNT_OF(names),
                     .curve_names = names};
  return ls_checkpoint_write(to, NULL, s->model, &c, &alone);
}

static subject make(const char *layers, ls_shape input) {
  char yaml[512];
  snprintf(yaml, sizeof yaml, "model: [%s, flatten, {dense: {units: 4, activation: softmax}}]",
           layers);
  subject s = make_subject(yaml, input, CLASSES, 2);
  for (size_t i = 0; i < s.model->param_count; i++) s.weights[i] = some_number(i);
  return s;
}

static void write_file(const subject *s) {
  if (write_checkpoint(path, s) != LS_OK) {
    fail_msg("%s", ls_error_message());
  }
}

/* Outside training the layer's output is its input. */
static void check_does_nothing(const ls_layer *layer) {
  enum { N = 2 };
  assert_int_equal(layer->param_count, 0);
  assert_memory_equal(&layer->input, &layer->output, sizeof layer->input);
  size_t count = N * (size_t)ls_shape_size(&layer->input);
  ls_real *x = new_array(count, sizeof *x), *y = new_array(count, sizeof *y);
  for (size_t i = 0; i < count; i++) x[i] = some_number(i);
  ls_pass pass = {.n = N,
                  .x = x,
                  .y = y,
                  .cache = new_array(N, layer->cache_bytes),
                  .shard_cache = new_array(1, layer->shard_bytes),
                  .scratch = new_array(1, layer->scratch_bytes),
                  .ids = (uint32_t[]){1, 2}};
  layer->type->forward(layer, &pass);
  if (layer->memory != LS_VIEW) assert_memory_equal(x, y, count * sizeof *x);
  free(pass.cache);
  free(pass.shard_cache);
  free(pass.scratch);
  free(x);
  free(y);
}

static void check_round_trip(const char *layers, ls_shape input) {
  subject s = make(layers, input);
  size_t bytes = s.model->param_count * sizeof *s.weights;
  write_file(&s);
  memset(s.gradient, 0xff, bytes);
  if (ls_model_file_read(path, s.model, s.gradient) != LS_OK) {
    fail_msg("%s\nof %s", ls_error_message(), layers);
  }
  if (memcmp(s.weights, s.gradient, bytes) != 0) fail_msg("other weights in %s", layers);
  for (size_t i = 0; i < s.model->layer_count; i++) {
    const char *keras = s.model->layers[i].type->keras_class;
    if (keras && !*keras) check_does_nothing(&s.model->layers[i]);
  }
  free_subject(&s);
}

static void every_layer(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_layers.count; i++) {
    const char *name = ls_layers.members[i]->name;
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].member, name) != 0) continue;
      check_round_trip(cases[k].layers, cases[k].input);
      tested++;
    }
    if (tested == 0) check_round_trip(name, (ls_shape){3, {6, 6, 2}});
  }
}

/* Layers that name a file are read from it, the others are unchanged. */
static void one_layer(void **state) {
  (void)state;
  char layers[256];
  subject source = make("{dense: {units: 6, name: code}}, {dense: 5}", (ls_shape){1, {7}});
  write_file(&source);
  snprintf(layers, sizeof layers,
           "{dense: {units: 7, name: first}}, {dense: {units: 6, name: code, weights: %s}}", path);
  subject s = make(layers, (ls_shape){1, {7}});
  assert_true(ls_model_file_wanted(s.model) && !ls_model_file_wanted(source.model));
  const ls_layer *code = ls_model_layer(s.model, "code");
  for (size_t i = 0; i < s.model->param_count; i++) s.weights[i] = 5;
  assert_int_equal(ls_model_file_read_layers(s.model, NULL, NULL), LS_OK); /* only looks */
  assert_true(s.weights[code->params[0].offset] == 5);
  assert_int_equal(ls_model_file_read_layers(s.model, NULL, s.weights), LS_OK);
  size_t first = code->params[0].offset, count = 7 * 6 + 6;
  for (size_t i = 0; i < s.model->param_count; i++) {
    bool read = i >= first && i < first + count;
    assert_true(s.weights[i] == (read ? source.weights[i - first] : 5));
  }
  free_subject(&s);
  free_subject(&source);
}

static void expect_refused(const char *layers, const char *expected) {
  char yaml[512];
  snprintf(yaml, sizeof yaml, layers, path);
  subject s = make(yaml, (ls_shape){1, {7}});
  assert_int_equal(ls_model_file_read_layers(s.model, NULL, s.weights), LS_INVALID);
  if (!strstr(ls_error_message(), expected)) fail_msg("'%s'", ls_error_message());
  if (strncmp(ls_error_message(), "fragment:1: model[0].dense.weights: ", 36) != 0) {
    fail_msg("'%s'", ls_error_message());
  }
  free_subject(&s);
}

static void refusals(void **state) {
  (void)state;
  subject source = make("{dense: {units: 6, name: code}}, {dense: 5}", (ls_shape){1, {7}});
  write_file(&source);
  expect_refused("{dense: {units: 6, weights: no/such%s}}", "cannot open: No such file");
  expect_refused("{dense: {units: 6, name: cod, weights: %s}}",
                 "has no layer 'cod' (did you mean 'code'?)");
  expect_refused("{dense: {units: 6, name: x, weights: %s}}",
                 "has no layer 'x' (expected one of code, dense, flatten, dense_1)");
  expect_refused("{dense: {units: 9, name: code, weights: %s}}",
                 "the kernel of its layer 'code' is [7, 6] (expected [7, 9])");
  expect_refused("{dense: {units: 6, use_bias: false, name: code, weights: %s}}",
                 "its layer 'code' has 2 arrays (expected 1)");
  FILE *file = fopen(path, "w");
  assert_true(file && fputs("hello", file) >= 0 && fclose(file) == 0);
  expect_refused("{dense: {units: 6, name: code, weights: %s}}", "is not a model file");
  assert_int_equal(ls_model_file_read(path, source.model, source.weights), LS_INVALID);
  assert_int_equal(strncmp(ls_error_message(), path, strlen(path)), 0);
  free_subject(&source);
}

static void stored_job(void **state) {
  (void)state;
  subject s = make("{dense: 5}", (ls_shape){1, {7}});
  write_file(&s);
  char *job = NULL;
  size_t trial = 0;
  assert_int_equal(ls_model_file_job(path, &job, &trial), LS_OK);
  assert_string_equal(job, "name: some\n");
  assert_int_equal(trial, 6);
  free(job);
  free_subject(&s);
}

/* If a file can't be written the old one is unchanged, and no other is left. */
static void failed_write(void **state) {
  (void)state;
  char folder[80], unfinished[96];
  snprintf(folder, sizeof folder, "%s.folder", path);
  snprintf(unfinished, sizeof unfinished, "%s.new", folder);
  subject s = make("{dense: 5}", (ls_shape){1, {7}});
  assert_int_equal(mkdir(folder, 0777), 0);
  assert_int_equal(write_checkpoint(folder, &s), LS_FAILED);
  assert_int_equal(access(unfinished, F_OK), -1);
  assert_int_equal(rmdir(folder), 0);
  assert_int_equal(write_checkpoint("/no/such/model.h5", &s), LS_FAILED);
  free_subject(&s);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (ls_group_create(&alone, MPI_COMM_SELF, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_layer), cmocka_unit_test(one_layer),    cmocka_unit_test(refusals),
      cmocka_unit_test(stored_job),  cmocka_unit_test(failed_write),
  };
  int failed = cmocka_run_group_tests(tests, make_path, remove_path);
  ls_group_free(&alone);
  MPI_Finalize();
  return failed;
}
