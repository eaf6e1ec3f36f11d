/* The dataset of a trial as its model files describe it. */
#include "trial/data_description.h"

#include "data/description.h"
#include "lockstep/error.h"

/* An output of one unit is the probability of the second of two classes. */
static size_t count_classes(const ls_head *head) {
  if (head->spec.target.input || head->spec.target.classes == 0) return 0;
  const size_t width = (size_t)ls_shape_size(&head->output);
  return width == 1 ? 2 : width;
}

static int describe_output(ls_memory *memory, ls_output_description *out, const ls_plan *plan,
                           size_t head) {
  char **names = NULL;
  const size_t target = plan->head_target[head];
  static const double half = 0.5; /* unless the job tunes another one */
  out->classes = count_classes(&plan->model->heads[head]);
  if (out->classes == 2) {
    out->thresholds = &half;
    out->threshold_count = 1;
  }
  if (plan->model->heads[head].spec.target.input) return LS_OK;
  int status = out->classes > 0
                   ? ls_dataset_class_names(plan->dataset, target, &names, &out->name_count)
                   : ls_dataset_value_names(plan->dataset, target, &names, &out->name_count);
  if (status != LS_OK || out->name_count == 0) return status;
  for (size_t i = 0; i < out->name_count; i++) ls_memory_keep(memory, names[i]);
  out->names = ls_memory_keep(memory, names);
  return ls_memory_status(memory);
}

int ls_plan_describe_data(ls_memory *memory, ls_data_description *out, const ls_plan *plan) {
  char *encoding = NULL;
  *out =
      (ls_data_description){.scale = plan->dataset->scale, .output_count = plan->model->head_count};
  out->outputs = ls_memory_new(memory, out->output_count, sizeof *out->outputs);
  int status = ls_memory_status(memory);
  if (status == LS_OK) status = ls_dataset_encoding(plan->dataset, &encoding);
  if (encoding) out->encoding = ls_memory_keep(memory, encoding);
  for (size_t h = 0; h < out->output_count && status == LS_OK; h++) {
    status = describe_output(memory, &out->outputs[h], plan, h);
  }
  return status == LS_OK ? ls_memory_status(memory) : status;
}
