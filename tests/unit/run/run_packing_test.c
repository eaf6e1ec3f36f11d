/* Packing of trials on 1 to 16 ranks: longest first, the choice of ranks per trial, the same for
 * the same job. */
#include "dataset_file.h"
#include "run/packing.h"

#include <string.h>

enum { MOST_RANKS = 16 };

static void makespans(void **state) {
  (void)state;
  double free_at[4];
  /* By hand: 2 groups take 7 | 5, then 4 goes to the second (9), 3 to the first (10), 2 to the
   * second (11). */
  expect_near(ls_makespan((double[]){7, 5, 4, 3, 2}, 5, 2, free_at), 11, 0);
  expect_near(ls_makespan((double[]){7, 5, 4, 3, 2}, 5, 1, free_at), 21, 0);
  expect_near(ls_makespan((double[]){7, 5, 4}, 3, 4, free_at), 7, 0);
  expect_near(ls_makespan((double[]){1, 1, 1, 1, 1}, 5, 4, free_at), 2, 0);
  expect_near(ls_makespan(NULL, 0, 3, free_at), 0, 0);
}

/* Between what no schedule can better and what any list schedule keeps (Graham 1969). */
static void makespan_bounds(void **state) {
  (void)state;
  for (size_t groups = 1; groups <= MOST_RANKS; groups++) {
    for (size_t count = 1; count <= 40; count++) {
      double seconds[40], free_at[MOST_RANKS], sum = 0;
      for (size_t i = 0; i < count; i++) {
        seconds[i] = 100 - (double)(i * i % 13) - 2 * (double)i;
        for (size_t k = i; k > 0 && seconds[k] > seconds[k - 1]; k--) {
          double swap = seconds[k];
          seconds[k] = seconds[k - 1];
          seconds[k - 1] = swap;
        }
        sum += seconds[i];
      }
      double end = ls_makespan(seconds, count, groups, free_at);
      double least = fmax(sum / (double)groups, seconds[0]);
      assert_true(end >= least * (1 - 1e-12));
      assert_true(end <= sum / (double)groups + seconds[0]);
    }
  }
}

/* ---- Whole jobs ------------------------------------------------------------------------------ */

static char dataset_path[64];

static int make_dataset(void **state) {
  (void)state;
  enum { N = 640, SIZE = 16 };
  static uint8_t x[N * SIZE];
  static int32_t labels[N];
  make_path(dataset_path);
  file_part train = {"train", H5T_NATIVE_UINT8, 2, {N, SIZE}, x, N, labels, 10};
  file_part test = {"test", H5T_NATIVE_UINT8, 2, {64, SIZE}, x, 64, labels, 10};
  write_dataset(dataset_path, &train, &test);
  return 0;
}

static int remove_dataset(void **state) {
  (void)state;
  return unlink(dataset_path);
}

/* Trials that differ in size by the sweep's units. */
static ls_job *read_job(const char *sweep) {
  char text[1024];
  snprintf(text, sizeof text,
           "name: packing\n"
           "dataset: {file: %s}\n"
           "model:\n"
           "  - dense: {units: $units, activation: relu}\n"
           "  - dense: {units: 10, activation: softmax}\n"
           "train: {epochs: 3, batch_size: 64, shards: 16, optimizer: sgd,\n"
           "        loss: categorical_crossentropy}\n"
           "sweep: {%s}\n",
           dataset_path, sweep);
  ls_job *job = NULL;
  if (ls_job_read(&job, "job.yaml", text, NULL, 0, &ls_recipe_component) != LS_OK) {
    fail_msg("%s", ls_error_message());
  }
  return job;
}

static const ls_slice everything;

static ls_packing pack(const ls_job *job, size_t ranks) {
  ls_packing packing;
  assert_int_equal(ls_packing_create(&packing, job, ranks, 0, &everything), LS_OK);
  assert_int_equal(packing.longest, 3);
  return packing;
}

/* Every trial once, longest first, those alike in the order of their numbers; the sums agree. */
static void check_packing(const ls_packing *p, size_t ranks, size_t trials) {
  bool seen[64] = {false};
  double sorted[64], free_at[MOST_RANKS], work = 0;
  assert_int_equal(p->count, trials);
  assert_true(p->ranks_per_trial >= 1 && p->groups >= 1);
  assert_int_equal(p->groups * p->ranks_per_trial + p->idle_ranks, ranks);
  assert_true(p->idle_ranks < p->ranks_per_trial);
  for (size_t i = 0; i < trials; i++) {
    assert_false(seen[p->order[i]]);
    seen[p->order[i]] = true;
    sorted[i] = p->seconds[p->order[i]];
    work += sorted[i];
    assert_true(sorted[i] > 0);
    if (i == 0) continue;
    assert_true(sorted[i] <= sorted[i - 1]);
    if (sorted[i] == sorted[i - 1]) assert_true(p->order[i] > p->order[i - 1]);
  }
  expect_near(p->work, work, 1e-12 * work);
  expect_near(p->makespan, ls_makespan(sorted, trials, p->groups, free_at), 0);
  assert_true(p->memory > 0);
}

/* auto takes what no fixed number of ranks per trial betters; the same when asked again. */
static void chooses_the_soonest(void **state) {
  (void)state;
  static const char *const sweep = "units: [8, 400, 64, 128, 900], replicates: 2";
  ls_job *job = read_job(sweep);
  for (size_t ranks = 1; ranks <= MOST_RANKS; ranks++) {
    ls_packing chosen = pack(job, ranks), again = pack(job, ranks);
    check_packing(&chosen, ranks, 10);
    assert_int_equal(chosen.ranks_per_trial, again.ranks_per_trial);
    assert_memory_equal(chosen.order, again.order, 10 * sizeof *again.order);
    assert_true(chosen.order[0] == 8 && chosen.order[1] == 9); /* units: 900 */
    double soonest = INFINITY;
    for (size_t fixed = 1; fixed <= ranks; fixed++) {
      char text[128];
      snprintf(text, sizeof text, "%s, ranks_per_trial: %zu", sweep, fixed);
      ls_job *other = read_job(text);
      ls_packing packing = pack(other, ranks);
      assert_int_equal(packing.ranks_per_trial, fixed);
      check_packing(&packing, ranks, 10);
      soonest = fmin(soonest, packing.makespan);
      ls_packing_free(&packing);
      ls_job_free(&other);
    }
    expect_near(chosen.makespan, soonest, 0);
    ls_packing_free(&chosen);
    ls_packing_free(&again);
  }
  ls_job_free(&job);
}

/* Packs what is left of a job, without the dataset: trials are planned once. */
static void pack_again(ls_packing *p, const ls_packing *planned, const ls_job *job,
                       const double *work) {
  char hidden[sizeof dataset_path + 8];
  snprintf(hidden, sizeof hidden, "%s.hidden", dataset_path);
  assert_int_equal(rename(dataset_path, hidden), 0);
  int status = ls_packing_repeat(p, planned, job, 0, &everything, work);
  assert_int_equal(rename(hidden, dataset_path), 0);
  assert_int_equal(status, LS_OK);
}

/* A continued job keeps its ranks per trial, and packs only what is left. */
static void packs_what_is_left(void **state) {
  (void)state;
  ls_job *job = read_job("units: [8, 400, 64, 128, 900], replicates: 2");
  double work[10] = {[0] = 1, [3] = 1, [7] = 1};
  for (size_t ranks = 1; ranks <= MOST_RANKS; ranks++) {
    ls_packing whole = pack(job, ranks), rest = {0};
    pack_again(&rest, &whole, job, work);
    assert_int_equal(rest.ranks_per_trial, whole.ranks_per_trial);
    assert_int_equal(rest.count, 3);
    assert_true(rest.order[0] == 3 && rest.order[1] == 7 && rest.order[2] == 0);
    assert_true(rest.makespan < whole.makespan);
    pack_again(&whole, &whole, job, work);
    assert_int_equal(whole.count, rest.count);
    assert_memory_equal(whole.order, rest.order, 3 * sizeof *rest.order);
    ls_packing_free(&whole);
    ls_packing_free(&rest);
  }
  ls_job_free(&job);
}

/* Slices have every trial once between them, and each has the ranks per trial that suit it. */
static void packs_slices(void **state) {
  (void)state;
  ls_job *job = read_job("units: [16, 17], replicates: 4");
  size_t seen[8] = {0};
  for (size_t i = 0; i < 3; i++) {
    ls_packing packing;
    ls_slice slice = {i, 3};
    assert_int_equal(ls_packing_create(&packing, job, 8, 0, &slice), LS_OK);
    assert_int_equal(packing.count, i < 2 ? 3 : 2);
    for (size_t k = 0; k < packing.count; k++) {
      assert_int_equal(packing.order[k] % 3, i);
      seen[packing.order[k]]++;
    }
    assert_true(packing.ranks_per_trial * packing.count <= 8);
    ls_packing_free(&packing);
  }
  for (size_t t = 0; t < 8; t++) assert_int_equal(seen[t], 1);
  ls_job_free(&job);
}

/* One trial alone gets several ranks, many small ones get a rank each. */
static void sensible_choices(void **state) {
  (void)state;
  ls_job *one = read_job("units: [4000]"), *many = read_job("units: [16], replicates: 16");
  ls_packing alone = pack(one, 4), spread = pack(many, 4);
  assert_true(alone.ranks_per_trial > 1);
  assert_int_equal(spread.ranks_per_trial, 1);
  ls_packing_free(&alone);
  ls_packing_free(&spread);
  ls_job_free(&one);
  ls_job_free(&many);
}

/* No rank without samples of a minibatch; no shard too small for statistics of its own. */
static void bounds_ranks(void **state) {
  (void)state;
  static const struct {
    const char *norm, *train;
    size_t ranks, most, samples; /* samples 0: refused */
  } cases[] = {
      {"", "batch_size: 32", 64, 4, SIZE_MAX},
      {"", "batch_size: 128", 64, 8, SIZE_MAX},
      {"", "batch_size: 32, shards: 16", 64, 16, SIZE_MAX},
      {"", "batch_size: 4, shards: 16", 64, 4, SIZE_MAX},
      {"batch_normalization, ", "batch_size: 64, shards: 64", 16, 16, SIZE_MAX},
      {"{batch_normalization: {synchronized: false}}, ", "batch_size: 64", 16, 4, 16},
      {"{batch_normalization: {synchronized: false}}, ", "batch_size: 64, shards: 32", 4, 4, 2},
      {"{batch_normalization: {synchronized: false}}, ", "batch_size: 64, shards: 33", 4, 4, 0},
      {"{batch_normalization: {synchronized: false}}, ", "batch_size: 1", 1, 1, 0},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char text[1024];
    snprintf(text, sizeof text,
             "name: p\ndataset: {file: %s}\nmodel: [{dense: {units: 4000}}, %s"
             "{dense: {units: 10, activation: softmax}}]\ntrain: {epochs: 3, %s, optimizer: sgd, "
             "loss: categorical_crossentropy}\n",
             dataset_path, cases[i].norm, cases[i].train);
    ls_job *job = NULL;
    assert_int_equal(ls_job_read(&job, "job.yaml", text, NULL, 0, &ls_recipe_component), LS_OK);
    ls_packing p;
    int status = ls_packing_create(&p, job, cases[i].ranks, 0, &everything);
    assert_int_equal(status, cases[i].samples > 0 ? LS_OK : LS_INVALID);
    if (status == LS_OK) {
      assert_true(p.ranks_per_trial <= cases[i].most);
      if (cases[i].most > 1) assert_true(p.ranks_per_trial > 1);
      assert_true(p.shard_samples >= cases[i].samples);
    } else {
      assert_non_null(strstr(ls_error_message(), "train.shards: batch normalization"));
    }
    ls_packing_free(&p);
    ls_job_free(&job);
  }
}

static void refuses(void **state) {
  (void)state;
  ls_job *job = read_job("units: [8], ranks_per_trial: 5");
  ls_packing packing;
  assert_int_equal(ls_packing_create(&packing, job, 4, 0, &everything), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "sweep.ranks_per_trial: 5 are more than the 4 ranks"));
  ls_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(makespans),           cmocka_unit_test(makespan_bounds),
      cmocka_unit_test(chooses_the_soonest), cmocka_unit_test(packs_what_is_left),
      cmocka_unit_test(packs_slices),        cmocka_unit_test(sensible_choices),
      cmocka_unit_test(bounds_ranks),        cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests(tests, make_dataset, remove_dataset);
}
