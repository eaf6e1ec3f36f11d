/* What the command lines of errors, activations and decode have in common. */
#ifndef LS_CLI_INSPECT_H
#define LS_CLI_INSPECT_H

#include "cli/arguments.h"
#include "study/model/trained.h"

#include <argp.h>

typedef struct inspect_request {
  const char *verb;
  const char *model, *dataset, *output;
  ls_split_name split;
  ls_provenance notes;
} inspect_request;

enum { INSPECT_KEY_DATASET = 512, INSPECT_KEY_SPLIT };

#define INSPECT_OPTIONS                                                                            \
  {"output", 'o', "FILE", 0, "Output file (MODEL_VERB.h5)", 0},                                    \
      {"dataset", INSPECT_KEY_DATASET, "NAME|FILE", 0, "Dataset (the job's)", 0},                  \
      CLI_NOTES_OPTIONS, {                                                                         \
    "split", INSPECT_KEY_SPLIT, "train|validation|test", 0, "Samples to show (test)", 0            \
  }

/* The part of a verb's argp parser that reads these and MODEL.h5, which must be given once. */
error_t inspect_parse(inspect_request *request, int key, char *value, struct argp_state *state);

/* Reads whole numbers separated by commas, at most `most`; LS_INVALID naming the option. */
int inspect_numbers(uint32_t *numbers, size_t *count, size_t most, const char *option,
                    const char *text);

/* What a verb works with. */
typedef struct inspect_subject {
  ls_trained *model;
  char *output, *command;
  ls_provenance notes; /* with the command */
} inspect_subject;

/* Collective: starts what computes, and opens the model. */
int inspect_open(inspect_subject *subject, const inspect_request *request, int argc, char **argv,
                 const ls_group *world);
void inspect_close(inspect_subject *subject);

#endif
