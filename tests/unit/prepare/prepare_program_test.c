/* Running other programs. */
#include "folder.h"
#include "lockstep/error.h"
#include "prepare/program.h"

#include <string.h>

static void expect_failure(const char *const *arguments, const char *message) {
  assert_int_equal(ls_program_run(arguments), LS_FAILED);
  assert_string_equal(ls_error_message(), message);
}

static void test_success(void **state) {
  (void)state;
  const char *path = in_folder("a name; with $odd characters");
  const char *const arguments[] = {"touch", path, NULL};
  assert_int_equal(ls_program_run(arguments), LS_OK);
  assert_int_equal(access(path, F_OK), 0);
}

static void test_failure(void **state) {
  (void)state;
  const char *const quiet[] = {"sh", "-c", "echo out; exit 3", NULL};
  expect_failure(quiet, "sh: exit status 3");
  const char *const loud[] = {"sh", "-c", "printf '\\n one\\n\\n  two\\t3\\n' >&2; exit 1", NULL};
  expect_failure(loud, "sh: exit status 1: one two 3");
  const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
  expect_failure(killed, "sh: ended by signal 9");
  const char *const missing[] = {"no-such-program", NULL};
  expect_failure(missing, "no-such-program: is not installed");
}

/* More on standard error than a pipe holds neither blocks nor fills the message. */
static void test_talkative(void **state) {
  (void)state;
  const char *const arguments[] = {"sh", "-c", "yes | head -c 1000000 >&2; exit 1", NULL};
  assert_int_equal(ls_program_run(arguments), LS_FAILED);
  assert_in_range(strlen(ls_error_message()), 100, 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_success),
      cmocka_unit_test(test_failure),
      cmocka_unit_test(test_talkative),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
