/* Writing predictions, one block after the other: as CSV (write_csv.c) or as a labelled HDF5 file
 * (write_h5.c). A file gets its name when it is complete. Local; on rank 0. */
#ifndef LS_STUDY_PREDICT_WRITER_H
#define LS_STUDY_PREDICT_WRITER_H

#include "base/text_file.h"
#include "study/model/labelled.h"
#include "study/predict/combine.h"
#include "study/predict/input.h"

/* What is written. */
typedef struct predict_subject {
  const ls_predict_options *options;
  ensemble models;
  predict_input *input;          /* of which `count` and the names of files are used */
  head_predictions *predictions; /* [head], of the block to be written */
} predict_subject;

typedef struct predict_writer predict_writer;

typedef struct writer_type {
  /* Writes samples first .. first + n - 1, whose predictions are the subject's. */
  int (*write)(predict_writer *w, size_t first, size_t n);
  int (*finish)(predict_writer *w); /* completes the output and gives the file its name */
  void (*close)(predict_writer *w); /* removes what is not complete */
} writer_type;

/* The variables of a head: an axis, what is predicted, the end of the table. */
typedef labelled_variable head_table[8];

struct predict_writer {
  const writer_type *type; /* NULL: not open */
  const predict_subject *subject;
  ls_text_file csv;
  /* Of an HDF5 file: */
  labelled l;
  bool open;
  head_table *heads; /* [head] */
};

/* Open the output of the subject, which is borrowed: set the type and its fields. To be closed even
 * after a failure. CSV goes to `standard` unless the options name a file. */
int writer_open_csv(predict_writer *w, FILE *standard);
int writer_open_h5(predict_writer *w);

#endif
