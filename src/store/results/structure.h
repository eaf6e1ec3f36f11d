/* The structure of a results file: everything in it but the values that training writes. */
#ifndef LS_STORE_RESULTS_STRUCTURE_H
#define LS_STORE_RESULTS_STRUCTURE_H

#include "h5/h5.h"
#include "job/extension.h"
#include "store/results/provenance.h"
#include "store/results/results.h"

/* The dimensions of a trial, slowest first. */
typedef struct structure_axes {
  const ls_axis *axes; /* owned by the job */
  size_t count;
} structure_axes;

/* Returns those of the job, which a file has room for. */
void structure_axes_of(structure_axes *axes, const ls_job *job);

/* Collective over the world: creates the file with all its structure, under a temporary name until
 * it is complete, and leaves it open. */
int structure_create(hid_t *file, const ls_results_plan *plan, const structure_axes *axes,
                     const provenance *run, const ls_group *world);

/* Makes all of a new, open file but what is known of runs. Local. */
int structure_make(hid_t file, const ls_results_plan *plan, const structure_axes *axes);

/* Makes a complete file under another name, closes it, and gives it the name plan->path. Local. */
int structure_write(const ls_results_plan *plan, const structure_axes *axes, const provenance *run);

/* Reads the text of the job that the open file of that path (for messages) records; to be freed.
 * LS_INVALID if the file holds no results. Local. */
int structure_read_job(char **text, hid_t file, const char *path);

/* How the job extends that of the open file of that path (for messages). LS_INVALID if it does not,
 * or if the file holds no results. Local. */
int structure_compare_job(ls_extension *extension, hid_t file, const char *path, const ls_job *job);

/* LS_INVALID if the open file of that path (for messages) holds no results, or another job's.
 * Local.
 */
int structure_check_job(hid_t file, const char *path, const ls_job *job);

/* LS_INVALID if the open file of that path (for messages) records other data than `present`; *known
 * is false if an earlier version has recorded none. Local. */
int structure_check_digests(hid_t file, const char *path, const ls_digests *present, bool *known);

#endif
