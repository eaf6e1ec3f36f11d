/* Lock files: who acquires one, from which run it is taken over, and which run notices. */
#include "base/clock.h"
#include "store/results/lock.h"
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/lockstep-test-XXXXXX", results[64], lock[80], squeue[64];

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  assert_int_equal(fclose(file), 0);
}

static int set_up(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(results, sizeof results, "%s/a.h5", folder);
  snprintf(lock, sizeof lock, "%s.lock", results);
  snprintf(squeue, sizeof squeue, "%s/squeue", folder);
  char path[1024];
  snprintf(path, sizeof path, "%s:%s", folder, getenv("PATH"));
  return setenv("PATH", path, 1);
}

static int tear_down(void **state) {
  (void)state;
  unlink(squeue);
  return rmdir(folder);
}

static void be_slurm_job(const char *cluster, const char *job, const char *restart) {
  setenv("SLURM_CLUSTER_NAME", cluster, 1);
  setenv("SLURM_JOB_ID", job, 1);
  setenv("SLURM_RESTART_COUNT", restart, 1);
}

static bool taken_over; /* by the last call of lock_acquire */

static int clean(void **state) {
  (void)state;
  unsetenv("SLURM_CLUSTER_NAME");
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
  unlink(lock);
  return 0;
}

static void expect_refused(const char *says) {
  char *owner = NULL;
  assert_int_equal(lock_acquire(&owner, &taken_over, results), LS_INVALID);
  assert_null(owner);
  assert_non_null(strstr(ls_error_message(), says));
  assert_int_equal(access(lock, F_OK), 0);
}

/* Returns the seconds it took. */
static double expect_acquired(void) {
  char *owner = NULL;
  double start = ls_clock_seconds();
  assert_int_equal(lock_acquire(&owner, &taken_over, results), LS_OK);
  double seconds = ls_clock_seconds() - start;
  assert_int_equal(lock_check(results, owner), LS_OK);
  lock_release(results, &owner);
  assert_null(owner);
  assert_int_not_equal(access(lock, F_OK), 0);
  return seconds;
}

static void test_one_at_a_time(void **state) {
  (void)state;
  char *owner = NULL, process[64];
  assert_int_equal(lock_acquire(&owner, &taken_over, results), LS_OK);
  snprintf(process, sizeof process, "a.h5: is in use by process %ld on ", (long)getpid());
  expect_refused(process);
  assert_int_equal(lock_check(results, owner), LS_OK);
  lock_release(results, &owner);
  assert_true(expect_acquired() < LOCK_CHECK_SECONDS);
}

/* Other ranks of its run may have to look yet. */
static void test_process_gone(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) {
    char *owner = NULL;
    _exit(lock_acquire(&owner, &taken_over, results));
  }
  int ended = -1;
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_int_equal(ended, 0);
  assert_int_equal(access(lock, F_OK), 0);
  assert_true(expect_acquired() >= 2 * LOCK_CHECK_SECONDS);
}

/* Its run ended, or lost power, before it wrote its identity. */
static void test_nameless(void **state) {
  (void)state;
  write_file(lock, "");
  assert_true(expect_acquired() >= LOCK_CHECK_SECONDS);
}

static void test_left_elsewhere(void **state) {
  (void)state;
  write_file(lock, "host n1 process 123 start 456 since 2026-01-31T12:34:56Z\n");
  expect_refused("is in use by process 123 on n1 (if that run is gone, remove ");
  be_slurm_job("c", "7", "1");
  expect_refused("process 123 on n1 (if");
  write_file(lock, "mine\n");
  expect_refused("is in use, since ");
}

static const char left[] =
    "host n1 process 123 start 456 since 2026-01-31T12:34:56Z cluster c job 7 restart 2\n";

static void test_requeued(void **state) {
  (void)state;
  const char *others[][3] = {{"c", "7", "2"}, {"c", "7", "1"}, {"other", "7", "3"}};
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    write_file(lock, left);
    be_slurm_job(others[i][0], others[i][1], others[i][2]);
    expect_refused("is in use by process 123 on n1, Slurm job 7 (if");
  }
  be_slurm_job("c", "7", "3");
  assert_true(expect_acquired() >= 2 * LOCK_CHECK_SECONDS);
}

static void test_ended_in_slurm(void **state) {
  (void)state;
  const struct {
    const char *squeue;
    bool ended;
  } cases[] = {
      {"echo RUNNING", false},
      {"echo PENDING", false},
      {"echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1", false},
      {"exit 1", false},
      {"[ \"$3\" = 7 ] || echo RUNNING", true},
      {"echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", true},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char script[256];
    snprintf(script, sizeof script, "#!/bin/sh\n%s\n", cases[i].squeue);
    write_file(squeue, script);
    assert_int_equal(chmod(squeue, 0755), 0);
    write_file(lock, left);
    be_slurm_job("c", "8", "0");
    if (cases[i].ended) {
      assert_true(expect_acquired() >= 2 * LOCK_CHECK_SECONDS);
    } else {
      expect_refused("Slurm job 7");
    }
  }
}

/* The earlier run of a job notices, and does not release the lock of the later one. */
static void test_lost(void **state) {
  (void)state;
  char *before = NULL, *after = NULL;
  be_slurm_job("c", "7", "0");
  assert_int_equal(lock_acquire(&before, &taken_over, results), LS_OK);
  be_slurm_job("c", "7", "1");
  assert_int_equal(lock_acquire(&after, &taken_over, results), LS_OK);
  assert_int_equal(lock_check(results, before), LS_FAILED);
  assert_non_null(strstr(ls_error_message(), "a.h5: has been taken over by process "));
  lock_release(results, &before);
  assert_int_equal(lock_check(results, after), LS_OK);
  unlink(lock);
  assert_int_equal(lock_check(results, after), LS_FAILED);
  assert_non_null(strstr(ls_error_message(), "a.h5.lock is gone"));
  lock_release(results, &after);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(test_one_at_a_time, clean),
      cmocka_unit_test_teardown(test_process_gone, clean),
      cmocka_unit_test_teardown(test_nameless, clean),
      cmocka_unit_test_teardown(test_left_elsewhere, clean),
      cmocka_unit_test_teardown(test_requeued, clean),
      cmocka_unit_test_teardown(test_ended_in_slurm, clean),
      cmocka_unit_test_teardown(test_lost, clean),
  };
  clean(NULL);
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
