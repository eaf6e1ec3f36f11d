/* Embeddings: samples of a dataset, or what layers of trained models make of them, projected to two
 * dimensions, and how well their classes are separated there. See embed.h for the methods. */
#ifndef LS_STUDY_EMBED_EMBED_H
#define LS_STUDY_EMBED_EMBED_H

#include "study/model/trained.h"
#include "study/provenance.h"

#include <stdio.h>

typedef enum ls_embed_method { LS_EMBED_PCA, LS_EMBED_TSNE, LS_EMBED_METHODS } ls_embed_method;

/* Texts and lists are borrowed. */
typedef struct ls_embedding_options {
  const char *const *models; /* files; none: the samples themselves are projected */
  size_t model_count;
  const char *const *layers; /* of each model */
  size_t layer_count;
  const char *dataset; /* NULL: the models' own */
  ls_split_name split;
  size_t first; /* so many samples, the first ones; 0: all */
  const ls_embed_method *methods;
  size_t method_count;
  double perplexity;
  size_t neighbours; /* of which the neighbouring hit is */
  bool random;       /* t-SNE begins at random positions, made of `seed`; else at the components */
  uint64_t seed;
  const char *output;
  ls_provenance notes;
} ls_embedding_options;

/* Collective: writes the labelled HDF5 file `output` and the figures OUTPUT_hulls and
 * OUTPUT_ellipses (SVG and PNG), and prints a table to `out`, all on rank 0. The same bits for any
 * number of ranks. LS_INVALID for a layer that isn't there, models of different samples, samples
 * without classes, a class of one or two samples, a perplexity or number of neighbours that so few
 * samples don't have. */
int ls_embedding(const ls_embedding_options *options, const ls_group *world, FILE *out);

#endif
