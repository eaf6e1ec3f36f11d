/* Making dataset files: what comes from where, under which title and with which classes. */
#include "prepare/prepare.h"

#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "prepare/clock_faces.h"
#include "prepare/digits.h"
#include "prepare/fetch.h"
#include "prepare/idx.h"
#include "prepare/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CLASSES = 256 }; /* labels are bytes */

/* Saves two sets whose classes have no other names than their numbers; there are as many as labels
 * need, and at least content.class_count. */
static int save_numbered(const char *path, ls_dataset_content content) {
  size_t train = ls_image_set_classes(content.train), test = ls_image_set_classes(content.test);
  char digits[MAX_CLASSES][sizeof "255"];
  const char *names[MAX_CLASSES];
  if (content.class_count < train) content.class_count = train;
  if (content.class_count < test) content.class_count = test;
  content.class_names = names;
  for (size_t i = 0; i < content.class_count; i++) {
    snprintf(digits[i], sizeof digits[i], "%u", (unsigned)(uint8_t)i);
    names[i] = digits[i];
  }
  return ls_writer_save(path, &content);
}

const char *const ls_prepare_names[] = {"mnist", "fashion_mnist", "digits", "clock"};
const size_t ls_prepare_name_count = sizeof ls_prepare_names / sizeof *ls_prepare_names;

/* The published dataset of that name, or NULL with the error recorded. */
static const ls_published *find_published(const char *name) {
  for (size_t i = 0; i < LS_PUBLISHED_COUNT; i++) {
    if (strcmp(name, ls_published_datasets[i].name) == 0) return &ls_published_datasets[i];
  }
  const char *nearest = ls_nearest_name(name, ls_prepare_names, ls_prepare_name_count);
  if (nearest) {
    ls_fail(LS_INVALID, "data: there is no dataset '%s' (did you mean '%s'?)", name, nearest);
  } else {
    ls_fail(LS_INVALID,
            "data: there is no dataset or file '%s' (expected mnist, fashion_mnist, digits, clock, "
            "or a file)",
            name);
  }
  return NULL;
}

static int save_published(const char *path, const char *history, const ls_published *known,
                          const char *from, const ls_image_set *train, const ls_image_set *test) {
  ls_text text = {0};
  ls_text_add(&text, "IDX files verified by checksum, from %s", from);
  char *source = ls_text_take(&text);
  if (!source) return LS_FAILED;
  const ls_dataset_content content = {.title = known->title,
                                      .source = source,
                                      .history = history,
                                      .class_names = known->class_names,
                                      .class_count = known->class_count,
                                      .train = train,
                                      .test = test};
  int status = ls_writer_save(path, &content);
  free(source);
  return status;
}

int ls_prepare_published(const char *path, const char *history, const char *name) {
  const ls_published *known = find_published(name);
  if (!known) return LS_INVALID;
  ls_image_set train, test;
  const char *from = NULL;
  int status = ls_fetch(&train, &test, &from, known);
  if (status == LS_OK) status = save_published(path, history, known, from, &train, &test);
  ls_image_set_clear(&train);
  ls_image_set_clear(&test);
  return status;
}

static char *name_files(const ls_idx_paths *files) {
  ls_text text = {0};
  ls_text_add(&text, "IDX files %s, %s", files->train_images, files->train_labels);
  if (files->test_images) {
    ls_text_add(&text, ", %s, %s", files->test_images, files->test_labels);
  }
  return ls_text_take(&text);
}

int ls_prepare_idx(const char *path, const char *history, const char *title,
                   const ls_idx_paths *files) {
  ls_image_set train = {0}, test = {0};
  char *source = name_files(files);
  int status = source ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    status = ls_idx_read(&train, (ls_idx_file){.path = files->train_images},
                         (ls_idx_file){.path = files->train_labels});
  }
  if (status == LS_OK && files->test_images) {
    status = ls_idx_read(&test, (ls_idx_file){.path = files->test_images},
                         (ls_idx_file){.path = files->test_labels});
  }
  if (status == LS_OK) {
    status = save_numbered(
        path,
        (ls_dataset_content){
            .title = title, .source = source, .history = history, .train = &train, .test = &test});
  }
  ls_image_set_clear(&train);
  ls_image_set_clear(&test);
  free(source);
  return status;
}

int ls_prepare_digits(const char *path, const char *history, uint64_t seed, size_t train_count,
                      size_t test_count) {
  ls_image_set train = {0}, test = {0};
  int status = ls_digits_draw(&train, seed, LS_DIGITS_TRAIN, train_count);
  if (status == LS_OK) status = ls_digits_draw(&test, seed, LS_DIGITS_TEST, test_count);
  if (status == LS_OK) {
    status = save_numbered(path, (ls_dataset_content){.title = "Generated digits",
                                                      .source = "generated by lockstep " LS_VERSION,
                                                      .history = history,
                                                      .class_count = 10,
                                                      .train = &train,
                                                      .test = &test});
  }
  ls_image_set_clear(&train);
  ls_image_set_clear(&test);
  return status;
}

int ls_prepare_clock_faces(const char *path, const char *history,
                           const ls_clock_faces_options *options) {
  static const char *const hours[LS_CLOCK_FACES_HOURS] = {"12", "1", "2", "3", "4",  "5",
                                                          "6",  "7", "8", "9", "10", "11"};
  ls_image_set train = {0}, test = {0};
  int status = ls_clock_faces_draw(&train, options, LS_CLOCK_FACES_TRAIN, options->train_count);
  if (status == LS_OK)
    status = ls_clock_faces_draw(&test, options, LS_CLOCK_FACES_TEST, options->test_count);
  if (status == LS_OK) {
    const ls_dataset_content content = {.title = "Generated clocks",
                                        .source = "generated by lockstep " LS_VERSION,
                                        .history = history,
                                        .class_names = hours,
                                        .class_count = LS_CLOCK_FACES_HOURS,
                                        .label_name = "hour",
                                        .value_name = "minute",
                                        .train = &train,
                                        .test = &test};
    status = ls_writer_save(path, &content);
  }
  ls_image_set_clear(&train);
  ls_image_set_clear(&test);
  return status;
}

int ls_prepare_history(char **history, const char *path) {
  *history = NULL;
  hid_t file = -1;
  int status = ls_h5_open(&file, path);
  if (status == LS_OK && ls_h5_has_attribute(file, ".", "history")) {
    status = ls_h5_get_text(file, ".", "history", history);
  }
  ls_h5_close(&file);
  return status;
}
