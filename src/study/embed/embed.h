/* Embedding: samples of a dataset, or outputs of layers of trained models for them, projected to
 * two dimensions, and how well their classes are separated there. See projection.h for the methods.
 */
#ifndef LS_STUDY_EMBED_EMBED_H
#define LS_STUDY_EMBED_EMBED_H

#include "study/model/analysis_file.h"
#include "study/model/samples.h"

#include <stdio.h>

typedef enum ls_embed_method { LS_EMBED_PCA, LS_EMBED_TSNE, LS_EMBED_METHODS } ls_embed_method;

/* Texts and lists are borrowed. */
typedef struct ls_embed_options {
  const char *const *models; /* files; none: the samples themselves are projected */
  size_t model_count;
  const char *const *layers; /* of each model */
  size_t layer_count;
  const char *dataset; /* NULL: the models' own */
  ls_split_name split;
  size_t first; /* number of samples, the first ones; 0: all */
  const ls_embed_method *methods;
  size_t method_count;
  double perplexity;
  size_t neighbours; /* for the neighbouring hit */
  bool random;       /* t-SNE starts at random positions, from `seed`; else at the components */
  uint64_t seed;
  ls_analysis_file file;
} ls_embed_options;

/* Collective: writes the labelled HDF5 file and the figures OUTPUT_hulls and
 * OUTPUT_ellipses (SVG and PNG), and prints a table to `out`, all on rank 0. The same bits for any
 * number of ranks. LS_INVALID for a layer that does not exist, models of different samples, samples
 * without classes, a class of one or two samples, a perplexity or number of neighbours that is too
 * large for the samples. */
int ls_study_embed(const ls_embed_options *options, const ls_group *world, FILE *out);

#endif
