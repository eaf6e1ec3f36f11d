/* Rungs and brackets from the job's `search`. */
#include "run/schedule.h"

#include "lockstep/error.h"
#include "trial/searches.h"

#include <math.h>
#include <string.h>

static int fail(const ls_job *job, const char *what) {
  return ls_job_fail(job, "search", NULL, "%s", what);
}

static int add_rung(ls_schedule_of_search *s, const ls_job *job, double epochs, size_t last) {
  if (epochs >= (double)last) return LS_OK;
  if (s->rungs + 1 == LS_MAX_RUNGS) return fail(job, "has too many rungs (expected at most 256)");
  s->epochs[s->rungs++] = (size_t)epochs;
  return LS_OK;
}

static int list_rungs(ls_schedule_of_search *s, const ls_job *job, const ls_halving_args *a,
                      size_t last) {
  int status = LS_OK;
  double highest = a->rungs.count > 0 ? a->rungs.values[a->rungs.count - 1] : (double)a->min_epochs;
  if (highest >= (double)last) {
    return fail(job, "has a rung that is not before the last epoch (expected fewer epochs, or more "
                     "train.epochs)");
  }
  for (size_t i = 0; i < a->rungs.count && status == LS_OK; i++) {
    status = add_rung(s, job, a->rungs.values[i], last);
  }
  double epochs = (double)a->min_epochs;
  for (; a->rungs.count == 0 && epochs < (double)last && status == LS_OK;
       epochs *= a->reduction_factor) {
    status = add_rung(s, job, floor(epochs), last);
  }
  s->epochs[s->rungs++] = last;
  return status;
}

/* Divides the points among the brackets, as Hyperband does n = ceil((K + 1) / (s + 1) f^s), where s
 * rungs follow that of the bracket. */
static void divide(ls_schedule_of_search *s, bool hyperband) {
  double share[LS_MAX_RUNGS] = {0}, sum = 0, before = 0;
  for (size_t b = 0; b < s->rungs; b++) {
    double after = (double)(s->rungs - 1 - b);
    share[b] =
        hyperband ? ceil((double)s->rungs / (after + 1) * pow(s->reduction_factor, after)) : b == 0;
    sum += share[b];
  }
  for (size_t b = 0; b < s->rungs; b++) {
    before += share[b];
    s->first_point[b + 1] = (size_t)floor((double)s->points * before / sum + 0.5);
  }
}

static int list_intervals(ls_schedule_of_search *s, const ls_job *job, const ls_median_args *a,
                          size_t last) {
  int status = LS_OK;
  s->startup_points = (size_t)a->startup_points;
  if (s->points <= s->startup_points) {
    return fail(job,
                "has no points beside startup_points (expected more points, or fewer of these)");
  }
  for (double epochs = (double)a->min_epochs; epochs < (double)last && status == LS_OK;
       epochs += (double)a->interval) {
    status = add_rung(s, job, epochs, last);
  }
  s->epochs[s->rungs++] = last;
  return status;
}

int ls_schedule_create(ls_schedule_of_search *out, const ls_job *job, const ls_plan *plan) {
  const ls_choice *search = &plan->recipe.search;
  *out = (ls_schedule_of_search){.points = ls_job_points(job)};
  if (!search->type) return LS_OK;
  if (out->points < 2) return fail(job, "has nothing to choose from (expected a sweep)");
  int status = LS_OK;
  if (search->type == &ls_search_median_stopping) {
    status = list_intervals(out, job, search->args, plan->epochs);
  } else {
    const ls_halving_args *a = search->args;
    out->reduction_factor = a->reduction_factor;
    status = list_rungs(out, job, a, plan->epochs);
  }
  if (status == LS_OK) divide(out, search->type == &ls_search_hyperband);
  return status;
}

bool ls_schedule_fits(const ls_schedule_of_search *s, const ls_job *job, const ls_plan *plan) {
  ls_schedule_of_search other;
  if (ls_schedule_create(&other, job, plan) != LS_OK) {
    ls_error_clear();
    return false;
  }
  return memcmp(s, &other, sizeof other) == 0;
}

size_t ls_schedule_first_rung(const ls_schedule_of_search *s, size_t point) {
  size_t rung = 0;
  while (point >= s->first_point[rung + 1]) rung++;
  return rung;
}

size_t ls_schedule_promoted(const ls_schedule_of_search *s, size_t count) {
  size_t promoted = (size_t)floor((double)count / s->reduction_factor);
  return promoted > 0 ? promoted : 1;
}

double ls_schedule_fraction(const ls_schedule_of_search *s) {
  double trained = 0;
  for (size_t b = 0; b < s->rungs && s->startup_points == 0; b++) {
    size_t count = s->first_point[b + 1] - s->first_point[b], before = 0;
    for (size_t k = b; k < s->rungs && count > 0; k++) {
      trained += (double)count * (double)(s->epochs[k] - before);
      before = s->epochs[k];
      count = ls_schedule_promoted(s, count);
    }
  }
  return s->rungs > 0 && s->startup_points == 0
             ? trained / ((double)s->points * (double)s->epochs[s->rungs - 1])
             : 1;
}
