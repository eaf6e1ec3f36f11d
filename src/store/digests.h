/* The data that a job reads, identified by their content: counts and digests of the members of its
 * datasets, and of the weights that layers take from model files. Results files and checkpoints
 * record them, so that a run, a merge or an evaluation with other data is noticed. */
#ifndef LS_STORE_DIGESTS_H
#define LS_STORE_DIGESTS_H

#include "base/memory.h"
#include "comm/group.h"
#include "h5/h5.h"

#include <stdint.h>

/* One array. */
typedef struct ls_digest {
  const char *source; /* name of the dataset or path of the file, as in the job */
  const char *member; /* such as /train/y, or the name of a layer */
  uint64_t count;     /* samples, classes or weights */
  uint64_t hash;      /* XXH3-64 of the content, 0 for none */
} ls_digest;

/* Start from {0}. The texts are owned. */
typedef struct ls_digests {
  ls_digest *items;
  size_t count;
  ls_memory memory;
} ls_digests;

/* Appends an array; the texts are copied. Local. */
int ls_digests_add(ls_digests *digests, const ls_digest *digest);
void ls_digests_free(ls_digests *digests);

/* The array of that source and member, or NULL. */
const ls_digest *ls_digests_find(const ls_digests *digests, const char *source, const char *member);

/* Collective: copies rank 0's list to all ranks. */
int ls_digests_broadcast(ls_digests *digests, const ls_group *group);

/* Writes the list as the attribute `digests` of an object of an open file, and reads it; where an
 * earlier version has written none, the list is empty. Local. */
int ls_digests_write(hid_t file, const char *object, const ls_digests *digests);
int ls_digests_read(ls_digests *digests, hid_t file, const char *object);

/* How the arrays that are in `present` differ from those in `past`: *out is NULL if they do not, or
 * one list is empty, else a line to be freed, such as "digits.h5: /train/y differs". Local. */
int ls_digests_differences(char **out, const ls_digests *past, const ls_digests *present);

#endif
