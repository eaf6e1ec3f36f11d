/* The status of a run: a document that is read again as it was written, hostile ones, and the lines
 * that are drawn of it. */
#include "unit.h"

#include "lockstep/error.h"
#include "status/file.h"
#include "status/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ls_trial_status_row trials[] = {
    {1, "l2=1e-05 replicate=0", 3, 20, 0.5, 0.25, 0.5, NAN, 1234, 60},
    {4, "l2=0.0001 \"\\\n", 1, 20, 0, NAN, NAN, NAN, 0, NAN},
};
static ls_rank_status ranks[] = {{0, "training", false, 1, 2, 7, 0.5},
                                 {1, "writing a checkpoint", true, 1, 2, 0, 45},
                                 {2, "training", false, 4, 0, 3, 0}};
static ls_node_status node = {"n1\xff", ranks, 3, 2.5};

static ls_run_status example(void) {
  return (ls_run_status){.title = "title",
                         .host = "n1",
                         .process = 42,
                         .process_start = 1234567,
                         .ranks = 3,
                         .metric = "accuracy",
                         .headline = "val_accuracy",
                         .trials = 15,
                         .finished = 3,
                         .fraction = 0.25,
                         .elapsed = 30,
                         .running = trials,
                         .running_count = 2,
                         .updated = 1800000000.125,
                         .interval = 2,
                         .nodes = &node,
                         .node_count = 1};
}

/* Reads a document from a file. */
static int read_text(ls_run_status *out, ls_memory *memory, const char *text) {
  char path[] = "/tmp/lockstep-status-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, text, strlen(text)), strlen(text));
  close(file);
  int status = ls_status_read(out, memory, path);
  unlink(path);
  return status;
}

static void written_and_read(void **state) {
  (void)state;
  ls_text text = {0};
  ls_memory memory = {0};
  ls_run_status before = example(), after;
  ls_text_add(&text, "{");
  ls_status_add_header(&text, &before);
  ls_text_add(&text, ",");
  ls_status_add_progress(&text, &before);
  ls_text_add(&text, ",");
  before.ended = true;
  before.exit_status = 75;
  before.message = "stopped";
  ls_status_add_life(&text, &before);
  ls_text_add(&text, "}");
  assert_int_equal(read_text(&after, &memory, text.data), LS_OK);
  assert_string_equal(after.title, "title");
  assert_string_equal(after.host, "n1");
  assert_int_equal(after.process, 42);
  assert_int_equal(after.process_start, 1234567);
  assert_int_equal(after.ranks, 3);
  assert_string_equal(after.metric, "accuracy");
  assert_string_equal(after.headline, "val_accuracy");
  assert_int_equal(after.trials, 15);
  assert_int_equal(after.finished, 3);
  assert_true(after.fraction == 0.25 && after.elapsed == 30 && after.interval == 2);
  assert_true(after.updated == 1800000000.125);
  assert_int_equal(after.running_count, 2);
  assert_int_equal(after.running[0].trial, 1);
  assert_string_equal(after.running[0].name, "l2=1e-05 replicate=0");
  assert_true(after.running[0].epoch_done == 0.5 && after.running[0].rate == 1234);
  assert_true(after.running[0].loss == 0.25 && isnan(after.running[0].headline));
  assert_string_equal(after.running[1].name, "l2=0.0001 \"\\\\n");
  assert_true(isnan(after.running[1].seconds_left));
  assert_int_equal(after.node_count, 1);
  assert_string_equal(after.nodes[0].host, "n1\\xff");
  assert_int_equal(after.nodes[0].count, 3);
  assert_string_equal(after.nodes[0].ranks[1].activity, "writing a checkpoint");
  assert_true(after.nodes[0].ranks[1].waiting && after.nodes[0].ranks[1].idle_seconds == 45);
  assert_int_equal(after.nodes[0].ranks[0].step, 7);
  assert_true(after.ended);
  assert_int_equal(after.exit_status, 75);
  assert_string_equal(after.message, "stopped");
  ls_text_free(&text);
  ls_memory_free(&memory);
}

/* Refused, or drawn without harm. */
static void hostile(void **state) {
  (void)state;
  static const char *const refused[] = {
      "", "{", "[]", "{}", "{\"format\": 2}", "{\"format\": \"1\"}"};
  static const char *const drawn[] = {
      "{\"format\": 1}",
      "{\"format\": 1, \"running\": 3, \"nodes\": \"x\", \"title\": [], \"ended\": 7}",
      "{\"format\": 1, \"running\": [1, {}, null], \"nodes\": [{}, 2, {\"ranks\": [{}, 3]}]}",
      "{\"format\": 1, \"trials\": -5, \"finished\": 1e300, \"fraction\": -1e300, \"headline\": "
      "\"\\u001b[2J\\n\", \"running\": [{\"name\": \"\\u001b[2J\\n\", \"epochs\": -1e300, "
      "\"epoch\": 1e300, \"epoch_done\": 1e9, \"loss\": 1e300, \"samples_per_second\": 1e300, "
      "\"trial\": 9223372036854775807}]}",
      "{\"format\": 1, \"nodes\": [{\"host\": \"\\u001b[2J\", \"age_seconds\": 1e300, \"ranks\": "
      "[{\"activity\": \"\\u001b\", \"idle_seconds\": 1e300, \"rank\": 1e300}]}]}"};
  ls_run_status s;
  for (size_t i = 0; i < COUNT_OF(refused); i++) {
    ls_memory memory = {0};
    assert_int_equal(read_text(&s, &memory, refused[i]), LS_INVALID);
    ls_memory_free(&memory);
  }
  for (size_t i = 0; i < COUNT_OF(drawn); i++) {
    ls_memory memory = {0};
    ls_text view = {0};
    assert_int_equal(read_text(&s, &memory, drawn[i]), LS_OK);
    ls_status_add_view(&view, &s, &(ls_view_size){60, 0});
    assert_null(strchr(view.data, '\033'));
    assert_true(ls_text_width(view.data) <= 60);
    ls_text_free(&view);
    ls_memory_free(&memory);
  }
  ls_memory memory = {0};
  assert_int_equal(ls_status_read(&s, &memory, "/no/such/file"), LS_INVALID);
  ls_memory_free(&memory);
}

static size_t count_lines(const char *text) {
  size_t count = 0;
  for (; *text; text++) count += *text == '\n';
  return count;
}

static char *view_of(const ls_run_status *s, int width, int lines) {
  ls_text text = {0};
  ls_status_add_view(&text, s, &(ls_view_size){width, lines});
  return ls_text_take(&text);
}

static void views(void **state) {
  (void)state;
  ls_run_status s = example();
  char *view = view_of(&s, 100, 0);
  assert_non_null(strstr(view, "l2=1e-05 replicate=0 ██"));
  assert_non_null(strstr(view, "   3/20  0.2500    0.5000                     1234        60 s\n"));
  assert_non_null(
      strstr(view, "3 of 15 trials █████░░░░░░░░░░░░░░░ 25 %, 30 s so far, 90 s left\n"));
  assert_non_null(strstr(view,
                         "n1\\xff: 3 ranks: 2 training, 1 writing a checkpoint\n  rank 1: no "
                         "progress for 45 s, writing a checkpoint, waiting for other ranks, "));
  assert_int_equal(count_lines(view), 6);
  free(view);
  const double curve[] = {0, 0.25, 0.5, 1, NAN, NAN};
  trials[0].curve = curve;
  trials[0].curve_epochs = 6;
  view = view_of(&s, 100, 0);
  assert_non_null(strstr(
      view, "val_accuracy by epoch, from 0 to 1, epochs 1 to 4\nl2=1e-05 replicate=0 ▁▃▅█\n"));
  free(view);
  for (int lines = 1; lines < 12; lines++) {
    view = view_of(&s, 30, lines);
    assert_true(ls_text_width(view) <= 30);
    assert_true(count_lines(view) <= (size_t)(lines > 3 ? lines : 3));
    free(view);
  }
  trials[0].curve = NULL;
}

/* Names of trials that begin alike differ on a narrow terminal, too. */
static void long_names(void **state) {
  (void)state;
  ls_trial_status_row rows[] = {trials[0], trials[0]};
  rows[0].name = "optimizer=adam activation=relu units=64 replicate=0";
  rows[1].name = "optimizer=adam activation=relu units=64 replicate=1";
  ls_run_status s = example();
  s.running = rows;
  char *view = view_of(&s, 80, 0);
  assert_non_null(strstr(view, "optimizer=…eplicate=0 █"));
  assert_non_null(strstr(view, "optimizer=…eplicate=1 █"));
  free(view);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(written_and_read),
      cmocka_unit_test(hostile),
      cmocka_unit_test(views),
      cmocka_unit_test(long_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
