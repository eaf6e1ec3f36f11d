/* The command line of the verbs errors, activations and decode. */
#ifndef LS_CLI_ANALYSIS_H
#define LS_CLI_ANALYSIS_H

#include "cli/arguments.h"
#include "study/model/samples.h"

#include <argp.h>

typedef struct analysis_request {
  const char *verb;
  const char *model, *dataset;
  ls_split_name split;
  ls_analysis_file file;
} analysis_request;

enum { ANALYSIS_KEY_DATASET = 512, ANALYSIS_KEY_SPLIT };

#define ANALYSIS_OPTIONS                                                                           \
  {"output", 'o', "FILE", 0, "Output file (MODEL_VERB.h5)", 0},                                    \
      {"dataset", ANALYSIS_KEY_DATASET, "NAME|FILE", 0, "Dataset (the job's)", 0},                 \
      CLI_PROVENANCE_OPTIONS, {                                                                    \
    "split", ANALYSIS_KEY_SPLIT, "train|validation|test", 0, "Samples to show (test)", 0           \
  }

/* The part of a verb's argp parser that reads these and MODEL.h5, which must be given once. */
error_t analysis_parse(analysis_request *request, int key, char *value, struct argp_state *state);

/* Reads integers separated by commas, at most `most`; LS_INVALID naming the option. */
int analysis_numbers(uint32_t *numbers, size_t *count, size_t most, const char *option,
                     const char *text);

/* What a verb works with. */
typedef struct analysis_subject {
  ls_trained *model;
  char *output, *command;
  ls_analysis_file file; /* with these two */
} analysis_subject;

/* Collective: starts what computes, and opens the model. */
int analysis_open(analysis_subject *subject, const analysis_request *request, int argc, char **argv,
                  const ls_group *world);
void analysis_close(analysis_subject *subject);

#endif
