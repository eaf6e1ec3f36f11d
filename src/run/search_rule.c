/* Deciding at one rung of one bracket after the other. */
#include "run/search_rule.h"

#include "base/memory.h"
#include "base/print.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A point that takes part at a rung and has its score there: the mean over its trials. */
typedef struct contender {
  size_t point;
  double score;
} contender;

/* A rung of a bracket. */
typedef struct rung_state {
  size_t bracket, rung;
  size_t most;     /* points that may take part */
  size_t takes;    /* of these, points that do for certain */
  size_t count;    /* of these, points that have a score: the contenders */
  size_t finite;   /* of these, points whose score is finite */
  bool preceded;   /* the rung before is complete */
  bool recorded;   /* the rung has been recorded as complete */
  bool startup;    /* all startup points have a score or are out */
  contender *list; /* the best first once they are sorted */
} rung_state;

/* ---- Contenders ------------------------------------------------------------------------------ */

/* The best first; at a tie the earlier point. */
static int compare_contenders(const void *a, const void *b) {
  const contender *x = a, *y = b;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return x->point < y->point ? -1 : 1;
}

/* What is known of a point's part at the rung: LS_PROMOTED to it, LS_PRUNED before, or not yet. */
static ls_decision part_of(const search_state *s, const rung_state *r, size_t point) {
  if (r->rung == r->bracket) return LS_PROMOTED;
  return search_decision(s, point, r->rung - 1);
}

/* Whether it is not known yet if the point, with which others are compared, counts or is out. */
static bool is_missed(const search_state *s, size_t point, ls_decision part, double score) {
  if (point >= s->schedule.startup_points) return false;
  if (part == LS_PROMOTED) return isnan(score);
  return part == LS_UNDECIDED && search_decision(s, point, search_rung(s, point)) != LS_PRUNED;
}

/* Lists the contenders of a rung, in no order. */
static void list_contenders(rung_state *r, const search_state *s) {
  const size_t first = s->schedule.first_point[r->bracket];
  const size_t end = s->schedule.first_point[r->bracket + 1];
  r->takes = r->count = r->finite = 0;
  r->recorded = r->startup = true;
  for (size_t p = first; p < end; p++) {
    const ls_decision part = part_of(s, r, p);
    const double score = part == LS_PROMOTED ? search_mean(s, p, r->rung) : (double)NAN;
    r->startup &= !is_missed(s, p, part, score);
    if (part != LS_PROMOTED) continue;
    r->takes++;
    r->recorded &= s->record.ranks[p * s->schedule.rungs + r->rung] > 0 &&
                   search_decision(s, p, r->rung) != LS_UNDECIDED;
    if (isnan(score)) continue;
    r->finite += isfinite(score);
    r->list[r->count++] = (contender){p, score};
  }
}

/* One that an earlier run has recorded is, even if trials that it had not finished resume. */
static bool is_complete(const rung_state *r) {
  return r->preceded && (r->recorded || r->count == r->takes);
}

/* Whether a decision by rank can be certain. Points could be pruned earlier, on which nothing
 * depends. */
static bool can_decide(const search_state *s, const rung_state *r) {
  if (s->schedule.startup_points > 0 || is_complete(r)) return true;
  return r->most - r->count < ls_schedule_promoted(&s->schedule, r->most);
}

static bool is_last(const search_state *s, const rung_state *r) {
  return r->rung + 1 == s->schedule.rungs;
}

/* ---- The rules ------------------------------------------------------------------------------- */

/* The median score of the startup points. */
static double median_of_startup(const search_state *s, const rung_state *r) {
  size_t startup = s->schedule.startup_points, seen = 0;
  double upper = -INFINITY, lower = -INFINITY;
  for (size_t i = 0; i < r->count; i++) {
    if (r->list[i].point >= startup) continue;
    if (seen == (startup - 1) / 2) upper = r->list[i].score;
    if (seen == startup / 2) lower = r->list[i].score;
    seen++;
  }
  return 0.5 * (upper + lower);
}

/* The decision by the median, which counts once all startup points have a score. */
static ls_decision decide_by_median(const search_state *s, const rung_state *r, size_t i,
                                    double median) {
  const contender *c = &r->list[i];
  if (!isfinite(c->score)) return LS_PRUNED;
  if (c->point < s->schedule.startup_points) return LS_PROMOTED;
  if (!r->startup) return LS_UNDECIDED;
  return c->score >= median ? LS_PROMOTED : LS_PRUNED;
}

/* The decision by rank. */
static ls_decision decide_by_rank(const search_state *s, const rung_state *r, size_t i) {
  const size_t missing = r->most - r->count, places = ls_schedule_promoted(&s->schedule, r->most);
  if (!isfinite(r->list[i].score) || i >= places) return LS_PRUNED;
  return i + missing < places ? LS_PROMOTED : LS_UNDECIDED;
}

/* Decides about contenders where that is certain; returns about how many. */
static size_t decide(search_state *s, const rung_state *r) {
  const bool by_median = s->schedule.startup_points > 0;
  const double median = by_median && r->startup ? median_of_startup(s, r) : (double)NAN;
  size_t decided = 0;
  for (size_t i = 0; i < r->count; i++) {
    signed char *own = &s->record.decision[r->list[i].point * s->schedule.rungs + r->rung];
    if (*own != LS_UNDECIDED) continue;
    ls_decision now = is_last(s, r) ? LS_COMPLETED
                      : by_median   ? decide_by_median(s, r, i, median)
                                    : decide_by_rank(s, r, i);
    *own = (signed char)now;
    decided += now != LS_UNDECIDED;
  }
  return decided;
}

/* The most points that may be promoted from the rung. */
static size_t most_promoted(const search_state *s, const rung_state *r) {
  const size_t worthy = r->most - (r->count - r->finite);
  if (s->schedule.startup_points > 0) return worthy;
  const size_t places = ls_schedule_promoted(&s->schedule, r->most);
  return places < worthy ? places : worthy;
}

/* ---- Complete rungs -------------------------------------------------------------------------- */

/* What was needed at a rung before the last, and how many points have it at most. */
static double find_threshold(const search_state *s, const rung_state *r, size_t *places) {
  if (s->schedule.startup_points == 0) {
    *places = ls_schedule_promoted(&s->schedule, r->count);
    return r->list[*places - 1].score;
  }
  const double median = median_of_startup(s, r);
  *places = 0;
  for (size_t i = 0; i < r->count; i++) {
    *places += r->list[i].score >= median || r->list[i].point < s->schedule.startup_points;
  }
  return median;
}

static void record(search_state *s, const rung_state *r) {
  ls_search_record *out = &s->record;
  size_t places = 0;
  double threshold = is_last(s, r) ? (double)NAN : find_threshold(s, r, &places);
  for (size_t i = 0; i < r->count; i++) {
    const contender *c = &r->list[i];
    size_t at = c->point * out->rungs + r->rung;
    out->values[at] = isfinite(c->score) ? s->better * c->score : (double)NAN;
    out->thresholds[at] = isfinite(threshold) ? s->better * threshold : (double)NAN;
    out->ranks[at] = (int)i + 1;
    out->compared[at] = (int)r->count;
    out->promoted[at] = (int)places;
  }
}

/* "lr=0.1: val_accuracy=0.91", of a contender. */
static void add_contender(ls_text *out, const search_state *s, const contender *c) {
  char name[256];
  ls_job_trial_name(s->job, c->point * s->repeats, name, sizeof name);
  char *repeat = strstr(name, s->repeats > 1 ? " replicate=" : " fold=");
  if (repeat) *repeat = '\0';
  ls_text_add(out, "%s: %s=%.5g", name, s->metric, s->better * c->score);
}

/* One line on what was decided at a rung. */
static void print_decisions(const search_state *s, const rung_state *r) {
  size_t promoted = 0;
  for (size_t i = 0; i < r->count; i++) {
    promoted += search_decision(s, r->list[i].point, r->rung) == LS_PROMOTED;
  }
  ls_text line = {0};
  ls_text_add(&line, "search: after %zu epochs ", s->schedule.epochs[r->rung]);
  if (!is_last(s, r)) ls_text_add(&line, "%zu of %zu points promoted, ", promoted, r->count);
  ls_text_add(&line, "best of %zu: ", r->count);
  add_contender(&line, s, &r->list[0]);
  if (!line.failed) ls_print(stdout, "%s\n", line.data);
  fflush(stdout);
  ls_text_free(&line);
}

/* ---- All rungs ------------------------------------------------------------------------------- */

static void decide_rung(search_state *s, rung_state *r, bool prints, search_news *news) {
  list_contenders(r, s);
  if (r->preceded || r->most < r->takes) r->most = r->takes;
  if (r->count == 0 || !can_decide(s, r) || (is_complete(r) && r->recorded)) return;
  qsort(r->list, r->count, sizeof *r->list, compare_contenders);
  news->decisions += decide(s, r);
  if (!is_complete(r)) return;
  record(s, r);
  news->rungs++;
  if (prints) print_decisions(s, r);
}

static void decide_bracket(search_state *s, size_t bracket, contender *list, bool prints,
                           search_news *news) {
  const size_t *first = &s->schedule.first_point[bracket];
  rung_state r = {.bracket = bracket, .most = first[1] - first[0], .preceded = true, .list = list};
  for (r.rung = bracket; r.rung < s->schedule.rungs && r.most > 0; r.rung++) {
    decide_rung(s, &r, prints, news);
    r.preceded = is_complete(&r);
    r.most = most_promoted(s, &r);
  }
}

int search_decide(search_state *s, bool prints, search_news *news) {
  contender *list = ls_new(s->schedule.points, sizeof *list);
  *news = (search_news){0};
  if (!list) return LS_FAILED;
  for (size_t b = 0; b < s->schedule.rungs; b++) decide_bracket(s, b, list, prints, news);
  free(list);
  return LS_OK;
}
