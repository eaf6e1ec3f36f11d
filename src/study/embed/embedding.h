/* Projections of an embedding, and what is made of them on one rank. */
#ifndef LS_STUDY_EMBED_EMBEDDING_H
#define LS_STUDY_EMBED_EMBEDDING_H

#include "study/embed/separation.h"
#include "study/embed/vectors.h"
#include "study/model/labelled.h"

typedef struct projection {
  char *name;   /* "t-SNE of dense (c2_mlp)" */
  char *source; /* "dense (c2_mlp)" */
  ls_embed_method method;
  double *y;         /* [sample, 2] */
  double shares[2];  /* of the whole variance, of principal components; else NaN */
  double divergence; /* Kullback and Leibler's, of t-SNE; else NaN */
  separation separation;
} projection;

typedef struct embedding {
  const ls_embedding_options *options;
  embed_samples samples;
  projection *projections;
  size_t count;
} embedding;

/* On one rank: the file and the figures. */
int embed_write(const embedding *e);
int embed_draw(labelled *l, const embedding *e);
int embed_print(const embedding *e, FILE *out);

#endif
