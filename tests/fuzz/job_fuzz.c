/* Fuzz target: job files. An input is the text; behind a NUL follow overrides (--set), each ended
 * by another NUL. A job that is accepted must bind all of its trials, and its resolved text must
 * read back to the same job. */
#include "fuzz.h"

#include "job/job.h"
#include "lockstep/error.h"
#include "trial/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SETS = 8, MOST_TRIALS = 32, MOST_AXES = 64 };

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  return 0;
}

/* Reads everything in a job. */
static void use(const ls_job *job) {
  const ls_axis *axes;
  size_t trials = ls_job_trials(job), count = ls_job_axes(job, &axes), product = 1;
  for (size_t i = 0; i < count; i++) product *= axes[i].count;
  require(trials >= 1 && product == trials, "as many trials as the axes have points");
  for (size_t k = 0; k < trials && k < MOST_TRIALS; k++) {
    size_t trial = k % 2 == 0 ? k : trials - k, index[MOST_AXES];
    char name[40];
    ls_recipe values;
    int status = ls_job_bind(job, trial, &values);
    require(status == LS_OK, "a trial that binds, as it did when the job was read");
    ls_component_clear(&ls_recipe_component, &values);
    ls_job_trial_name(job, trial, name, sizeof name);
    require(strlen(name) < sizeof name, "a name");
    if (count > MOST_AXES) continue;
    ls_job_point(job, trial, index);
    for (size_t i = 0; i < count; i++) require(index[i] < axes[i].count, "a point of the axes");
  }
  require_outcome(ls_job_fail(job, "train", "epochs", "is wrong"));
  require_outcome(ls_job_fail(job, "sweep", NULL, "is wrong"));
}

/* The resolved text is the same job, and resolves to itself. */
static void read_back(const ls_job *job) {
  const char *text = ls_job_text(job);
  ls_job *again = NULL;
  int status = ls_job_read(&again, "resolved", text, NULL, 0, &ls_recipe_component);
  if (status != LS_OK) fprintf(stderr, "%s\n", text);
  require(status == LS_OK, "a resolved text that can be read");
  char *differences = NULL;
  require(ls_job_differences(&differences, again, text) == LS_OK, "a comparison");
  bool same = strcmp(ls_job_text(again), text) == 0 && !differences;
  if (!same) fprintf(stderr, "%s\n-- becomes --\n%s\n", text, ls_job_text(again));
  require(same, "a resolved text that resolves to itself");
  free(differences);
  require(ls_job_trials(again) == ls_job_trials(job), "as many trials");
  ls_job_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  if (!text) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  const char *sets[MOST_SETS];
  size_t count = 0;
  for (size_t at = strlen(text) + 1; at < size && count < MOST_SETS; at += strlen(text + at) + 1) {
    sets[count++] = text + at;
  }
  ls_job *job = NULL;
  int status = ls_job_read(&job, "job.yaml", text, sets, count, &ls_recipe_component);
  require((status == LS_OK) == (job != NULL), "a job, or an error");
  require_outcome(status);
  if (job) use(job);
  if (job) read_back(job);
  ls_job_free(&job);
  free(text);
  return 0;
}
