/* Comparing a dataset with the training data of a model. */
#include "study/model/same_data.h"

#include "data/members.h"
#include "lockstep/error.h"
#include "prepare/encoding.h"
#include "store/checkpoint/model_file.h"
#include "trial/data_description.h"

#include <string.h>

int same_encoding(const char *data, const char *own, const char *model, const char *trained,
                  const char *expected) {
  ls_encoding *one = NULL, *other = NULL;
  int status = ls_encoding_parse(&one, own, data);
  if (status == LS_OK) status = ls_encoding_parse(&other, trained, model);
  if (status == LS_OK && !ls_encoding_is_same(one, other)) {
    status = ls_fail(LS_INVALID,
                     "%s: its inputs were made of columns in another way than those for %s: other "
                     "columns or categories (expected %s)",
                     data, model, expected);
  }
  ls_encoding_free(&one);
  ls_encoding_free(&other);
  return status;
}

static int compare_classes(const ls_trained *t, size_t head, const ls_output_description *own,
                           const ls_output_description *trained) {
  const size_t count =
      own->name_count < trained->name_count ? own->name_count : trained->name_count;
  for (size_t k = 0; k < count; k++) {
    if (strcmp(own->names[k], trained->names[k]) == 0) continue;
    const ls_dataset *dataset = t->plan->dataset;
    char path[MEMBER_PATH];
    member_of_target(path, dataset->described, dataset->targets[t->plan->head_target[head]].name);
    return ls_fail(LS_INVALID,
                   "%s: /%s: %s %zu is '%s' (expected '%s', as in the data that %s was trained on)",
                   dataset->path, path, own->classes > 0 ? "class" : "value", k, own->names[k],
                   trained->names[k], t->path);
  }
  return LS_OK;
}

static int compare(const ls_trained *t, const ls_data_description *own,
                   const ls_data_description *trained) {
  int status = LS_OK;
  if (own->encoding && trained->encoding) {
    status = same_encoding(t->plan->dataset->path, own->encoding, t->path, trained->encoding,
                           "a file that was converted together with the training data, as "
                           "--test of 'lockstep data' does");
  }
  for (size_t h = 0; h < own->output_count && status == LS_OK; h++) {
    status = compare_classes(t, h, &own->outputs[h], &trained->outputs[h]);
  }
  return status;
}

int same_data(const ls_trained *t) {
  ls_memory memory = {0};
  ls_data_description own, trained;
  bool found = false;
  int status =
      ls_model_file_description(&memory, &trained, &found, t->path, t->plan->model->head_count);
  if (status == LS_OK && found) status = ls_plan_describe_data(&memory, &own, t->plan);
  if (status == LS_OK && found) status = compare(t, &own, &trained);
  ls_memory_free(&memory);
  return status;
}
