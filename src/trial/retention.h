/* The key `keep_models` of a job: of which trials the models are kept when they have ended. */
#ifndef LS_TRIAL_RETENTION_H
#define LS_TRIAL_RETENTION_H

#include "lockstep/component.h"

typedef struct ls_keep_best_args {
  int64_t count;
} ls_keep_best_args;

extern const ls_component ls_keep_all, ls_keep_best, ls_keep_none;
extern const ls_family ls_retentions;

#endif
