/* The result of decoding: what decode.c and generate.c find, write.c writes and draw.c draws. */
#ifndef LS_STUDY_DECODE_RESULT_H
#define LS_STUDY_DECODE_RESULT_H

#include "study/decode/decode.h"
#include "study/model/classes.h"
#include "study/model/labelled.h"

typedef struct decode_result {
  const ls_trained *model;
  const ls_decode_options *options;
  ls_part part;
  size_t head;  /* whose output is like the input */
  size_t layer; /* see ls_trained_layer */
  size_t image_size, code_size;
  ls_classes classes;  /* of the generated inputs; count 0: none are generated */
  size_t pairs;        /* of a sample and the next */
  ls_memory memory;    /* of the arrays */
  ls_real *images;     /* [sample, ...] */
  ls_real *noisy;      /* [level, sample, ...] */
  ls_real *cleaned;    /* [level, sample, ...], reconstructions of these */
  double *errors;      /* [level, sample], mean squared, of reconstructions */
  ls_real *codes;      /* [sample, unit] */
  double *fractions;   /* [step], of the way from one code to the next */
  ls_real *between;    /* [pair, step, ...] */
  double *means;       /* [class, unit] */
  double *covariances; /* [class, unit, unit] */
  ls_real *drawn;      /* codes [class, draw, unit] */
  ls_real *generated;  /* [class, draw, ...] */
} decode_result;

/* Collective: fits the Gaussians, and draws codes on rank 0. */
int decode_draw_codes(decode_result *r, const ls_group *world);

/* See ls_output; the argument is a decode_result. */
void decode_write(labelled *l, const void *result);
void decode_draw(labelled *l, const void *result);
void decode_print(const void *result, FILE *out);

#endif
