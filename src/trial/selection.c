/* Choices that a job makes by its validation samples. */
#include "trial/selection.h"

#include "base/text.h"
#include "lockstep/error.h"

#include <string.h>

/* Whether a monitored curve is one of the validation samples. */
static bool is_validation(const char *monitor) {
  return monitor && strncmp(monitor, "val_", 4) == 0;
}

int ls_selection_describe(char **out, const ls_job *job, const ls_plan *plan) {
  const ls_train_args *train = &plan->recipe.train;
  bool stops = is_validation(train->early_stopping.monitor);
  const struct {
    bool made;
    const char *name;
  } choices[] = {
      {stops, "when to stop"},
      {stops && train->early_stopping.restore_best_weights, "the best epoch"},
      {is_validation(train->reduce_lr_on_plateau.monitor), "the learning rate"},
      {ls_job_points(job) > 1, "the best point of the sweep"},
  };
  ls_text text = {0};
  *out = NULL;
  if (plan->split.validation_part != LS_TEST) return LS_OK;
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    if (choices[i].made) ls_text_add(&text, "%s%s", text.data ? ", " : "", choices[i].name);
  }
  if (!text.data) return LS_OK;
  ls_text_add(&text,
              " %s chosen by the test samples, which the validation uses: the values of what "
              "is chosen are optimistic",
              strchr(text.data, ',') ? "are" : "is");
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
