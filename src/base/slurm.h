/* Slurm's jobs. Local. ls_time_left and ls_slurm_job_ended may run squeue, which may take seconds:
 * call them on one rank. */
#ifndef LS_BASE_SLURM_H
#define LS_BASE_SLURM_H

#include <stdbool.h>

/* Returns the seconds until the end of the Slurm job of this process; infinite if there is none, it
 * has no known end, or it does not run: variables of an ended job may remain in a terminal or a
 * container. The end is SLURM_JOB_END_TIME where that is a time to come, else what squeue reports.
 * Where squeue does not answer the variable counts alone. */
double ls_time_left(void);

/* Returns the seconds of a duration in the format of Slurm's commands: MINUTES, MINUTES:SECONDS,
 * HOURS:MINUTES:SECONDS, DAYS-HOURS, DAYS-HOURS:MINUTES, DAYS-HOURS:MINUTES:SECONDS. Infinite for
 * "UNLIMITED", not a number for anything else. */
double ls_slurm_duration(const char *text);

/* Returns whether a job of this cluster is known to have ended: not pending, running or completing.
 */
bool ls_slurm_job_ended(unsigned long job);

#endif
