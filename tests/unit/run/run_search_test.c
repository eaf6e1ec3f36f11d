/* Searches: their schedules, and what they decide by which scores. */
#include "unit.h"

#include "base/memory.h"
#include "run/search_rule.h"
#include "trial/searches.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A job of `points` points and `replicates`, with a plan that has what schedules need of one. */
typedef struct fixture {
  ls_job *job;
  ls_plan plan;
} fixture;

static void create(fixture *f, size_t points, size_t replicates, size_t epochs, const char *search,
                   int better) {
  char text[512];
  snprintf(text, sizeof text,
           "name: a\ndataset: {name: digits}\nmodel: [dense: {units: 10}]\n"
           "train: {epochs: %zu, optimizer: {sgd: $rate}, loss: categorical_crossentropy}\n"
           "sweep: {rate: {range: [1, %zu], count: %zu}, replicates: %zu}\nsearch: %s\n",
           epochs, points, points, replicates, search);
  *f = (fixture){0};
  if (ls_job_read(&f->job, "job.yaml", text, NULL, 0, &ls_recipe_component) != LS_OK) {
    fail_msg("%s", ls_error_message());
  }
  assert_int_equal(ls_job_bind(f->job, 0, &f->plan.recipe), LS_OK);
  f->plan.epochs = epochs;
  snprintf(f->plan.curves[0].name, sizeof f->plan.curves[0].name, "val_accuracy");
  f->plan.curves[0].better = better;
}

static void destroy(fixture *f) {
  ls_component_clear(&ls_recipe_component, &f->plan.recipe);
  ls_job_free(&f->job);
}

/* ---- Schedules ------------------------------------------------------------------------------- */

/* "EPOCHS: first point" of each rung, and the share of all epochs in percent. */
static const struct {
  size_t points, epochs;
  const char *search, *rungs;
  double percent;
} schedules[] = {
    {81, 81, "successive_halving", "1:0 3:81 9:81 27:81 81:81", 100.0 * 297 / 6561},
    {81, 81, "{successive_halving: {min_epochs: 3}}", "3:0 9:81 27:81 81:81",
     100.0 * (81 * 3 + 27 * 6 + 9 * 18 + 3 * 54) / 6561},
    {10, 20, "{successive_halving: {min_epochs: 2, reduction_factor: 2}}",
     "2:0 4:10 8:10 16:10 20:10", 100.0 * (20 + 10 + 8 + 8 + 4) / 200},
    {10, 20, "{successive_halving: {rungs: [5, 7]}}", "5:0 7:10 20:10",
     100.0 * (50 + 3 * 2 + 13) / 200},
    /* As the table of Li et al., 81 + 34 + 15 + 8 + 5 points. */
    {143, 81, "hyperband", "1:0 3:81 9:115 27:130 81:138", 0},
    {8, 9, "{median_stopping: {min_epochs: 2, interval: 3}}", "2:0 5:8 8:8 9:8", 100},
    {20, 9, "{hyperband: {reduction_factor: 3}}", "1:0 3:11 9:16", 0},
};

static void test_schedules(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
    fixture f;
    ls_schedule_of_search s;
    char text[128] = "";
    create(&f, schedules[i].points, 1, schedules[i].epochs, schedules[i].search, 1);
    assert_int_equal(ls_schedule_create(&s, f.job, &f.plan), LS_OK);
    for (size_t k = 0; k < s.rungs; k++) {
      size_t used = strlen(text);
      snprintf(text + used, sizeof text - used, "%s%zu:%zu", k ? " " : "", s.epochs[k],
               s.first_point[k]);
    }
    assert_string_equal(text, schedules[i].rungs);
    assert_int_equal(s.first_point[s.rungs], schedules[i].points);
    double percent = 100 * ls_schedule_fraction(&s);
    if (schedules[i].percent > 0) assert_true(fabs(percent - schedules[i].percent) < 1e-9);
    assert_true(percent > 0 && percent <= 100);
    destroy(&f);
  }
}

static const struct {
  size_t points;
  const char *search, *message;
} wrong[] = {
    {9, "{successive_halving: {min_epochs: 9}}",
     "job.yaml:6: search: has a rung that is not before the last epoch (expected fewer epochs, or "
     "more train.epochs)"},
    {9, "{successive_halving: {rungs: [3, 12]}}",
     "job.yaml:6: search: has a rung that is not before the last epoch (expected fewer epochs, or "
     "more train.epochs)"},
    {1, "successive_halving", "job.yaml:6: search: has nothing to choose from (expected a sweep)"},
};

static void test_wrong_schedules(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    fixture f;
    ls_schedule_of_search s;
    create(&f, wrong[i].points, 1, 9, wrong[i].search, 1);
    assert_int_equal(ls_schedule_create(&s, f.job, &f.plan), LS_INVALID);
    assert_string_equal(ls_error_message(), wrong[i].message);
    destroy(&f);
  }
}

/* ---- Decisions ------------------------------------------------------------------------------- */

/* Returns the number of rungs that are complete now. */
static size_t decide(search_state *s) {
  search_news news;
  assert_int_equal(search_decide(s, false, &news), LS_OK);
  return news.rungs;
}

/* The decisions about all points at a rung: - undecided, p promoted, x pruned, c completed. */
static const char *decisions(const search_state *s, size_t rung) {
  static char text[64];
  for (size_t p = 0; p < s->record.points; p++) {
    text[p] = "-pxc"[s->record.decision[p * s->record.rungs + rung]];
  }
  text[s->record.points] = '\0';
  return text;
}

/* The mean over replicates decides, in the direction that is better; at a tie the earlier point. */
static void test_means_and_ties(void **state) {
  (void)state;
  static const double scores[6][2] = {{1, 5}, {4, 4}, {2, 9}, {3, 5}, {6, 5}, {0, 11}};
  for (int better = -1; better <= 1; better += 2) {
    fixture f;
    search_state s;
    create(&f, 6, 2, 9, "{successive_halving: {rungs: [3]}}", better);
    assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
    for (size_t t = 0; t < 12; t++) {
      assert_int_equal(search_limit(&s, t), 3);
      assert_false(search_waits(&s, t));
      assert_int_equal(decide(&s), 0);
      for (size_t e = 1; e <= 3; e++) {
        search_note(&s, t, e, e < 3 ? 100 - (double)t : scores[t / 2][t % 2]);
      }
      assert_true(search_waits(&s, t));
    }
    assert_int_equal(decide(&s), 1);
    assert_string_equal(decisions(&s, 0), better > 0 ? "xxpxpx" : "ppxxxx");
    assert_int_equal(s.record.ranks[5 * 2], better > 0 ? 3 : 6);
    assert_int_equal(s.record.ranks[2 * 2], better > 0 ? 1 : 4);
    assert_true(s.record.values[2 * 2] == 5.5);
    assert_true(s.record.thresholds[0] == (better > 0 ? 5.5 : 4));
    assert_int_equal(s.record.compared[0], 6);
    assert_int_equal(s.record.promoted[0], 2);
    assert_int_equal(search_limit(&s, better > 0 ? 4 : 0), 9);
    assert_int_equal(search_limit(&s, better > 0 ? 0 : 4), 0);
    search_destroy(&s);
    destroy(&f);
  }
}

/* A point with a trial that diverged is never promoted; one that has stopped early keeps the value
 * of its final weights. */
static void test_ends(void **state) {
  (void)state;
  fixture f;
  search_state s;
  create(&f, 6, 1, 27, "{successive_halving: {min_epochs: 3}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  for (size_t t = 0; t < 5; t++) search_note(&s, t, 3, 0.5);
  search_note(&s, 5, 1, 0.9);
  search_note(&s, 5, 2, 0.7);
  search_end(&s, 5,
             &(ls_trial_result){.state = LS_TRIAL_STOPPED_EARLY,
                                .epochs_run = 2,
                                .best_epoch = 1,
                                .best_restored = true});
  search_end(&s, 0, &(ls_trial_result){.state = LS_TRIAL_PENDING, .epochs_run = 3});
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 0), "pxxxxp");
  search_end(&s, 0, &(ls_trial_result){.state = LS_TRIAL_DIVERGED, .epochs_run = 5});
  assert_int_equal(decide(&s), 2); /* one is promoted, and has ended: it is completed at once */
  assert_string_equal(decisions(&s, 1), "x----p");
  assert_string_equal(decisions(&s, 2), "-----c");
  assert_true(isnan(s.record.values[1]) && s.record.values[5 * 3 + 2] == 0.9);
  search_destroy(&s);
  destroy(&f);
}

/* Brackets are decided on their own, and none is promoted where all have failed. */
static void test_brackets(void **state) {
  (void)state;
  fixture f;
  search_state s;
  create(&f, 4, 1, 9, "{hyperband: {min_epochs: 3, reduction_factor: 3}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  assert_int_equal(s.schedule.first_point[1], 2);
  assert_int_equal(search_limit(&s, 0), 3);
  assert_int_equal(search_limit(&s, 2), 9);
  search_note(&s, 2, 3, 1); /* no rung of its bracket */
  search_note(&s, 2, 9, 1);
  search_note(&s, 3, 9, 2);
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 1), "--cc");
  for (size_t t = 0; t < 2; t++) {
    search_end(&s, t, &(ls_trial_result){.state = LS_TRIAL_FAILED});
  }
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 0), "xx--");
  assert_int_equal(decide(&s), 0);
  search_destroy(&s);
  destroy(&f);
}

/* A rung that is recorded is complete in the next run, which does not know the scores of trials
 * that were running. */
static void test_recorded_rungs(void **state) {
  (void)state;
  fixture f;
  search_state s, next;
  create(&f, 6, 1, 9, "{successive_halving: {rungs: [3]}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  assert_int_equal(search_create(&next, f.job, &f.plan), LS_OK);
  for (size_t t = 0; t < 6; t++) search_note(&s, t, 3, (double)t);
  assert_int_equal(decide(&s), 1);
  memcpy(next.record.ranks, s.record.ranks, 12 * sizeof *s.record.ranks);
  memcpy(next.record.decision, s.record.decision, 12);
  for (size_t t = 0; t < 5; t++) search_note(&next, t, 3, (double)t);
  search_note(&next, 4, 9, 1);
  assert_int_equal(decide(&next), 0);
  search_note(&next, 5, 9, 2);
  assert_int_equal(decide(&next), 1);
  assert_string_equal(decisions(&next, 0), "xxxxpp");
  assert_string_equal(decisions(&next, 1), "----cc");
  assert_int_equal(next.record.ranks[5 * 2 + 1], 1);
  search_destroy(&next);
  search_destroy(&s);
  destroy(&f);
}

/* The first points are trained to the end; the others while they reach the median of these. */
static void test_median_rule(void **state) {
  (void)state;
  static const double first[6] = {1, 4, 2, 8, 3, 2}, second[5] = {5, 6, 9, 7, 6};
  fixture f;
  search_state s;
  create(&f, 6, 1, 3, "{median_stopping: {startup_points: 4}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  for (size_t t = 0; t < 6; t++) search_note(&s, t, 1, first[t]);
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 0), "pppppx"); /* the median is 3 */
  assert_true(s.record.thresholds[4 * 3] == 3 && s.record.values[4 * 3] == 3);
  assert_int_equal(s.record.promoted[0], 5);
  for (size_t t = 0; t < 5; t++) search_note(&s, t, 2, second[t]);
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 1), "ppppx-"); /* the median is 6.5 */
  assert_true(s.record.thresholds[3 * 3 + 1] == 6.5);
  for (size_t t = 0; t < 4; t++) search_note(&s, t, 3, 1);
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 2), "cccc--");
  search_destroy(&s);
  destroy(&f);
}

/* ---- Decisions before a rung is complete ----------------------------------------------------- */

/* A point is promoted while others have no score yet if these can't take its place. */
static void test_certain(void **state) {
  (void)state;
  fixture f;
  search_state s;
  create(&f, 9, 1, 9, "{successive_halving: {min_epochs: 1, reduction_factor: 3}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  for (size_t t = 0; t < 6; t++) search_note(&s, t, 1, 6 - (double)t);
  decide(&s);
  assert_string_equal(decisions(&s, 0), "---------"); /* three are missing, and three promoted */
  search_note(&s, 6, 1, 0);
  assert_int_equal(decide(&s), 0);
  assert_string_equal(decisions(&s, 0), "p--xxxx--");
  assert_int_equal(search_limit(&s, 0), 3);
  assert_int_equal(s.record.ranks[0], 0); /* not known yet */
  search_note(&s, 0, 3, 1);
  search_note(&s, 7, 1, NAN);
  decide(&s);
  assert_string_equal(decisions(&s, 0), "pp-xxxxx-");
  assert_string_equal(decisions(&s, 1), "---------");
  search_note(&s, 8, 1, 5.5);
  assert_int_equal(decide(&s), 1);
  assert_string_equal(decisions(&s, 0), "ppxxxxxxp");
  assert_int_equal(s.record.ranks[0], 1);
  search_destroy(&s);
  destroy(&f);
}

/* A startup point by itself; others once all startup points have a score or are out. */
static void test_certain_median(void **state) {
  (void)state;
  fixture f;
  search_state s;
  create(&f, 6, 1, 3, "{median_stopping: {startup_points: 3}}", 1);
  assert_int_equal(search_create(&s, f.job, &f.plan), LS_OK);
  search_note(&s, 4, 1, 5);
  search_note(&s, 5, 1, 1);
  search_note(&s, 0, 1, 4);
  decide(&s);
  assert_string_equal(decisions(&s, 0), "p-----");
  search_note(&s, 0, 2, 4);
  search_note(&s, 1, 1, NAN);
  decide(&s);
  assert_string_equal(decisions(&s, 0), "px----");
  search_note(&s, 2, 1, 2);
  decide(&s);
  assert_string_equal(decisions(&s, 0), "pxp-px"); /* point 3 may come later */
  search_note(&s, 4, 2, 3);
  decide(&s);
  assert_string_equal(decisions(&s, 1), "p-----");
  search_destroy(&s);
  destroy(&f);
}

/* Searches whose scores are drawn at random. */
static const struct {
  size_t points, replicates, epochs;
  const char *search;
} random_searches[] = {
    {27, 1, 27, "successive_halving"},
    {10, 2, 9, "{successive_halving: {reduction_factor: 2}}"},
    {30, 1, 9, "{hyperband: {reduction_factor: 3}}"},
    {12, 1, 6, "{median_stopping: {startup_points: 4, interval: 2}}"},
    {7, 2, 5, "{median_stopping: {startup_points: 3}}"},
};

static double draw(void) {
  return rand() / (RAND_MAX + 1.0);
}

/* A few different values, so that there are ties; some are none. */
static double draw_score(void) {
  return draw() < 0.1 ? NAN : floor(draw() * 12);
}

/* Gives a trial that does not wait its next score. False if all wait. */
static bool train_one(search_state *s, const double *scores) {
  size_t ready = 0, trial = 0;
  for (size_t t = 0; t < s->trials; t++) {
    if (!search_waits(s, t) && draw() * (double)++ready < 1) trial = t;
  }
  if (ready == 0) return false;
  size_t rung = search_rung(s, trial / s->repeats);
  search_note(s, trial, s->schedule.epochs[rung], scores[trial * s->schedule.rungs + rung]);
  return true;
}

/* Runs the search. Decisions are taken after each score, or only when all trials wait. */
static void run_at_random(search_state *s, const double *scores, bool each) {
  size_t cells = s->record.points * s->record.rungs;
  signed char *before = ls_new(cells, 1);
  bool more = true;
  while (more) {
    more = train_one(s, scores);
    if (!each && more) continue;
    memcpy(before, s->record.decision, cells);
    size_t rungs = decide(s);
    for (size_t i = 0; i < cells; i++) {
      if (before[i] != LS_UNDECIDED) assert_int_equal(before[i], s->record.decision[i]);
    }
    more |= rungs > 0;
  }
  free(before);
}

static void compare_records(const ls_search_record *a, const ls_search_record *b) {
  size_t cells = a->points * a->rungs;
  assert_memory_equal(a->decision, b->decision, cells);
  assert_memory_equal(a->ranks, b->ranks, cells * sizeof *a->ranks);
  assert_memory_equal(a->compared, b->compared, cells * sizeof *a->compared);
  assert_memory_equal(a->promoted, b->promoted, cells * sizeof *a->promoted);
  assert_memory_equal(a->values, b->values, cells * sizeof *a->values);
  assert_memory_equal(a->thresholds, b->thresholds, cells * sizeof *a->thresholds);
}

/* In whatever order scores come, the decisions and what is recorded of them are those of a search
 * that decides only when all trials have come to their rungs; and no decision is ever changed. */
static void test_any_order(void **state) {
  (void)state;
  for (size_t i = 0; i < 100 * sizeof random_searches / sizeof *random_searches; i++) {
    const size_t kind = i % (sizeof random_searches / sizeof *random_searches);
    fixture f;
    search_state waiting, rushing;
    srand((unsigned)i);
    create(&f, random_searches[kind].points, random_searches[kind].replicates,
           random_searches[kind].epochs, random_searches[kind].search, i % 2 ? 1 : -1);
    assert_int_equal(search_create(&waiting, f.job, &f.plan), LS_OK);
    assert_int_equal(search_create(&rushing, f.job, &f.plan), LS_OK);
    double *scores = ls_new(waiting.trials * waiting.schedule.rungs, sizeof *scores);
    for (size_t k = 0; k < waiting.trials * waiting.schedule.rungs; k++) scores[k] = draw_score();
    run_at_random(&waiting, scores, false);
    run_at_random(&rushing, scores, true);
    compare_records(&waiting.record, &rushing.record);
    free(scores);
    search_destroy(&waiting);
    search_destroy(&rushing);
    destroy(&f);
  }
}

/* ---- How long ranks have nothing to do ------------------------------------------------------- */

enum { MOST_GROUPS = 8, NONE = -1 };

/* A search on groups of ranks, each of which trains a trial from rung to rung. */
typedef struct simulation {
  search_state s;
  const double *scores;  /* [trial, rung] */
  const double *seconds; /* [trial], of all its epochs */
  bool waits;            /* decides when all groups are idle, not after each trial */
  size_t groups;
  long trial[MOST_GROUPS]; /* of each group, or NONE */
  double end[MOST_GROUPS]; /* when it comes to its rung */
  double now, work;
} simulation;

static bool is_free(const simulation *m, size_t trial) {
  bool found = !search_waits(&m->s, trial);
  for (size_t g = 0; g < m->groups; g++) found &= m->trial[g] != (long)trial;
  return found;
}

/* The next trial for a group: one of the lowest rung, and of these the longest. */
static long find_next(const simulation *m) {
  long found = NONE;
  double most = -INFINITY;
  for (size_t t = 0; t < m->s.trials; t++) {
    if (!is_free(m, t)) continue;
    double rung = (double)search_rung(&m->s, t / m->s.repeats);
    double value = m->seconds[t] * search_work(&m->s, t) - 1e9 * rung;
    if (value > most) found = (long)t;
    if (value > most) most = value;
  }
  return found;
}

/* Gives trials to all groups that have none; returns the group that comes to its rung first. */
static long start_trials(simulation *m) {
  long first = NONE;
  for (size_t g = 0; g < m->groups; g++) {
    if (m->trial[g] == NONE && (m->trial[g] = find_next(m)) != NONE) {
      double takes = m->seconds[m->trial[g]] * search_work(&m->s, (size_t)m->trial[g]);
      m->end[g] = m->now + takes;
      m->work += takes;
    }
    if (m->trial[g] != NONE && (first == NONE || m->end[g] < m->end[first])) first = (long)g;
  }
  return first;
}

static void end_trial(simulation *m, size_t group) {
  size_t trial = (size_t)m->trial[group], rung = search_rung(&m->s, trial / m->s.repeats);
  m->now = m->end[group];
  m->trial[group] = NONE;
  search_note(&m->s, trial, m->s.schedule.epochs[rung],
              m->scores[trial * m->s.schedule.rungs + rung]);
}

/* Returns the time over the least possible one, which is the work divided by the groups. */
static double simulate(simulation *m) {
  for (size_t g = 0; g < MOST_GROUPS; g++) m->trial[g] = NONE;
  for (bool more = true; more;) {
    long group = start_trials(m);
    if (group != NONE) end_trial(m, (size_t)group);
    more = group != NONE;
    if (!m->waits || !more) more |= decide(&m->s) > 0;
  }
  return m->now * (double)m->groups / m->work;
}

/* The same search with both ways of deciding; seconds of trials differ by up to a factor. */
static void add_times(double times[2], size_t groups, double factor) {
  fixture f;
  create(&f, 81, 1, 27, "{successive_halving: {min_epochs: 1, reduction_factor: 3}}", 1);
  double scores[81 * 4], seconds[81];
  for (size_t i = 0; i < 81 * 4; i++) scores[i] = draw();
  for (size_t t = 0; t < 81; t++) seconds[t] = pow(factor, draw());
  for (int waits = 0; waits < 2; waits++) {
    simulation m = {.scores = scores, .seconds = seconds, .waits = waits, .groups = groups};
    assert_int_equal(search_create(&m.s, f.job, &f.plan), LS_OK);
    times[waits] += simulate(&m);
    search_destroy(&m.s);
  }
  destroy(&f);
}

/* Groups are idle for less time than where they wait; two of them for less than 6 %, without
 * joining each other's trials. */
static void test_makespan(void **state) {
  (void)state;
  enum { ROUNDS = 20 };
  for (size_t groups = 2; groups <= MOST_GROUPS; groups *= 2) {
    for (double factor = 1; factor < 20; factor *= 4) {
      double times[2] = {0};
      srand(1);
      for (size_t i = 0; i < ROUNDS; i++) add_times(times, groups, factor);
      print_message("%zu groups, seconds differ by %2.0f: %.3f of work / groups, %.3f where groups "
                    "wait at rungs\n",
                    groups, factor, times[0] / ROUNDS, times[1] / ROUNDS);
      assert_true(times[0] < times[1]);
      if (groups == 2) assert_true(times[0] / ROUNDS < 1.06);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_schedules),      cmocka_unit_test(test_wrong_schedules),
      cmocka_unit_test(test_means_and_ties), cmocka_unit_test(test_ends),
      cmocka_unit_test(test_recorded_rungs), cmocka_unit_test(test_brackets),
      cmocka_unit_test(test_median_rule),    cmocka_unit_test(test_certain),
      cmocka_unit_test(test_certain_median), cmocka_unit_test(test_any_order),
      cmocka_unit_test(test_makespan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
