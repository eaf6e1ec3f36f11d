/* The result of an embedding: plan.c lists what is projected, embed.c finds positions,
 * separation.c measures them, write.c and draw.c present both. */
#ifndef LS_STUDY_EMBED_RESULT_H
#define LS_STUDY_EMBED_RESULT_H

#include "study/embed/embed.h"
#include "study/embed/projection.h"
#include "study/model/classes.h"
#include "study/model/labelled.h"

typedef struct embed_projection {
  const char *name; /* "t-SNE of dense (c2_mlp)" */
  ls_embed_method method;
  double fractions[2]; /* of the total variance, of principal components; else NaN */
  double divergence;   /* Kullback-Leibler, of t-SNE; else NaN */
  double neighbouring_hit, silhouette;
  double hull_overlap, ellipse_overlap; /* shared areas of all pairs by the sum of all areas */
} embed_projection;

/* Areas are shared by two classes [class, class], with the classes' own areas on the diagonal; NaN
 * where a class has no points. */
typedef struct embed_result {
  const ls_embed_options *options;
  ls_memory memory;
  ls_trained **models;
  size_t *layers;            /* [model, layer], see ls_trained_layer */
  const ls_dataset *dataset; /* of the first model; without models `own` */
  ls_dataset *own;
  ls_part part;
  ls_samples samples;
  int32_t *labels; /* [sample] */
  ls_classes classes;
  size_t count; /* of projections */
  embed_projection *projections;
  double *positions;  /* [projection, sample, 2] */
  double *hull_areas; /* [projection, class, class] */
  double *ellipse_areas;
  ls_ellipse *ellipses; /* [projection, class] */
  /* Of all hulls, one after another. That of class c of projection p has the vertices from
   * hull_begin[p * classes + c] on. */
  size_t *hull_begin;
  double *vertices; /* [vertex, 2] */
  int32_t *vertex_projection, *vertex_class;
} embed_result;

/* Collective: opens the models, chooses the samples, checks the options. */
int embed_plan(embed_result *r, const ls_group *world);

/* On one rank: measures of separation, for all projections. */
int embed_separate(embed_result *r);

/* See ls_output; the argument is an embed_result. */
void embed_write(labelled *l, const void *result);
void embed_draw(labelled *l, const void *result);
void embed_print(const void *result, FILE *out);

#endif
