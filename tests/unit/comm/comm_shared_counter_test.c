/* The shared counter, and the flag beside it. */
#include "unit.h"

#include "comm/shared_counter.h"

static ls_group group;

static void counts(void **state) {
  (void)state;
  ls_shared_counter *counter = NULL;
  int64_t before = -1;
  bool raised = true;
  assert_int_equal(ls_shared_counter_create(&counter, &group, 1, sizeof before), LS_OK);
  assert_int_equal(ls_shared_counter_add(counter, 5, &before, &raised), LS_OK);
  assert_int_equal(before, 0);
  assert_false(raised);
  assert_int_equal(ls_shared_counter_add(counter, -2, &before, &raised), LS_OK);
  assert_int_equal(before, 5);
  while (!ls_shared_counter_peek(counter, &before, &raised)) continue;
  assert_int_equal(before, 3);
  assert_false(raised);
  ls_shared_counter_free(&counter);
}

/* Neither the flag nor the counter depends on how many ranks raise it. */
static void stays_raised(void **state) {
  (void)state;
  ls_shared_counter *counter = NULL;
  int64_t before = -1, slot = 7;
  bool raised = false;
  assert_int_equal(ls_shared_counter_create(&counter, &group, 1, sizeof slot), LS_OK);
  assert_int_equal(ls_shared_counter_write(counter, 0, &slot), LS_OK);
  assert_int_equal(ls_shared_counter_add(counter, INT64_MAX, &before, &raised), LS_OK);
  for (int rank = 0; rank < 512; rank++) {
    assert_int_equal(ls_shared_counter_raise(counter), LS_OK);
    assert_int_equal(ls_shared_counter_add(counter, 0, &before, &raised), LS_OK);
    assert_true(raised);
    assert_true(before == INT64_MAX);
  }
  raised = false;
  while (!ls_shared_counter_peek(counter, &before, &raised)) continue;
  assert_true(raised);
  ls_shared_counter_read(counter, 0, &slot);
  assert_int_equal(slot, 7);
  ls_shared_counter_free(&counter);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (ls_group_create(&group, MPI_COMM_WORLD, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {cmocka_unit_test(counts), cmocka_unit_test(stays_raised)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  ls_group_free(&group);
  MPI_Finalize();
  return failed;
}
