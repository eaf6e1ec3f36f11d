/* What the HParams dashboard of TensorBoard needs: the variables and metrics of the study, and the
 * values of each trial (tensorboard/plugins/hparams: api.proto, plugin_data.proto). Pure. */
#ifndef LS_EXPORT_HPARAMS_H
#define LS_EXPORT_HPARAMS_H

#include "export/trials.h"

/* Appends to a summary: the study, once, whose metrics are these tags; the values of a trial, and
 * how it has ended. */
void hparams_add_study(ls_text *summary, const export_study *study, const char *const *metrics,
                       size_t metric_count);
void hparams_add_start(ls_text *summary, const export_study *study, size_t trial);
void hparams_add_end(ls_text *summary, const export_study *study, size_t trial);

#endif
