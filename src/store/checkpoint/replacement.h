/* Replacing a file by a new one whose writing has to survive a crash: the new file is flushed to
 * the disk and gets its checksum header, the old one can keep a second name, then the new one is
 * renamed. Waiting for the disk happens in the background. Local; on rank 0. */
#ifndef LS_STORE_CHECKPOINT_REPLACEMENT_H
#define LS_STORE_CHECKPOINT_REPLACEMENT_H

#include "base/task.h"

typedef struct replacement {
  const char *unfinished; /* path of the new file */
  const char *path;       /* of the old file, which the new one replaces */
  const char *previous;   /* second name that the old file keeps; NULL: none */
  ls_task *flushing, *keeping;
} replacement;

/* Begins to flush the new file, all of which is written but the checksum header. */
int replacement_begin(replacement *r);

/* Completes and renames the new file. */
int replacement_finish(replacement *r);

/* Waits for the background tasks, after a failure too. */
void replacement_end(replacement *r);

#endif
