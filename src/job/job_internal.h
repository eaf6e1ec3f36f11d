/* What reading, comparing and using a job share. */
#ifndef LS_JOB_JOB_INTERNAL_H
#define LS_JOB_JOB_INTERNAL_H

#include "job/arena.h"
#include "job/axes.h"
#include "job/job.h"
#include "job/tree.h"

struct ls_job {
  ls_arena arena;
  const ls_component *recipe;
  ls_node *resolved;      /* without the sweep */
  ls_node *sweep_section; /* NULL where there is none */
  ls_axes sweep;
  char *text;
};

/* Makes the resolved recipe with the variables at `index` [variable]. */
int ls_job_fill(ls_node **out, ls_arena *arena, const ls_job *job, const size_t *index);

/* Fills `values`, a struct of the recipe, with the variables at `index` [variable]. */
int ls_job_bind_values(const ls_job *job, const size_t *index, void *values);

#endif
