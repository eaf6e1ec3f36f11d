/* Pools and feeds with all ranks in one process, by shared memory and by exchange: for any number
 * of ranks, each shard gets the samples that the order and the layout determine. */
#include "base/partition.h"
#include "data/feed.h"
#include "dataset_file.h"
#include "team.h"

#include <string.h>

enum { SAMPLES = 53, SIZE = 5 };

/* ---- What the ranks do ----------------------------------------------------------------------- */

/* Each team makes, for every layout, two passes over orders of its samples. */
static const struct {
  size_t samples, batch, shards;
} layouts[] = {{SAMPLES, 16, 1}, {SAMPLES, 16, 4},  {SAMPLES, 7, 3}, {40, 40, 16},
               {31, 5, 16},      {SAMPLES, 53, 53}, {1, 1, 2}};

typedef struct trial_run {
  const ls_dataset *dataset;
  size_t ranks;
  ls_part part;
  bool shared;
  uint32_t orders[2][SAMPLES]; /* of which a layout takes as many as it has samples */
  int status[MOST_RANKS];
  size_t wrong[MOST_RANKS]; /* elements, labels or numbers that were not as expected */
  size_t used[MOST_RANKS];  /* samples of all passes */
} trial_run;

static uint8_t element(uint32_t sample, size_t k) {
  return (uint8_t)(sample * 11 + k * 29);
}

static int32_t label_of(uint32_t sample) {
  return (int32_t)(sample * 7 % 10);
}

/* Compares the samples of a shard at a step with the order; returns the number of errors. */
static size_t compare(const ls_layout *layout, const ls_feed *feed, const uint32_t *order,
                      size_t step, size_t shard, size_t *used) {
  ls_real x[SAMPLES * SIZE];
  int32_t labels[SAMPLES];
  uint32_t ids[SAMPLES];
  size_t first, end, wrong = 0;
  ls_layout_shard(layout, step, shard, &first, &end);
  const ls_feed_target target = {.labels = labels};
  size_t n = ls_feed_read(feed, step, shard, x, ids, &target, 1);
  if (n != end - first) return 1;
  for (size_t i = 0; i < n; i++) {
    uint32_t sample = order[first + i];
    wrong += ids[i] != sample;
    wrong += labels[i] != label_of(sample);
    for (size_t k = 0; k < SIZE; k++) wrong += x[i * SIZE + k] != (ls_real)element(sample, k);
  }
  *used += n;
  return wrong;
}

/* One pass of one rank: all its shards at all steps. */
static int run_pass(trial_run *v, size_t rank, const ls_layout *layout, ls_feed *feed,
                    const uint32_t *order) {
  int status = ls_feed_start(feed, order);
  if (status != LS_OK) return status;
  for (size_t step = 0; step < ls_layout_steps(layout); step++) {
    for (size_t shard = ls_partition_begin(layout->shards, layout->ranks, rank);
         shard < ls_partition_begin(layout->shards, layout->ranks, rank + 1); shard++) {
      v->wrong[rank] += compare(layout, feed, order, step, shard, &v->used[rank]);
    }
  }
  return LS_OK;
}

static void run_feeds(void *context, const ls_peers *peers) {
  trial_run *v = context;
  size_t rank = (size_t)peers->rank;
  ls_pool *pool = NULL;
  int status = ls_pool_load(&pool, v->dataset, v->part, peers);
  for (size_t i = 0; i < COUNT_OF(layouts) && status == LS_OK; i++) {
    ls_layout layout = {layouts[i].samples, layouts[i].batch, layouts[i].shards, v->ranks};
    ls_feed *feed = NULL;
    status = ls_feed_create(&feed, pool, &layout, NULL);
    for (int pass = 0; pass < 2 && status == LS_OK; pass++) {
      status = run_pass(v, rank, &layout, feed, v->orders[pass]);
    }
    ls_feed_free(&feed);
  }
  v->status[rank] = status;
  ls_pool_free(&pool);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

/* SAMPLES samples to train and as many to test, unscaled; label `broken` of the train part is out
 * of range. */
static ls_dataset *make_dataset(size_t broken) {
  char path[64];
  uint8_t x[SAMPLES * SIZE];
  int32_t labels[SAMPLES], right[SAMPLES];
  for (uint32_t i = 0; i < SAMPLES; i++) {
    for (size_t k = 0; k < SIZE; k++) x[i * SIZE + k] = element(i, k);
    labels[i] = i == broken ? 10 : label_of(i);
    right[i] = label_of(i);
  }
  make_path(path);
  file_part train = {"train", H5T_NATIVE_UINT8, 2, {SAMPLES, SIZE}, x, SAMPLES, labels, 10};
  file_part test = {"test", H5T_NATIVE_UINT8, 2, {SAMPLES, SIZE}, x, SAMPLES, right, 10};
  write_dataset(path, &train, &test);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  dataset->scale = 1;
  return dataset;
}

static void remove_dataset(ls_dataset *dataset) {
  unlink(dataset->path);
  ls_dataset_free(&dataset);
}

static trial_run make_trial_run(const ls_dataset *dataset, size_t ranks, ls_part part,
                                bool shared) {
  trial_run v = {.dataset = dataset, .ranks = ranks, .part = part, .shared = shared};
  for (uint32_t i = 0; i < SAMPLES; i++) {
    v.orders[0][i] = (i * 30 + 17) % SAMPLES;
    v.orders[1][i] = SAMPLES - 1 - i;
  }
  return v;
}

static void feeds_what_is_due(void **state) {
  (void)state;
  ls_dataset *dataset = make_dataset(SAMPLES);
  size_t due = 0;
  for (size_t i = 0; i < COUNT_OF(layouts); i++) due += 2 * layouts[i].samples;
  for (size_t ranks = 1; ranks <= MOST_RANKS; ranks++) {
    for (int way = 0; way < 4; way++) {
      trial_run v = make_trial_run(dataset, ranks, way / 2 ? LS_TEST : LS_TRAIN, way % 2);
      run_team(v.ranks, v.shared, run_feeds, &v);
      size_t used = 0;
      for (size_t r = 0; r < ranks; r++) {
        assert_int_equal(v.status[r], LS_OK);
        assert_int_equal(v.wrong[r], 0);
        used += v.used[r];
      }
      assert_int_equal(used, due);
    }
  }
  remove_dataset(dataset);
}

/* One rank's samples are invalid: all ranks return the failure, and none waits. */
static void fails_together(void **state) {
  (void)state;
  ls_dataset *dataset = make_dataset(30);
  for (size_t ranks = 1; ranks <= MOST_RANKS; ranks++) {
    for (int shared = 0; shared < 2; shared++) {
      trial_run v = make_trial_run(dataset, ranks, LS_TRAIN, shared);
      run_team(v.ranks, v.shared, run_feeds, &v);
      for (size_t r = 0; r < ranks; r++) assert_int_equal(v.status[r], LS_INVALID);
      assert_non_null(strstr(ls_error_message(), "sample 30 has label 10"));
    }
  }
  remove_dataset(dataset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(feeds_what_is_due),
      cmocka_unit_test(fails_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
