/* The command line of `lockstep data`: reading and checking it. Local. */
#ifndef LS_CLI_DATA_REQUEST_H
#define LS_CLI_DATA_REQUEST_H

#include "prepare/conversion.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATA_MOST_WORDS = 4 };

/* What the words name. */
typedef enum data_kind { DATA_PUBLISHED, DATA_GENERATED, DATA_IDX, DATA_FILE } data_kind;

/* A dataset that is generated, with its numbers of samples. */
typedef struct data_generator {
  const char *name;
  uint64_t train, test;
} data_generator;

extern const data_generator data_digits, data_clock;

/* The command line, from which texts are borrowed. */
typedef struct data_request {
  const char *words[DATA_MOST_WORDS]; /* a dataset's name, files or a folder */
  size_t word_count;
  const char *output; /* NULL: in the folder for datasets */
  const char *title;  /* NULL: the first file's name */
  bool from_idx, force, describe;
  bool clock_options;      /* --size or --rotation was given */
  const char *file_option; /* one that was given, or NULL */
  uint64_t seed;
  bool seed_given;
  const char *train_text, *test_text; /* NULL: not given */
  uint64_t size, rotation;
  ls_conversion conversion;
  /* Set by data_request_check: */
  data_kind kind;
  const data_generator *generator;
  uint64_t train, test; /* samples to generate */
} data_request;

extern const struct argp data_parser;

/* The request before the command line is read. */
data_request data_request_default(void);

/* Checks arguments that depend on one another, which argp does not do, and completes the request.
 */
int data_request_check(data_request *r);

/* The command in a normal form, to be freed: equal for equal datasets. */
char *data_request_history(const data_request *r);

#endif
