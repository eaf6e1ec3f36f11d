/* Curves of the trials in training, one line of text each, all on one scale. Local. */
#ifndef LS_STATUS_CURVES_H
#define LS_STATUS_CURVES_H

#include "base/text.h"
#include "status/status.h"

/* Returns how many trials have a curve with a value. */
size_t ls_status_count_curves(const ls_run_status *status);

/* Appends lines of at most `width` columns: the metric with its range, then one for each curve,
 * up to the last epoch that any of the trials has reached. */
void ls_status_add_curves(ls_text *out, const ls_run_status *status, int name_width, int width);

#endif
