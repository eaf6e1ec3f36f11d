/* What is projected: samples with their classes, and the vectors that stand for them. */
#ifndef LS_STUDY_EMBED_VECTORS_H
#define LS_STUDY_EMBED_VECTORS_H

#include "study/embed/embed.h"
#include "study/embed/projection.h"
#include "study/model/classes.h"

/* The samples of an embedding, the same for all its models. */
typedef struct embed_samples {
  const ls_dataset *dataset; /* of the first model; without models `own` */
  ls_dataset *own;
  ls_part part;
  ls_samples chosen;
  int32_t *labels; /* [sample] */
  classes classes;
} embed_samples;

/* Chooses the samples. LS_INVALID if they are not enough or not the same for all models. Local. */
int embed_samples_create(embed_samples *s, const ls_embedding_options *options,
                         ls_trained *const *models);
void embed_samples_destroy(embed_samples *s);

/* Collective: the inputs themselves; the outputs of a layer. x is to be freed after a success. */
int embed_inputs(ls_embed_input *out, const embed_samples *samples, const ls_group *world);
int embed_outputs(ls_embed_input *out, const embed_samples *samples, const ls_trained *model,
                  size_t layer, const ls_group *world);

#endif
