/* Collecting warnings about jobs. */
#include "run/warnings.h"

#include "base/node_memory.h"
#include "base/print.h"
#include "base/text.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "nn/families.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Classes that a warning lists. */
enum { MOST_LISTED = 8 };

/* Records the text, which it takes over, after the place in the job and, of a sweep, the trial. */
static int add(ls_warnings *w, ls_warning_kind kind, size_t head, const ls_job *job, size_t trial,
               const char *where, char *text) {
  char name[256];
  ls_job_trial_name(job, trial, name, sizeof name);
  const char *of = ls_job_points(job) > 1 || ls_job_folds(job) > 0 ? name : "";
  if (text) {
    w->texts[kind][head] = ls_memory_text(&w->memory, "%s: %s%s%s%s", where, text,
                                          *of ? " (trial " : "", of, *of ? ")" : "");
  }
  int status = text ? ls_memory_status(&w->memory) : LS_FAILED;
  free(text);
  return status;
}

/* The same of a text that is not finished, at a place that it takes over, too. */
static int add_at(ls_warnings *w, ls_warning_kind kind, size_t head, const ls_job *job,
                  size_t trial, char *where, ls_text *text) {
  int status = where ? add(w, kind, head, job, trial, where, ls_text_take(text)) : LS_FAILED;
  ls_text_free(text);
  free(where);
  return status;
}

/* ---- Classes without samples ----------------------------------------------------------------- */

static void forget_labels(ls_warnings *w) {
  for (size_t i = 0; i < LS_MAX_TARGETS; i++) {
    for (size_t part = 0; part < LS_PART_COUNT; part++) {
      free(w->labels[i][part]);
      w->labels[i][part] = NULL;
    }
  }
  free(w->path);
  w->path = NULL;
}

/* Reads the labels of a target, once for each dataset. */
static int read_labels(ls_warnings *w, const ls_dataset *dataset, size_t target, ls_part part,
                       const int32_t **labels) {
  if (!w->path || strcmp(w->path, dataset->path) != 0) {
    forget_labels(w);
    w->path = ls_copy_text(dataset->path);
    if (!w->path) return LS_FAILED;
  }
  int32_t **kept = &w->labels[target][part];
  int status = LS_OK;
  if (!*kept) {
    *kept = ls_new(dataset->count[part], sizeof **kept);
    status = *kept ? ls_dataset_labels(dataset, part, target, *kept) : LS_FAILED;
  }
  *labels = *kept;
  return status;
}

/* The samples of each class, [class], among `count` samples; to be freed. */
static size_t *count_classes(const int32_t *labels, const uint32_t *samples, size_t count,
                             size_t classes) {
  size_t *found = ls_new(classes, sizeof *found);
  for (size_t i = 0; found && i < count; i++) found[labels[samples[i]]]++;
  return found;
}

static void list_missing(ls_text *text, const size_t *found, size_t classes) {
  size_t missing = 0, listed = 0;
  for (size_t c = 0; c < classes; c++) missing += found[c] == 0;
  ls_text_add(text, "%zu of %zu classes", missing, classes);
  for (size_t c = 0; c < classes && listed < MOST_LISTED; c++) {
    if (found[c] == 0) ls_text_add(text, "%s%zu", listed++ == 0 ? " (" : ", ", c);
  }
  ls_text_add(text, missing > listed ? ", ...)" : ")");
}

static bool misses_one(const size_t *found, size_t classes) {
  size_t c = 0;
  while (c < classes && found[c] > 0) c++;
  return c < classes;
}

static int check_classes(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan,
                         size_t head, ls_warning_kind kind) {
  const ls_split *split = &plan->split;
  bool training = kind == LS_WARN_TRAINING_CLASSES;
  size_t target = plan->head_target[head], classes = (size_t)plan->heads[head].target.classes;
  const int32_t *labels = NULL;
  int status =
      read_labels(w, plan->dataset, target, training ? LS_TRAIN : split->validation_part, &labels);
  if (status != LS_OK) return status;
  size_t *found = count_classes(labels, training ? split->train : split->validation,
                                training ? split->train_count : split->validation_count, classes);
  if (!found) return LS_FAILED;
  if (misses_one(found, classes)) {
    const ls_choice *validation = &plan->recipe.dataset.validation;
    bool ordered = validation->type == &ls_validation_fraction &&
                   !((const ls_validation_fraction_args *)validation->args)->stratified;
    ls_text text = {0};
    list_missing(&text, found, classes);
    ls_text_add(&text, " of '%s' have no %s samples%s", plan->heads[head].target.name,
                training ? "training" : "validation",
                ordered ? " (expected some of each, such as by validation: {fraction: {fraction: "
                          "..., stratified: true}})"
                        : "");
    char *where = ls_job_place(job, "dataset", training ? NULL : "validation");
    status = add_at(w, kind, head, job, trial, where, &text);
  }
  free(found);
  return status;
}

/* ---- Outputs --------------------------------------------------------------------------------- */

/* Whether the layer passes its input's values on, so that their range is that of a layer before. */
static bool keeps_range(const ls_layer *layer) {
  static const char *const names[] = {
      "activity_regularization", "dropout",       "flatten",     "reshape",
      "average_pooling2d",       "max_pooling2d", "upsampling2d"};
  const char *name = layer->type->component.name;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return strncmp(name, "global_", strlen("global_")) == 0;
}

/* The activation of a head's outputs; NULL where none of the model's layers determines it. */
static const ls_component *output_activation(const ls_model *model, const ls_head *head) {
  if (head->fused) return &head->loss->fuses->component;
  size_t i = head->end;
  while (i > 0 && keeps_range(&model->layers[i - 1])) i--;
  if (i == 0) return NULL;
  const ls_layer *last = &model->layers[i - 1];
  if (last->type == &ls_layer_activation) return last->activation->type;
  return &ls_activation_linear.component;
}

/* What a loss takes, and the activation that suits it best, by ls_output_range. */
static const struct {
  const char *takes, *expected;
} ranges[] = {
    [LS_PROBABILITY_OUTPUTS] = {"probabilities", "sigmoid"},
    [LS_DISTRIBUTION_OUTPUTS] = {"probabilities", "softmax"},
    [LS_POSITIVE_OUTPUTS] = {"positive values", "exponential"},
    [LS_SIGNED_OUTPUTS] = {"values of both signs", "linear"},
};

static bool is_among(const ls_component *activation, const ls_activation_type *const *types,
                     size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (activation == &types[i]->component) return true;
  }
  return false;
}

/* Whether the activation's values are what the loss is made for. */
static bool fits(const ls_component *activation, ls_output_range range) {
  static const ls_activation_type *const positive[] = {
      &ls_activation_softmax, &ls_activation_sigmoid, &ls_activation_hard_sigmoid,
      &ls_activation_exponential, &ls_activation_softplus};
  const size_t count = sizeof positive / sizeof *positive, probabilities = 3;
  if (range == LS_ANY_OUTPUTS) return true;
  if (range == LS_PROBABILITY_OUTPUTS) return is_among(activation, positive, probabilities);
  if (range != LS_SIGNED_OUTPUTS) return is_among(activation, positive, count);
  return !is_among(activation, positive, count) && activation != &ls_activation_relu.component;
}

/* Records that outputs of `activation` are not the `wanted` ones that a loss or metric takes. */
static int add_range(ls_warnings *w, ls_warning_kind kind, size_t head, const ls_job *job,
                     size_t trial, const char *where, ls_output_range wanted,
                     const ls_component *activation) {
  ls_text text = {0};
  ls_text_add(&text, "takes %s, but the activation of the model's output is %s (expected %s)",
              ranges[wanted].takes, activation->name, ranges[wanted].expected);
  return add(w, kind, head, job, trial, where, ls_text_take(&text));
}

/* Warns of the first metric that takes other outputs. */
static int check_metrics(ls_warnings *w, const ls_job *job, size_t trial, const ls_head *h,
                         size_t head, const ls_component *activation) {
  const bool of_classes = h->spec.target.classes > 0 && ls_shape_size(&h->output) > 1;
  for (size_t i = 0; i < h->metric_count; i++) {
    const ls_choice *metric = ls_head_metric(h, i);
    const ls_metric_type *type = (const ls_metric_type *)metric->type;
    if (fits(activation, type->outputs)) continue;
    ls_output_range wanted = of_classes ? LS_DISTRIBUTION_OUTPUTS : type->outputs;
    return add_range(w, LS_WARN_METRIC, head, job, trial, metric->where, wanted, activation);
  }
  return LS_OK;
}

static int check_loss(ls_warnings *w, const ls_job *job, size_t trial, const ls_head *h,
                      size_t head, const ls_component *activation) {
  const char *where = h->spec.loss.where;
  if (activation == &ls_activation_softmax.component && h->output.extent[h->output.rank - 1] == 1) {
    char *text = ls_copy_text("the softmax of a single output is always 1 (expected sigmoid)");
    return add(w, LS_WARN_OUTPUTS, head, job, trial, where, text);
  }
  if (fits(activation, h->loss->outputs)) return LS_OK;
  return add_range(w, LS_WARN_OUTPUTS, head, job, trial, where, h->loss->outputs, activation);
}

static int check_outputs(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan,
                         size_t head) {
  const ls_head *h = &plan->model->heads[head];
  const ls_component *activation = output_activation(plan->model, h);
  int status = LS_OK;
  if (!activation) return status;
  if (!w->texts[LS_WARN_OUTPUTS][head]) status = check_loss(w, job, trial, h, head, activation);
  if (status != LS_OK || w->texts[LS_WARN_METRIC][head]) return status;
  return check_metrics(w, job, trial, h, head, activation);
}

/* ---- Files elsewhere ------------------------------------------------------------------------- */

static int check_files(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan) {
  const char *file = NULL;
  int status = ls_plan_misplaced_file(&file, plan);
  if (status != LS_OK || !file) return status;
  const bool of_dataset = file == plan->recipe.dataset.file;
  char *where = ls_job_place(job, of_dataset ? "dataset" : "model", of_dataset ? "file" : NULL);
  ls_text text = {0};
  ls_text_add(&text, "'%s' is not in the job's folder %s: the one in the working directory is used",
              file, plan->recipe.folder);
  return add_at(w, LS_WARN_FOLDER, 0, job, trial, where, &text);
}

/* ---- Samples that do not fit in memory ------------------------------------------------------- */

/* Warns of all samples being shuffled where a node has no room for them. The buffer that is
 * proposed takes an eighth of the memory. */
static int check_memory(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan) {
  const double gibibyte = 1 << 30;
  const ls_dataset *d = plan->dataset;
  if (w->node_memory == 0) w->node_memory = ls_node_memory();
  const size_t memory = w->node_memory, bytes = d->count[LS_TRAIN] * d->input_bytes;
  if (bytes <= memory || ls_plan_shuffles_blocks(plan)) return LS_OK;
  char *where = ls_job_place(job, "dataset", NULL);
  ls_text text = {0};
  ls_text_add(&text,
              "its training samples take %.1f GiB, and this node has %.1f GiB of memory: in random "
              "order most are read from the disk one by one (expected shuffle_buffer_size: %zu, or "
              "trials on several nodes)",
              (double)bytes / gibibyte, (double)memory / gibibyte, memory / 8 / d->input_bytes);
  return add_at(w, LS_WARN_MEMORY, 0, job, trial, where, &text);
}

/* ---- Sample weights that are not used -------------------------------------------------------- */

static bool has_head(const ls_plan *plan, const char *name) {
  for (size_t i = 0; i < plan->model->head_count; i++) {
    if (plan->heads[i].name && strcmp(plan->heads[i].name, name) == 0) return true;
  }
  return false;
}

static int check_weights(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan) {
  static const char prefix[] = "weight_";
  const ls_dataset *dataset = plan->dataset;
  for (size_t i = 0; i < dataset->weight_count; i++) {
    const char *name = dataset->weights[i].name;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) continue;
    if (has_head(plan, name + sizeof prefix - 1)) continue;
    char *where = ls_job_place(job, "dataset", plan->recipe.dataset.file ? "file" : "name");
    ls_text text = {0};
    ls_text_add(&text, "the sample weights /train/%s are not used: the model has no head '%s'",
                name, name + sizeof prefix - 1);
    return add_at(w, LS_WARN_WEIGHTS, 0, job, trial, where, &text);
  }
  return LS_OK;
}

/* ---- Interface ------------------------------------------------------------------------------- */

/* Whether an earlier head has the same target. */
static bool is_repeated(const ls_plan *plan, size_t head) {
  for (size_t i = 0; i < head; i++) {
    bool input = plan->heads[i].target.input;
    if (!input && plan->head_target[i] == plan->head_target[head]) return true;
  }
  return false;
}

/* Whether the classes of a target were counted among the samples of the split, which is another
 * plan's. If not, they will be. */
static bool is_counted(ls_warnings *w, const ls_plan *plan, size_t target) {
  const ls_plan *owner = plan->lender ? plan->lender : plan;
  for (size_t i = 0; i < w->counted_count && plan->lender; i++) {
    if (w->counted[i].owner == owner && w->counted[i].target == target) return true;
  }
  const size_t most = sizeof w->counted / sizeof *w->counted;
  if (w->counted_count < most) w->counted[w->counted_count++] = (ls_counted){owner, target};
  return false;
}

int ls_warnings_add(ls_warnings *w, const ls_job *job, size_t trial, const ls_plan *plan) {
  int status = w->texts[LS_WARN_FOLDER][0] ? LS_OK : check_files(w, job, trial, plan);
  if (status == LS_OK && !w->texts[LS_WARN_MEMORY][0]) {
    status = check_memory(w, job, trial, plan);
  }
  if (status == LS_OK && !w->texts[LS_WARN_WEIGHTS][0]) {
    status = check_weights(w, job, trial, plan);
  }
  for (size_t head = 0; head < plan->model->head_count && status == LS_OK; head++) {
    status = check_outputs(w, job, trial, plan, head);
    if (plan->heads[head].target.classes == 0 || is_repeated(plan, head)) continue;
    if (is_counted(w, plan, plan->head_target[head])) continue;
    for (int kind = LS_WARN_TRAINING_CLASSES; kind <= LS_WARN_VALIDATION_CLASSES; kind++) {
      if (status != LS_OK || w->texts[kind][head]) continue;
      status = check_classes(w, job, trial, plan, head, (ls_warning_kind)kind);
    }
  }
  return status;
}

void ls_warnings_finish(ls_warnings *w) {
  forget_labels(w);
}

void ls_warnings_print(const ls_warnings *w) {
  for (size_t kind = 0; kind < LS_WARNING_KINDS; kind++) {
    for (size_t head = 0; head < LS_MAX_HEADS; head++) {
      if (!w->texts[kind][head]) continue;
      ls_print(stderr, "lockstep: warning: %s\n", w->texts[kind][head]);
    }
  }
}

void ls_warnings_free(ls_warnings *w) {
  forget_labels(w);
  ls_memory_free(&w->memory);
  *w = (ls_warnings){0};
}
