/* The folder that the relative paths of a job start from. Local. */
#ifndef LS_JOB_FOLDER_H
#define LS_JOB_FOLDER_H

#include "job/tree.h"

/* Adds `folder: FOLDER` (an absolute path) to a job that has relative paths and does not name a
 * folder; one that it names is relative to FOLDER itself. So the job that results and models record
 * finds its files when it is read elsewhere. */
int ls_folder_add(ls_arena *arena, ls_node *job, const char *folder);

#endif
