/* The time that reading a dataset takes, measured. */
#ifndef LS_RUN_READING_H
#define LS_RUN_READING_H

#include "job/job.h"

/* Sets *seconds to the time in which `ranks` ranks together read the dataset of the job's first
 * trial, which they do once: extrapolated from reading some of its samples now, with decompression
 * and conversion. LS_INVALID if these samples are not valid. Local. */
int ls_measure_reading(double *seconds, const ls_job *job, size_t ranks);

#endif
