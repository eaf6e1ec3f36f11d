/* The samples of a node: whatever the layout of the file, they are the records that ls_dataset_read
 * reads; which layouts are mapped, and what happens when a mapped file becomes shorter. */
#include "data/node_samples.h"
#include "dataset_file.h"
#include "lockstep/error.h"
#include "team.h"

#include <string.h>
#include <sys/wait.h>

enum { N = 37, WIDTH = 5 };

/* ---- Files ----------------------------------------------------------------------------------- */

/* How inputs are stored. */
typedef struct layout_case {
  const char *name;
  hid_t type;
  bool compressed;
  bool mapped; /* what is expected */
} layout_case;

static void create_inputs(hid_t file, const layout_case *c) {
  const hsize_t extent[] = {N, WIDTH}, chunk[] = {8, WIDTH};
  uint8_t x[N * WIDTH];
  for (size_t i = 0; i < N * WIDTH; i++) x[i] = (uint8_t)(i * 7 % 251);
  hid_t space = H5Screate_simple(2, extent, NULL), properties = H5Pcreate(H5P_DATASET_CREATE);
  if (c->compressed) {
    H5Pset_chunk(properties, 2, chunk);
    H5Pset_deflate(properties, 6);
  }
  hid_t dataset = H5Dcreate2(file, "train/x", c->type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Dclose(dataset);
  H5Pclose(properties);
  H5Sclose(space);
}

static void make_dataset(char path[64], const layout_case *c) {
  const hsize_t count = N;
  int32_t labels[N];
  hid_t file = -1, group = -1;
  for (int i = 0; i < N; i++) labels[i] = i % 3;
  make_path(path);
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  assert_int_equal(ls_h5_create_group(&group, file, "train"), LS_OK);
  ls_h5_close(&group);
  create_inputs(file, c);
  assert_int_equal(ls_h5_create_dataset(file, "train/y", H5T_NATIVE_INT32, 1, &count, NULL), LS_OK);
  assert_int_equal(ls_h5_write(file, "train/y", H5T_NATIVE_INT32, labels), LS_OK);
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

/* ---- All layouts ----------------------------------------------------------------------------- */

typedef struct sharing {
  const ls_dataset *dataset;
  const unsigned char *expected; /* records */
  size_t wrong[MOST_RANKS];
} sharing;

/* Every rank sees the samples of all. */
static void share(void *context, const ls_peers *peers) {
  sharing *s = context;
  const ls_dataset *d = s->dataset;
  ls_node_samples *samples = NULL;
  size_t *wrong = &s->wrong[peers->rank];
  *wrong = ls_node_samples_create(&samples, d, LS_TRAIN, peers) != LS_OK;
  if (*wrong) return;
  const ls_records *r = ls_node_samples_records(samples);
  for (size_t i = 0; i < N; i++) {
    const unsigned char *record = s->expected + i * d->record_bytes;
    *wrong += memcmp(r->inputs + i * r->input_stride, record, d->input_bytes) != 0;
    *wrong +=
        memcmp(r->targets + i * r->target_stride, record + d->targets_begin, d->target_bytes) != 0;
  }
  ls_node_samples_read_ahead(samples, 0, N);
  ls_node_samples_read_ahead(samples, N, N);
  ls_node_samples_free(&samples);
}

static void check_layout(const layout_case *c) {
  char path[64];
  ls_dataset *dataset = NULL;
  ls_node_storage storage;
  make_dataset(path, c);
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  unsigned char *records = new_array(N, dataset->record_bytes);
  assert_int_equal(ls_dataset_read(dataset, LS_TRAIN, 0, N, records), LS_OK);
  assert_int_equal(ls_node_samples_storage(&storage, dataset, LS_TRAIN), LS_OK);
  if (storage.mapped != c->mapped) fail_msg("%s: mapped: %d", c->name, storage.mapped);
  assert_true(storage.inputs == (double)(N * dataset->input_bytes));
  assert_true(storage.copied >= N * 4 + (c->mapped ? 0 : storage.inputs));
  for (size_t ranks = 1; ranks <= 5; ranks += 2) {
    sharing s = {.dataset = dataset, .expected = records};
    run_team(ranks, true, share, &s);
    for (size_t r = 0; r < ranks; r++) {
      if (s.wrong[r] > 0) fail_msg("%s: rank %zu of %zu: %zu wrong", c->name, r, ranks, s.wrong[r]);
    }
  }
  free(records);
  ls_dataset_free(&dataset);
  unlink(path);
}

static void has_all_layouts(void **state) {
  (void)state;
  const layout_case cases[] = {{"bytes", H5T_STD_U8LE, false, true},
                               {"floats", H5T_IEEE_F32LE, false, true},
                               {"big-endian floats", H5T_IEEE_F32BE, false, false},
                               {"doubles", H5T_IEEE_F64LE, false, false},
                               {"integers", H5T_STD_I16LE, false, false},
                               {"compressed bytes", H5T_STD_U8LE, true, false},
                               {"compressed floats", H5T_IEEE_F32LE, true, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_layout(&cases[i]);
}

/* ---- What may go wrong ----------------------------------------------------------------------- */

/* In a process of its own: shortens the file under its mapping and reads it. Never returns. */
static void read_shortened(const char *path, int error_output) {
  rank_context me = {
      &(team){.size = 1, .running = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER},
      0};
  const ls_peers peers = peers_of(&me, true);
  ls_dataset *dataset = NULL;
  ls_node_samples *samples = NULL;
  bool ready = ls_dataset_open(&dataset, path) == LS_OK &&
               ls_node_samples_create(&samples, dataset, LS_TRAIN, &peers) == LS_OK &&
               truncate(path, 0) == 0 && dup2(error_output, STDERR_FILENO) >= 0;
  if (!ready) _exit(2);
  volatile unsigned char first = *ls_node_samples_records(samples)->inputs;
  _exit(first == 0 ? 3 : 4);
}

static void reports_shortened_files(void **state) {
  (void)state;
  const layout_case bytes = {"bytes", H5T_STD_U8LE, false, true};
  char path[64], message[256] = "";
  int ends[2], result = 0;
  make_dataset(path, &bytes);
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) read_shortened(path, ends[1]);
  close(ends[1]);
  assert_true(waitpid(child, &result, 0) == child);
  assert_true(read(ends[0], message, sizeof message - 1) > 0);
  assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 1);
  char expected[128];
  snprintf(expected, sizeof expected, "lockstep: %s: cannot be read any more: ", path);
  assert_memory_equal(message, expected, strlen(expected));
  close(ends[0]);
  unlink(path);
}

/* Labels are checked when they are copied. */
static void refuses_labels(void **state) {
  (void)state;
  const layout_case bytes = {"bytes", H5T_STD_U8LE, false, true};
  char path[64];
  hid_t file = -1;
  int32_t label = 9;
  ls_dataset *dataset = NULL;
  make_dataset(path, &bytes);
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_int_equal(ls_h5_open_writable(&file, path), LS_OK);
  assert_int_equal(ls_h5_write_range(file, "train/y", H5T_NATIVE_INT32, 30, 1, &label), LS_OK);
  assert_int_equal(ls_h5_close(&file), LS_OK);
  sharing s = {.dataset = dataset};
  run_team(2, true, share, &s);
  assert_true(s.wrong[0] == 1 && s.wrong[1] == 1);
  assert_non_null(strstr(ls_error_message(), "sample 30 has label 9 (expected 0 to 2)"));
  ls_dataset_free(&dataset);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(has_all_layouts),
      cmocka_unit_test(reports_shortened_files),
      cmocka_unit_test(refuses_labels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
