/* What transforms have learnt, from a model file. */
#ifndef LS_TRIAL_LEARNT_H
#define LS_TRIAL_LEARNT_H

#include "comm/group.h"
#include "data/transforms.h"
#include "store/checkpoint/checkpoint.h"

/* The values of the transforms, borrowed, for a model file. Local. */
ls_learnt ls_learnt_of(const ls_transforms *transforms);

/* What they and the dataset's scale do to inputs, for a model file; arrays are borrowed. Local. */
ls_preprocessing ls_preprocessing_of(const ls_transforms *transforms, double scale);

/* Collective: sets the values of the transforms, which rank 0 reads from the model file `path`, and
 * declares them ready. *found is false, and nothing is set, if an earlier version has written the
 * file without them. */
int ls_learnt_restore(ls_transforms *transforms, bool *found, const char *path,
                      const ls_group *group);

#endif
