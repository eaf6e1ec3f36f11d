/* Making the dataset file that a request of `lockstep data` asks for. */
#include "cli/data_make.h"

#include "lockstep/error.h"
#include "prepare/prepare.h"

static int generate(const data_request *r, const char *path, const char *history) {
  if (r->generator == &data_digits) {
    return ls_prepare_digits(path, history, r->seed, r->train, r->test);
  }
  const ls_clock_faces_options clock = {r->seed, r->train, r->test, r->size, r->rotation};
  return ls_prepare_clock_faces(path, history, &clock);
}

int data_make(char **summary, data_request *r, const char *path, const char *history) {
  const ls_idx_paths files = {r->words[0], r->words[1], r->words[2], r->words[3]};
  *summary = NULL;
  switch (r->kind) {
  case DATA_IDX:
    return ls_prepare_idx(path, history, r->title ? r->title : r->words[0], &files);
  case DATA_GENERATED:
    return generate(r, path, history);
  case DATA_FILE:
    r->conversion.history = history;
    return ls_convert(summary, path, &r->conversion);
  default:
    return ls_prepare_published(path, history, r->words[0]);
  }
}
