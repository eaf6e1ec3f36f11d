/* Sums of samples are found again as long as the file is the same. */
#include "data/digest_cache.h"
#include "dataset_file.h"
#include "lockstep/error.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { N = 4, WIDTH = 2 };

/* The inode changed just now: its time is taken for an old one by waiting. */
static void wait_until_old(const char *path) {
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  while (time(NULL) - info.st_ctim.tv_sec <= 3) usleep(100000);
}

static ls_dataset *make_dataset(char path[64], uint8_t first) {
  const uint8_t x[N * WIDTH] = {first};
  const int32_t labels[N] = {0, 1, 0, 1};
  const file_part train = {"train", H5T_NATIVE_UINT8, 2, {N, WIDTH}, x, N, labels, 2};
  ls_dataset *dataset = NULL;
  write_dataset(path, &train, NULL);
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  return dataset;
}

static void keeps_sums(void **state) {
  (void)state;
  char folder[] = "/tmp/lockstep-test-XXXXXX", path[64], command[128];
  digest_key key, later;
  digest_sums sums = {{{7, 8}}}, found;
  assert_non_null(mkdtemp(folder));
  setenv("LOCKSTEP_DATA", folder, 1);
  make_path(path);
  ls_dataset *dataset = make_dataset(path, 1);
  assert_false(digest_cache_key(&key, dataset)); /* it may change within the same tick */
  wait_until_old(path);
  assert_true(digest_cache_key(&key, dataset));
  assert_false(digest_cache_find(&found, &key));
  digest_cache_keep(&sums, &key, dataset);
  assert_true(digest_cache_find(&found, &key));
  assert_memory_equal(&found, &sums, sizeof sums);

  later = key;
  later.device++; /* the same file on another node has the same hash */
  assert_true(digest_cache_hash(&later) == digest_cache_hash(&key));
  later = key;
  later.changed[1]++;
  assert_false(digest_cache_find(&found, &later));
  assert_memory_equal(&found, &(digest_sums){0}, sizeof found); /* samples are added to them */
  assert_true(digest_cache_hash(&later) != digest_cache_hash(&key));

  snprintf(command, sizeof command, "printf x >> %s/digests/*", folder); /* longer is fine */
  assert_int_equal(system(command), 0);
  assert_true(digest_cache_find(&found, &key));
  snprintf(command, sizeof command, "for f in %s/digests/*; do printf x > $f; done", folder);
  assert_int_equal(system(command), 0);
  assert_false(digest_cache_find(&found, &key)); /* a damaged one is no error */
  dataset->allow_external = true;
  assert_false(digest_cache_key(&later, dataset)); /* its samples may be in other files */
  ls_dataset_free(&dataset);

  dataset = make_dataset(path, 2); /* it has changed while it was read */
  digest_cache_keep(&sums, &key, dataset);
  assert_false(digest_cache_find(&found, &key));
  ls_dataset_free(&dataset);
  unlink(path);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_sums)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
