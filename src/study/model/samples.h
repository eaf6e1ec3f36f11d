/* The samples that an analysis works on: those of a split of the trial, or by their numbers. All
 * functions are local. */
#ifndef LS_STUDY_MODEL_SAMPLES_H
#define LS_STUDY_MODEL_SAMPLES_H

#include "study/model/trained.h"

typedef enum ls_split_name { LS_SPLIT_TRAIN, LS_SPLIT_VALIDATION, LS_SPLIT_TEST } ls_split_name;

/* "train", "validation" or "test". */
extern const char *const ls_split_names[];

/* Reads such a name; LS_INVALID with the option. */
int ls_split_name_read(ls_split_name *out, const char *option, const char *text);

/* The numbers of the samples that the trial's split and subset put there, in ascending order, and
 * the part of the dataset that they are of. Where the validation is on the test part, test and
 * validation are the same. LS_INVALID if there are none, or if the part has changed since training
 * and the dataset is not one that the options name. */
int ls_trained_samples(ls_samples *samples, ls_part *part, const ls_trained *trained,
                       ls_split_name which);

/* The same for `count` models, 1 or more. LS_INVALID unless all have the same samples. */
int ls_trained_common_samples(ls_samples *samples, ls_part *part, ls_trained *const *models,
                              size_t count, ls_split_name which);

/* Sets `part` to that of the split. LS_INVALID, naming the verb, if the part of the dataset has no
 * sample of one of these numbers. */
int ls_trained_find_samples(ls_part *part, const ls_trained *trained, ls_split_name which,
                            const char *verb, size_t count, const uint32_t *numbers);

/* Reads inputs [sample, ...], scaled as a model takes them. */
int ls_samples_read(ls_real *inputs, const ls_dataset *dataset, ls_part part, size_t count,
                    const uint32_t *numbers);

/* Reads the labels [sample] of a target of classes. */
int ls_samples_labels(int32_t *labels, const ls_dataset *dataset, ls_part part, size_t target,
                      const ls_samples *samples);

#endif
