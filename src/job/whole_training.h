/* Arguments that depend on the length of the whole training. Local. */
#ifndef LS_JOB_WHOLE_TRAINING_H
#define LS_JOB_WHOLE_TRAINING_H

#include "base/text.h"
#include "lockstep/component.h"

/* Whether any argument with the flag LS_WHOLE_TRAINING is left out of the bound values; appends the
 * path of the first one to `out`. */
bool ls_whole_training_find(ls_text *out, const ls_component *type, const void *values);

#endif
