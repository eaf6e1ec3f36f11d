/* The command line of the verbs errors, activations and decode. */
#include "cli/analysis.h"

#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

error_t analysis_parse(analysis_request *r, int key, char *value, struct argp_state *state) {
  (void)state;
  char option[48];
  switch (key) {
  case ANALYSIS_KEY_DATASET:
    r->dataset = value;
    return 0;
  case ANALYSIS_KEY_SPLIT:
    snprintf(option, sizeof option, "%s: --split", r->verb);
    return cli_parsed(ls_split_name_read(&r->split, option, value));
  case ARGP_KEY_ARG:
    if (r->model) {
      return cli_parsed(
          ls_fail(LS_INVALID, "%s: one model at a time (not '%s' as well)", r->verb, value));
    }
    r->model = value;
    return 0;
  case ARGP_KEY_END:
    if (r->model) return 0;
    return cli_parsed(ls_fail(LS_INVALID, "%s: no model file given (expected MODEL.h5)", r->verb));
  default:
    return cli_parse_analysis_file(&r->file, key, value);
  }
}

int analysis_numbers(uint32_t *numbers, size_t *count, size_t most, const char *option,
                     const char *text) {
  *count = 0;
  for (const char *at = text;;) {
    char word[24];
    uint64_t number = 0;
    size_t length = strcspn(at, ",");
    snprintf(word, sizeof word, "%.*s", (int)length, at);
    int status = cli_number(&number, option, word, 0, UINT32_MAX);
    if (status != LS_OK) return status;
    if (*count == most) {
      return ls_fail(LS_INVALID, "%s: too many (expected at most %zu)", option, most);
    }
    numbers[(*count)++] = (uint32_t)number;
    if (!at[length]) return LS_OK;
    at += length + 1;
  }
}

int analysis_open(analysis_subject *s, const analysis_request *r, int argc, char **argv,
                  const ls_group *world) {
  ls_trained_options options = {.dataset = r->dataset};
  *s = (analysis_subject){.command = cli_command_line(argc, argv), .file = r->file};
  s->output = r->file.path ? ls_copy_text(r->file.path) : cli_output_beside(r->model, r->verb);
  s->file.command = s->command;
  s->file.path = s->output;
  int status = s->output && s->command ? cli_check_output(s->output) : LS_FAILED;
  if (status == LS_OK) status = ls_compute_start();
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = cli_make_dataset(r->dataset, world);
  return status == LS_OK ? ls_trained_open(&s->model, r->model, &options, world) : status;
}

void analysis_close(analysis_subject *s) {
  ls_trained_free(&s->model);
  free(s->output);
  free(s->command);
}
