/* Datasets that jobs and command lines name and that are not there: made on first use. */
#ifndef LS_CLI_NAMED_DATA_H
#define LS_CLI_NAMED_DATA_H

#include "comm/group.h"
#include "job/job.h"

/* Makes the datasets that trials of the job name and that are missing, as `lockstep data NAME`
 * does, with a line on standard error for each. Collective, rank 0 makes them for all; with world
 * NULL local. LS_INVALID for a name that is no dataset's; LS_FAILED if it can't be made. */
int cli_make_named_data(const ls_job *job, const ls_group *world);

/* The same for a dataset on a command line. Nothing is done for a path (ls_dataset_is_path), or for
 * NULL. Collective. */
int cli_make_dataset(const char *dataset, const ls_group *world);

#endif
