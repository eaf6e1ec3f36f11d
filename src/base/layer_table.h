/* The layers of a model as a table: plain data that `lockstep check`, results files, pages and
 * diagrams have in common. nn/model/table.h makes it of a model. */
#ifndef LS_BASE_LAYER_TABLE_H
#define LS_BASE_LAYER_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* A layer of the job. Texts are never NULL. */
typedef struct ls_layer_row {
  const char *name;       /* as in model files: "dense_1"; "input" in the first row */
  const char *type;       /* "dense"; "input" */
  const char *activation; /* that it has as an argument; "": none or linear */
  const char *head;       /* of which it is a layer; "": of all, or of the only one */
  const char *output;     /* shape of one sample: "26 x 26 x 32" */
  uint64_t parameters;
  uint8_t frozen; /* 1: training does not change its parameters */
} ls_layer_row;

/* The model's input, the common layers, then those of each head. */
typedef struct ls_layer_table {
  const char *trial; /* the first one with this model; "" where the job has only one */
  ls_layer_row *rows;
  size_t count;
} ls_layer_table;

/* The texts of a row: names of their datasets in a results file, and their places in the struct. */
typedef struct ls_layer_text {
  const char *name;
  size_t offset;
} ls_layer_text;

enum { LS_LAYER_TEXTS = 5 };
extern const ls_layer_text ls_layer_texts[LS_LAYER_TEXTS];

#endif
