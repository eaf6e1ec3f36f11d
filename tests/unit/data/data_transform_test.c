/* Transforms: learnt values and outputs, against NumPy; the same bits for any number of ranks. */
#include "base/partition.h"
#include "data/feed.h"
#include "data/fit.h"
#include "dataset_file.h"
#include "team.h"

#include <stdio.h>

enum { N = 30, SIZE = 7, FIRST = 3, TRAIN = 20, COMPONENTS = 3 }; /* of make_transforms.py */

/* ---- Transforms without a job ---------------------------------------------------------------- */

/* The argument struct of each begins with what is set here. */
typedef struct permutation {
  int64_t seed;
} permutation;

typedef struct standard {
  bool per_feature, per_channel;
} standard;

typedef struct components {
  int64_t count;
  bool whiten;
} components;

static ls_choice choice(const char *name, void *args) {
  const ls_component *type = ls_family_find(&ls_transform_family, name);
  assert_non_null(type);
  return (ls_choice){type, args, "job.yaml:1: dataset.transform[0]"};
}

/* ---- What one team does ---------------------------------------------------------------------- */

typedef struct fit_run {
  const ls_dataset *dataset;
  const ls_choices *choices;
  const uint32_t *order; /* the training samples */
  size_t count;
  ls_real *outputs; /* [sample of the training part, element], of rank 0 */
  ls_real *values;  /* what is learnt, all transforms one behind another, of rank 0 */
  size_t value_count;
  int status[MOST_RANKS];
  bool differs; /* a rank has learnt something else than rank 0 */
} fit_run;

static size_t output_size(const ls_transforms *chain) {
  return (size_t)ls_shape_size(ls_transforms_output(chain));
}

/* All samples through a feed of one rank's own: shards of all sizes. */
static void read_all(fit_run *v, ls_pool *pool, const ls_peers *peers, const ls_transforms *chain) {
  size_t n = v->dataset->count[LS_TRAIN], size = output_size(chain);
  ls_layout layout = {n, n, (size_t)peers->size * 3, (size_t)peers->size};
  ls_feed *feed = NULL;
  uint32_t *order = new_array(n, sizeof *order), *ids = new_array(n, sizeof *ids);
  ls_real *x = new_array(n * size, sizeof *x);
  for (size_t i = 0; i < n; i++) order[i] = (uint32_t)(n - 1 - i);
  assert_int_equal(ls_feed_create(&feed, pool, &layout, chain), LS_OK);
  assert_int_equal(ls_feed_start(feed, order), LS_OK);
  size_t end = ls_partition_begin(layout.shards, layout.ranks, (size_t)peers->rank + 1);
  for (size_t s = ls_partition_begin(layout.shards, layout.ranks, (size_t)peers->rank); s < end;
       s++) {
    size_t count = ls_feed_read(feed, 0, s, x, ids, NULL, 0);
    for (size_t i = 0; i < count; i++) {
      memcpy(v->outputs + ids[i] * size, x + i * size, size * sizeof *x);
    }
  }
  ls_feed_free(&feed);
  free(order);
  free(ids);
  free(x);
}

static void keep_values(fit_run *v, const ls_peers *peers, const ls_transforms *chain) {
  size_t at = 0;
  for (size_t i = 0; i < chain->count; i++) {
    const ls_transform *t = &chain->items[i];
    if (peers->rank == 0) {
      v->values = realloc(v->values, (at + t->value_count + 1) * sizeof *v->values);
      memcpy(v->values + at, t->values, t->value_count * sizeof *t->values);
    } else {
      v->differs |= memcmp(v->values + at, t->values, t->value_count * sizeof *t->values) != 0;
    }
    at += t->value_count;
  }
  v->value_count = at;
}

static void fit(void *context, const ls_peers *peers) {
  fit_run *v = context;
  ls_pool *pool = NULL;
  ls_transforms *chain = NULL;
  int status = ls_pool_load(&pool, v->dataset, LS_TRAIN, peers);
  if (status == LS_OK) {
    status = ls_transforms_create(&chain, v->choices, &v->dataset->shape, v->count);
  }
  if (status == LS_OK) status = ls_transforms_fit(chain, pool, v->order, v->count);
  if (status == LS_OK) {
    for (int r = 0; r < peers->size; r++) { /* rank 0 first */
      if (r == peers->rank) keep_values(v, peers, chain);
      peers->agree(peers->context, LS_OK);
    }
    read_all(v, pool, peers, chain);
  }
  v->status[peers->rank] = status;
  ls_transforms_free(&chain);
  ls_pool_free(&pool);
}

static void run_fit(fit_run *v, size_t ranks, bool shared) {
  run_team(ranks, shared, fit, v);
  for (size_t r = 0; r < ranks; r++) {
    if (v->status[r] != LS_OK) fail_msg("%s", ls_error_message());
  }
  assert_false(v->differs);
}

static ls_dataset *make_dataset(const hsize_t *extent, int rank, const float *x) {
  char path[64];
  int32_t *labels = new_array((size_t)extent[0], sizeof *labels);
  file_part train = {"train", H5T_NATIVE_FLOAT, rank, {0}, x, extent[0], labels, 2};
  memcpy(train.extent, extent, (size_t)rank * sizeof *extent);
  make_path(path);
  write_dataset(path, &train, NULL);
  free(labels);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  return dataset;
}

static void remove_dataset(ls_dataset *dataset) {
  unlink(dataset->path);
  ls_dataset_free(&dataset);
}

/* ---- Against NumPy --------------------------------------------------------------------------- */

/* Reads the table of that name. */
static size_t read_table(const char *wanted, double *table) {
  FILE *file = fopen("tests/reference/transforms.txt", "r");
  if (!file) fail_msg("no tests/reference/transforms.txt (run this in the project's folder)");
  char name[32];
  size_t rows = 0, columns = 0;
  bool found = false;
  while (!found && fscanf(file, "%31s %zu %zu", name, &rows, &columns) == 3) {
    assert_true(rows == N && columns <= SIZE);
    for (size_t i = 0; i < rows * columns; i++) assert_int_equal(fscanf(file, "%lf", &table[i]), 1);
    found = strcmp(name, wanted) == 0;
  }
  fclose(file);
  if (!found) fail_msg("transforms.txt has no %s", wanted);
  return columns;
}

static void as_numpy(void **state) {
  (void)state;
  standard each = {true}, together = {false};
  components plain = {COMPONENTS, false}, whitened = {COMPONENTS, true};
  const struct {
    const char *table;
    ls_choice list[2];
    size_t count;
  } cases[] = {
      {"per_feature", {choice("standardization", &each)}, 1},
      {"together", {choice("standardization", &together)}, 1},
      {"min_max", {choice("min_max_scaling", NULL)}, 1},
      {"pca", {choice("pca", &plain)}, 1},
      {"whitened", {choice("pca", &whitened)}, 1},
      {"both", {choice("standardization", &each), choice("pca", &plain)}, 2},
  };
  static const hsize_t extent[] = {N, SIZE};
  double table[N * SIZE];
  float x[N * SIZE];
  assert_int_equal(read_table("x", table), SIZE);
  for (size_t i = 0; i < N * SIZE; i++) x[i] = (float)table[i];
  ls_dataset *dataset = make_dataset(extent, 2, x);
  uint32_t order[TRAIN];
  for (uint32_t i = 0; i < TRAIN; i++) order[i] = FIRST + (i * 7 + 5) % TRAIN;
  for (size_t k = 0; k < COUNT_OF(cases); k++) {
    ls_real outputs[N * SIZE];
    ls_choices choices = {(ls_choice *)cases[k].list, cases[k].count};
    fit_run v = {.dataset = dataset,
                 .choices = &choices,
                 .order = order,
                 .count = TRAIN,
                 .outputs = outputs};
    run_fit(&v, 1, true);
    size_t columns = read_table(cases[k].table, table);
    for (size_t i = 0; i < N * columns; i++) {
      double bound = 2e-6 * (1 + fabs(table[i]));
      if (fabs((double)outputs[i] - table[i]) <= bound) continue;
      fail_msg("%s: element %zu is %.9g (expected %.9g)", cases[k].table, i, (double)outputs[i],
               table[i]);
    }
    free(v.values);
  }
  remove_dataset(dataset);
}

/* ---- Channels -------------------------------------------------------------------------------- */

/* Mean and standard deviation of a channel of the training samples, directly. */
static void channel_moments(const float *x, size_t channels, size_t pixels, size_t channel,
                            double *mean, double *deviation) {
  const double count = (double)(TRAIN * pixels);
  double sum = 0, squares = 0;
  for (size_t i = FIRST * pixels; i < (FIRST + TRAIN) * pixels; i++) {
    sum += (double)x[i * channels + channel];
  }
  *mean = sum / count;
  for (size_t i = FIRST * pixels; i < (FIRST + TRAIN) * pixels; i++) {
    squares += pow((double)x[i * channels + channel] - *mean, 2);
  }
  *deviation = sqrt(squares / count);
}

static void by_channel(void **state) {
  (void)state;
  enum { ROWS = 2, COLUMNS = 2, CHANNELS = 3, PIXELS = ROWS * COLUMNS, WIDTH = PIXELS * CHANNELS };
  static const hsize_t extent[] = {N, ROWS, COLUMNS, CHANNELS};
  standard channel = {true, true};
  ls_choice list[] = {choice("standardization", &channel)};
  ls_choices choices = {list, 1};
  float x[N * WIDTH];
  ls_real outputs[N * WIDTH];
  uint32_t order[TRAIN];
  for (size_t i = 0; i < N * WIDTH; i++) {
    x[i] = (float)((double)(i * 7919 % 1009) / 100 + 10 * (double)(i % CHANNELS));
  }
  for (uint32_t i = 0; i < TRAIN; i++) order[i] = FIRST + i;
  ls_dataset *dataset = make_dataset(extent, 4, x);
  fit_run v = {
      .dataset = dataset, .choices = &choices, .order = order, .count = TRAIN, .outputs = outputs};
  run_fit(&v, 1, true);
  for (size_t c = 0; c < CHANNELS; c++) {
    double mean, deviation;
    channel_moments(x, CHANNELS, PIXELS, c, &mean, &deviation);
    for (size_t i = c; i < N * WIDTH; i += CHANNELS) {
      expect_near((double)outputs[i], ((double)x[i] - mean) / deviation, 1e-5);
    }
  }
  free(v.values);
  remove_dataset(dataset);
}

/* ---- Ranks ----------------------------------------------------------------------------------- */

/* More samples than one step of the fit has, on 1 to 16 ranks, shared or exchanged: what is learnt
 * and what comes out are the same bits. */
static void any_ranks(void **state) {
  (void)state;
  enum { MANY = 5000, WIDTH = 6 };
  static const hsize_t extent[] = {MANY, WIDTH};
  standard each = {true};
  permutation seed = {4};
  components plain = {4, true};
  ls_choice list[] = {choice("pixel_permutation", &seed), choice("min_max_scaling", NULL),
                      choice("standardization", &each), choice("pca", &plain)};
  ls_choices choices = {list, 4};
  float *x = new_array(MANY * WIDTH, sizeof *x);
  for (size_t i = 0; i < MANY * WIDTH; i++) x[i] = (float)(i * 7919 % 10007) / 1000 - 3;
  ls_dataset *dataset = make_dataset(extent, 2, x);
  uint32_t *order = new_array(MANY, sizeof *order);
  for (uint32_t i = 0; i < MANY; i++) order[i] = (i * 37 + 11) % MANY;
  ls_real *reference = new_array(MANY * 4, sizeof *reference), *values = NULL;
  ls_real *outputs = new_array(MANY * 4, sizeof *outputs);
  for (size_t ranks = 1; ranks <= MOST_RANKS; ranks += ranks < 5 ? 1 : 11) {
    for (int shared = 0; shared < 2; shared++) {
      fit_run v = {.dataset = dataset,
                   .choices = &choices,
                   .order = order,
                   .count = MANY - 100,
                   .outputs = values ? outputs : reference};
      run_fit(&v, ranks, shared);
      if (!values) {
        values = v.values;
        continue;
      }
      assert_memory_equal(v.values, values, v.value_count * sizeof *values);
      for (size_t i = 0; i < MANY * 4; i++) {
        /* Shards are others, and with them what the matrix product rounds. */
        expect_near((double)outputs[i], (double)reference[i], 1e-5);
      }
      free(v.values);
    }
  }
  free(values);
  free(reference);
  free(outputs);
  free(order);
  free(x);
  remove_dataset(dataset);
}

/* ---- Permutations ---------------------------------------------------------------------------- */

/* Transforms images of pixels (number, channel), and records where each pixel is. */
static void permute(int64_t seed, int rank, const hsize_t *extent, size_t channels, float *result) {
  permutation args = {seed};
  ls_choice list[] = {choice("pixel_permutation", &args)};
  ls_choices choices = {list, 1};
  size_t size = 1;
  for (int i = 1; i < rank; i++) size *= (size_t)extent[i];
  float *x = new_array(2 * size, sizeof *x);
  for (size_t i = 0; i < 2 * size; i++) x[i] = (float)i;
  ls_dataset *dataset = make_dataset(extent, rank, x);
  ls_transforms *chain = NULL;
  assert_int_equal(ls_transforms_create(&chain, &choices, &dataset->shape, 2), LS_OK);
  const ls_shape *shape = ls_transforms_output(chain);
  assert_memory_equal(shape, &dataset->shape, sizeof *shape);
  ls_real *in = new_array(2 * size, sizeof *in), *other = new_array(2 * size, sizeof *in);
  unsigned char *seen = new_array(size, 1);
  for (size_t i = 0; i < 2 * size; i++) in[i] = (ls_real)x[i];
  const ls_real *out = ls_transforms_apply(chain, 2, in, other);
  for (size_t i = 0; i < size; i++) {
    size_t from = (size_t)out[i];
    assert_true(from < size && !seen[from]);
    seen[from] = 1;
    assert_true(out[size + i] == out[i] + (ls_real)size); /* the same in the other sample */
    assert_int_equal(from % channels, i % channels);
    if (i % channels > 0) assert_true(out[i] == out[i - 1] + 1); /* channels stay together */
    result[i] = (float)out[i];
  }
  free(seen);
  free(in);
  free(other);
  free(x);
  ls_transforms_free(&chain);
  remove_dataset(dataset);
}

static void permutations(void **state) {
  (void)state;
  static const hsize_t colour[] = {2, 5, 4, 3}, grey[] = {2, 6, 5, 1}, flat[] = {2, 30};
  float a[60], b[60], c[60];
  permute(1, 4, colour, 3, a);
  permute(1, 4, colour, 3, b);
  permute(2, 4, colour, 3, c);
  assert_memory_equal(a, b, sizeof a);
  assert_memory_not_equal(a, c, sizeof a);
  permute(1, 4, grey, 1, a);
  permute(1, 2, flat, 1, b);
  assert_memory_equal(a, b, 30 * sizeof *a);
  size_t moved = 0;
  for (size_t i = 0; i < 30; i++) moved += a[i] != (float)i;
  assert_true(moved > 20);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void refusals(void **state) {
  (void)state;
  components ten = {10, false}, two = {2, false};
  const struct {
    components *args;
    ls_shape shape;
    size_t samples, repeats;
    const char *message;
  } cases[] = {
      {&ten,
       {1, {7}},
       100,
       1,
       "10 components of 100 samples of 7 features are too many (expected at most as many as "
       "either, and 2 samples)"},
      {&ten,
       {1, {20}},
       9,
       1,
       "10 components of 9 samples of 20 features are too many (expected at most as many as "
       "either, and 2 samples)"},
      {&two, {3, {150, 150, 1}}, 100, 1, "the input has 22500 features (expected at most 4096)"},
      {&two, {1, {7}}, 100, 9, "is one transform too many (expected at most 8)"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_choice list[9];
    for (size_t k = 0; k < 9; k++) list[k] = choice("pca", cases[i].args);
    ls_choices choices = {list, cases[i].repeats};
    ls_transforms *chain = NULL;
    char message[256];
    assert_int_equal(ls_transforms_create(&chain, &choices, &cases[i].shape, cases[i].samples),
                     LS_INVALID);
    assert_null(chain);
    snprintf(message, sizeof message, "job.yaml:1: dataset.transform[0]: %s", cases[i].message);
    assert_string_equal(ls_error_message(), message);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_numpy),     cmocka_unit_test(by_channel), cmocka_unit_test(any_ranks),
      cmocka_unit_test(permutations), cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
