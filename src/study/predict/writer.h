/* Writing predictions, one block after the other: as CSV (write_csv.c) or as a labelled HDF5 file
 * (write_h5.c). A file gets its name when it is complete. Local; on rank 0. */
#ifndef LS_STUDY_PREDICT_WRITER_H
#define LS_STUDY_PREDICT_WRITER_H

#include "study/predict/combine.h"
#include "study/predict/input.h"

/* What is written. All is borrowed. */
typedef struct predict_subject {
  const ls_predict_options *options;
  const ensemble *models;
  const predict_input *input;          /* of which `count` and the names of files are used */
  const head_predictions *predictions; /* [head], of the block to be written */
} predict_subject;

typedef struct predict_writer predict_writer;

typedef struct writer_type {
  /* Writes samples first .. first + n - 1, whose predictions are the subject's. */
  int (*write)(predict_writer *w, size_t first, size_t n);
  int (*finish)(predict_writer *w);
  void (*close)(predict_writer *w);
} writer_type;

struct predict_writer {
  const writer_type *type;
  const predict_subject *subject;
  void *state; /* of the type */
};

/* Opens the output; CSV goes to `out` unless the options name a file. The subject is borrowed. */
int writer_open(predict_writer **out, const predict_subject *subject, FILE *standard);

int writer_write(predict_writer *w, size_t first, size_t n);

/* Completes the output and gives the file its name. */
int writer_finish(predict_writer *w);

/* Removes what is not complete. */
void writer_close(predict_writer **w);

/* For writer_open: set type and state. */
int writer_open_csv(predict_writer *w, FILE *standard);
int writer_open_h5(predict_writer *w);

#endif
