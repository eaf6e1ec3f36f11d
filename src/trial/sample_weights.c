/* Which weights a head's samples have. */
#include "trial/sample_weights.h"

#include "base/memory.h"
#include "data/description.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The dataset's weights for a head: those of its name, or those of all heads. */
static size_t find_stored(const ls_dataset *dataset, const char *head) {
  char own[sizeof dataset->weights[0].name] = "";
  if (head) snprintf(own, sizeof own, "weight_%s", head);
  size_t found = dataset->weight_count;
  for (size_t i = 0; i < dataset->weight_count; i++) {
    if (head && strcmp(dataset->weights[i].name, own) == 0) return i;
    if (strcmp(dataset->weights[i].name, "weight") == 0) found = i;
  }
  return found;
}

/* ---- Weights of classes ---------------------------------------------------------------------- */

/* The class of a name in the dataset, or of a number; `classes` if there is none. */
static size_t find_class(const char *name, char *const *names, size_t count, size_t classes) {
  for (size_t i = 0; i < count && i < classes; i++) {
    if (strcmp(name, names[i]) == 0) return i;
  }
  char *end;
  unsigned long number = strtoul(name, &end, 10);
  bool is_number = *name >= '0' && *name <= '9' && *end == '\0';
  return is_number && number < classes ? number : classes;
}

static int set_named(const ls_plan *plan, size_t head, const ls_named_reals *given,
                     double *weights) {
  const ls_target *target = &plan->heads[head].target;
  const size_t classes = (size_t)target->classes;
  char **names = NULL;
  size_t count = 0;
  int status = ls_dataset_class_names(plan->dataset, plan->head_target[head], &names, &count);
  for (size_t i = 0; i < classes; i++) weights[i] = 1;
  for (size_t i = 0; i < given->names.count && status == LS_OK; i++) {
    size_t class = find_class(given->names.items[i], names, count, classes);
    if (class < classes) {
      weights[class] = given->values[i];
    } else {
      status =
          ls_fail(LS_INVALID, "%s: class_weight: '%s' has no class '%s' (expected 0 to %zu%s%s%s)",
                  plan->heads[head].where, target->name, given->names.items[i], classes - 1,
                  count > 0 ? ", or a name such as '" : "", count > 0 ? names[0] : "",
                  count > 0 ? "'" : "");
    }
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

/* Of the classes that have training samples, as compute_class_weight of scikit-learn. */
static int set_balanced(const ls_plan *plan, size_t head, double *weights) {
  const ls_split *split = &plan->split;
  const size_t classes = (size_t)plan->heads[head].target.classes;
  size_t present = 0;
  int32_t *labels = ls_new(plan->dataset->count[LS_TRAIN], sizeof *labels);
  int status = labels ? ls_dataset_labels(plan->dataset, LS_TRAIN, plan->head_target[head], labels)
                      : LS_FAILED;
  if (status == LS_OK) {
    for (size_t i = 0; i < split->train_count; i++) weights[labels[split->train[i]]] += 1;
    for (size_t c = 0; c < classes; c++) present += weights[c] > 0;
    for (size_t c = 0; c < classes; c++) {
      if (weights[c] > 0) weights[c] = (double)split->train_count / ((double)present * weights[c]);
    }
  }
  free(labels);
  return status;
}

/* The balanced weights of a plan that has them already, for the same samples and target; or NULL.
 */
static const double *known_weights(const ls_plan *plan, size_t head) {
  const ls_plan *other = plan->lender;
  if (!other || !other->class_weights[head] ||
      !ls_recipe_objective(&other->recipe, head)->class_weight.word)
    return NULL;
  return other->head_target[head] == plan->head_target[head] ? other->class_weights[head] : NULL;
}

static int find_class_weights(ls_plan *plan, size_t head, const ls_named_reals *given) {
  const ls_target *target = &plan->heads[head].target;
  if (target->classes == 0) {
    return ls_fail(LS_INVALID, "%s: class_weight needs class labels, but %s has values",
                   plan->heads[head].where, target->name);
  }
  double *weights = ls_new((size_t)target->classes, sizeof *weights);
  plan->class_weights[head] = weights;
  if (!weights) return LS_FAILED;
  const double *known = given->word ? known_weights(plan, head) : NULL;
  if (known) {
    memcpy(weights, known, (size_t)target->classes * sizeof *weights);
    return LS_OK;
  }
  return given->word ? set_balanced(plan, head, weights) : set_named(plan, head, given, weights);
}

/* ---- Interface ------------------------------------------------------------------------------- */

int sample_weights_find(ls_plan *plan) {
  const size_t heads = plan->recipe.heads.count > 0 ? plan->recipe.heads.count : 1;
  int status = LS_OK;
  for (size_t i = 0; i < heads && i < LS_MAX_HEADS && status == LS_OK; i++) {
    const ls_named_reals *given = &ls_recipe_objective(&plan->recipe, i)->class_weight;
    plan->head_weight[i] = find_stored(plan->dataset, plan->heads[i].name);
    bool of_classes = given->word || given->names.count > 0;
    if (of_classes && !plan->evaluates_only) status = find_class_weights(plan, i, given);
    plan->heads[i].weighs = of_classes || plan->head_weight[i] < plan->dataset->weight_count;
  }
  return status;
}

void sample_weights_complete(const ls_plan *plan, size_t head, bool training, size_t n,
                             const int32_t *labels, ls_real *weights) {
  const double *of_classes = training && labels ? plan->class_weights[head] : NULL;
  const bool stored = plan->head_weight[head] < plan->dataset->weight_count;
  for (size_t i = 0; i < n && !stored; i++) weights[i] = 1;
  for (size_t i = 0; i < n && of_classes; i++) weights[i] *= (ls_real)of_classes[labels[i]];
}
