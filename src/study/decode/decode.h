/* Inside the analysis of decoders: what has been computed. */
#ifndef LS_STUDY_DECODE_DECODE_H
#define LS_STUDY_DECODE_DECODE_H

#include "study/inspect.h"
#include "study/model/classes.h"

typedef struct decoding {
  const ls_trained *model;
  const ls_decode_options *options;
  ls_part part;
  size_t head;  /* that gives back the input */
  size_t layer; /* see ls_trained_layer */
  size_t image_size, code_size;
  bool classified; /* the dataset has classes, and inputs are to be generated */
  classes classes;
  ls_real *images;          /* [sample, ...] */
  ls_real *noisy, *cleaned; /* [level, sample, ...] */
  ls_real *codes;           /* [sample, unit] */
  ls_real *between;         /* [pair, step, ...] */
  double *means;            /* [class, unit] */
  double *covariances;      /* [class, unit, unit] */
  ls_real *drawn;           /* codes [class, draw, unit] */
  ls_real *generated;       /* [class, draw, ...] */
} decoding;

/* Pairs of samples between which is interpolated. */
size_t decoding_pairs(const decoding *d);

/* The share of the way at a step. */
double decoding_share(const decoding *d, size_t step);

/* Runs codes [count, unit] through the decoder into images [count, ...], piece by piece. On one
 * rank. */
int decoding_run(const decoding *d, size_t count, const ls_real *codes, ls_real *images);

/* Collective: fits the Gaussians, draws codes, and generates inputs on rank 0. */
int decoding_generate(decoding *d, const ls_group *world);

/* On one rank: the file and the figures. */
int decoding_write(const decoding *d);

#endif
