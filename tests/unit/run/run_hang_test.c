/* Which rank is found to hang, given the activity of the ranks of a node. */
#include "unit.h"

#include "run/hang.h"

enum { LIMIT = 60 };

/* A rank of group 0 that trains, as long without progress as the others. */
static hang_rank trains(int rank, ls_waiting waiting, size_t collectives) {
  return (hang_rank){.rank = rank,
                     .phase = LS_PHASE_TRAINING,
                     .waiting = waiting,
                     .collectives = collectives,
                     .epoch = 2,
                     .step = 11,
                     .idle_seconds = 1.1 * LIMIT,
                     .limit = LIMIT,
                     .state = 'R'};
}

static void expect(hang_verdict verdict, size_t who, size_t count, const hang_rank *ranks) {
  size_t found = 99;
  assert_int_equal(hang_find(ranks, count, &found), verdict);
  if (verdict != HANG_NONE) assert_int_equal(found, who);
}

static void test_spinning(void **state) {
  (void)state;
  hang_rank ranks[] = {trains(4, LS_WAITING_COLLECTIVE, 10), trains(5, LS_WAITING_NOT, 9),
                       trains(6, LS_WAITING_COLLECTIVE, 10)};
  expect(HANG_STUCK, 1, COUNT_OF(ranks), ranks);
  /* It is in a call that the others have left. */
  ranks[1].waiting = LS_WAITING_COLLECTIVE;
  expect(HANG_STUCK, 1, COUNT_OF(ranks), ranks);
  /* Between the same two calls, the others having passed on into calls that aren't counted. */
  ranks[0] = ranks[2] = trains(4, LS_WAITING_NOT, 10);
  expect(HANG_STUCK, 1, COUNT_OF(ranks), ranks);
  expect(HANG_STUCK, 0, 1, ranks);
}

static void test_halted(void **state) {
  (void)state;
  const char gone[] = {'T', 't', 'Z', 'X', 0};
  for (size_t i = 0; i < sizeof gone; i++) {
    hang_rank ranks[] = {trains(0, LS_WAITING_NOT, 9), trains(1, LS_WAITING_COLLECTIVE, 10),
                         trains(2, LS_WAITING_COLLECTIVE, 10)};
    ranks[2].state = gone[i];
    expect(HANG_STUCK, 2, COUNT_OF(ranks), ranks);
  }
}

static void test_progress(void **state) {
  (void)state;
  hang_rank ranks[] = {trains(0, LS_WAITING_NOT, 9), trains(1, LS_WAITING_COLLECTIVE, 10)};
  ranks[0].idle_seconds = 0.9 * LIMIT; /* the other waits for a slow one */
  expect(HANG_NONE, 0, COUNT_OF(ranks), ranks);
  ranks[0].idle_seconds = 1.1 * LIMIT;
  ranks[0].limit = ranks[1].limit = 20 * LIMIT;
  expect(HANG_NONE, 0, COUNT_OF(ranks), ranks);
}

static void test_other_nodes(void **state) {
  (void)state;
  hang_rank ranks[] = {trains(0, LS_WAITING_COLLECTIVE, 10), trains(1, LS_WAITING_COLLECTIVE, 10)};
  expect(HANG_NONE, 0, COUNT_OF(ranks), ranks);
  ranks[0].idle_seconds = ranks[1].idle_seconds = 1.3 * LIMIT;
  expect(HANG_WAITING, 0, COUNT_OF(ranks), ranks);
  ranks[0].waiting = LS_WAITING_REMOTE; /* and the other for the first one */
  ranks[0].collectives = 9;
  expect(HANG_WAITING, 0, COUNT_OF(ranks), ranks);
  ranks[0].waiting = LS_WAITING_NOT;
  expect(HANG_STUCK, 0, COUNT_OF(ranks), ranks);
}

static void test_groups(void **state) {
  (void)state;
  hang_rank ranks[] = {trains(0, LS_WAITING_NOT, 500), trains(1, LS_WAITING_NOT, 3),
                       trains(2, LS_WAITING_NOT, 0)};
  ranks[0].idle_seconds = 0.1; /* makes progress */
  ranks[1].group = 1;
  ranks[2].group = 2;
  ranks[2].phase = LS_PHASE_IDLE;
  expect(HANG_STUCK, 1, COUNT_OF(ranks), ranks);
  ranks[1].phase = LS_PHASE_IDLE;
  expect(HANG_NONE, 0, COUNT_OF(ranks), ranks);
  ranks[2].group = 1; /* the other rank of its group is finished */
  ranks[2].phase = LS_PHASE_ENDING;
  expect(HANG_STUCK, 2, COUNT_OF(ranks), ranks);
}

static void test_words(void **state) {
  (void)state;
  hang_rank r = trains(0, LS_WAITING_NOT, 0);
  static const struct {
    ls_phase phase;
    ls_waiting waiting;
    const char *words;
  } cases[] = {
      {LS_PHASE_TRAINING, LS_WAITING_NOT, "training step 12 of epoch 3"},
      {LS_PHASE_TRAINING, LS_WAITING_COLLECTIVE,
       "waiting for other ranks' gradients in step 12 of epoch 3"},
      {LS_PHASE_RECORDING, LS_WAITING_NOT, "recording epoch 3"},
      {LS_PHASE_RECORDING, LS_WAITING_COLLECTIVE,
       "waiting for other ranks while recording epoch 3"},
      {LS_PHASE_SAVING, LS_WAITING_NOT, "writing a checkpoint"},
      {LS_PHASE_TAKING, LS_WAITING_REMOTE, "waiting for other ranks while taking the next trial"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_text text = {0};
    r.phase = cases[i].phase;
    r.waiting = cases[i].waiting;
    hang_describe(&text, &r);
    assert_string_equal(text.data, cases[i].words);
    ls_text_free(&text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spinning), cmocka_unit_test(test_halted),
      cmocka_unit_test(test_progress), cmocka_unit_test(test_other_nodes),
      cmocka_unit_test(test_groups),   cmocka_unit_test(test_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
