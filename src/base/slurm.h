/* What Slurm tells of its jobs, this one and others. Local. Two of these ask squeue, which may take
 * seconds: call them on one rank. */
#ifndef LS_BASE_SLURM_H
#define LS_BASE_SLURM_H

#include <stdbool.h>

/* Seconds until the allocation that this process runs in ends; infinite if it runs in none, or none
 * that ends, or if that can't be told. SLURM_JOB_END_TIME counts where it is set. */
double ls_time_left(void);

/* Seconds of a duration as Slurm's commands take and tell it: MINUTES, MINUTES:SECONDS,
 * HOURS:MINUTES:SECONDS, DAYS-HOURS, DAYS-HOURS:MINUTES, DAYS-HOURS:MINUTES:SECONDS. Infinite for
 * "UNLIMITED", not a number for anything else. */
double ls_slurm_duration(const char *text);

/* Whether a job of this cluster has surely ended: neither waits, nor runs, nor is just ending. */
bool ls_slurm_job_ended(unsigned long job);

#endif
