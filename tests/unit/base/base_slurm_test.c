/* The time left of an allocation, in the formats of squeue, which a script replaces. */
#include "base/slurm.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/lockstep-test-XXXXXX", program[64];

static int make_squeue(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(program, sizeof program, "%s/squeue", folder);
  FILE *file = fopen(program, "w");
  if (!file) return -1;
  fputs("#!/bin/sh\n[ \"$*\" = '-h -j 42 -o %T %L' ] && echo \"${STATE-RUNNING} $ANSWER\"\n", file);
  char path[1024];
  snprintf(path, sizeof path, "%s:%s", folder, getenv("PATH"));
  setenv("PATH", path, 1);
  return fclose(file) == 0 ? chmod(program, 0755) : -1;
}

static int remove_squeue(void **state) {
  (void)state;
  unlink(program);
  return rmdir(folder);
}

static int no_allocation(void **state) {
  (void)state;
  unsetenv("SLURM_JOB_ID");
  unsetenv("STATE");
  return unsetenv("SLURM_JOB_END_TIME");
}

static void test_squeue(void **state) {
  (void)state;
  const struct {
    const char *says;
    double seconds;
  } cases[] = {{"0:08", 8},
               {"59:59", 3599},
               {"2:00:01", 7201},
               {"1-00:00:00", 86400},
               {"10-23:59:59", 10 * 86400 + 86399},
               {"UNLIMITED", INFINITY},
               {"INVALID", INFINITY},
               {"NOT_SET", INFINITY},
               {"", INFINITY}};
  setenv("SLURM_JOB_ID", "42", 1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    setenv("ANSWER", cases[i].says, 1);
    assert_true(ls_time_left() == cases[i].seconds);
  }
  setenv("SLURM_JOB_ID", "43", 1); /* of which it knows nothing */
  setenv("ANSWER", "0:08", 1);
  assert_true(isinf(ls_time_left()));
}

static void test_durations(void **state) {
  (void)state;
  const struct {
    const char *text;
    double seconds;
  } cases[] = {
      {"90", 5400},     {"1:30", 90},          {"2:00:01", 7201},       {"1-2", 26 * 3600},
      {"1-2:3", 93780}, {"1-02:03:04", 93784}, {"UNLIMITED", INFINITY}, {"infinite", INFINITY}};
  const char *const wrong[] = {"",    "soon", "1:",  "1:2:3:4", "-1",  "1-",
                               "1 h", ":30",  "1.5", "1-2-3",   " 10", "10 "};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    assert_true(ls_slurm_duration(cases[i].text) == cases[i].seconds);
  }
  for (size_t i = 0; i < COUNT_OF(wrong); i++) assert_true(isnan(ls_slurm_duration(wrong[i])));
}

static void test_end_time(void **state) {
  (void)state;
  char end[32];
  snprintf(end, sizeof end, "%lld", (long long)time(NULL) + 100);
  setenv("SLURM_JOB_END_TIME", end, 1);
  assert_true(isinf(ls_time_left())); /* no job: left over from somewhere */
  setenv("SLURM_JOB_ID", "42", 1);
  setenv("ANSWER", "0:08", 1);
  double left = ls_time_left();
  assert_true(left > 90 && left <= 100);
}

/* Variables of jobs that are over, and values that are no time. */
static void test_stale(void **state) {
  (void)state;
  static const char *const ends[] = {"", "0", "Unknown", "1000000000", "-1", "12 o'clock"};
  setenv("SLURM_JOB_ID", "42", 1);
  setenv("ANSWER", "0:08", 1);
  for (size_t i = 0; i < COUNT_OF(ends); i++) {
    setenv("SLURM_JOB_END_TIME", ends[i], 1);
    assert_true(ls_time_left() == 8);
  }
  setenv("SLURM_JOB_ID", "43", 1); /* squeue fails */
  for (size_t i = 0; i < COUNT_OF(ends); i++) {
    setenv("SLURM_JOB_END_TIME", ends[i], 1);
    assert_true(isinf(ls_time_left()));
  }
  char end[32];
  snprintf(end, sizeof end, "%lld", (long long)time(NULL) + 100);
  setenv("SLURM_JOB_END_TIME", end, 1);
  setenv("SLURM_JOB_ID", "42", 1);
  static const char *const states[] = {"PENDING", "COMPLETING", "CANCELLED"};
  for (size_t i = 0; i < COUNT_OF(states); i++) {
    setenv("STATE", states[i], 1);
    assert_true(isinf(ls_time_left()));
  }
  setenv("SLURM_JOB_ID", "none", 1);
  assert_true(isinf(ls_time_left()));
}

static void test_no_slurm(void **state) {
  (void)state;
  assert_true(isinf(ls_time_left()));
  unlink(program);
  setenv("SLURM_JOB_ID", "42", 1);
  assert_true(isinf(ls_time_left()));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_squeue, no_allocation),
      cmocka_unit_test(test_durations),
      cmocka_unit_test_setup(test_end_time, no_allocation),
      cmocka_unit_test_setup(test_stale, no_allocation),
      cmocka_unit_test_setup(test_no_slurm, no_allocation),
  };
  return cmocka_run_group_tests(tests, make_squeue, remove_squeue);
}
