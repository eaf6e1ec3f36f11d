/* Sums of samples (data/digest.h) that are remembered between runs, so that a run need not read a
 * whole dataset before it starts.
 *
 * They are kept in the folder `digests` of the folder for datasets, by the identity of the file:
 * its inode, size and times of change. A file that has been changed since, or whose last change is
 * too recent for the times to show another one, is read again; so is one with virtual datasets,
 * whose samples are in other files. What cannot be kept or read is no error. All functions are
 * local. */
#ifndef LS_DATA_DIGEST_CACHE_H
#define LS_DATA_DIGEST_CACHE_H

#include "data/digest.h"

#include <stdbool.h>
#include <stdint.h>

/* Which file it is, and how its samples are read. */
typedef struct digest_key {
  uint64_t version, device, inode, size;
  int64_t modified[2], changed[2]; /* seconds, nanoseconds */
  uint64_t count[LS_PART_COUNT], record_bytes;
} digest_key;

/* The sums of all members of both parts. */
typedef struct digest_sums {
  uint64_t sums[LS_PART_COUNT][LS_MAX_MEMBERS];
} digest_sums;

/* Sets the key of a dataset's file as it is now. Returns false if its sums are not to be kept. */
bool digest_cache_key(digest_key *key, const ls_dataset *dataset);

/* The hash of what is the same in the keys of one file on all nodes. */
uint64_t digest_cache_hash(const digest_key *key);

/* Sets the sums that are kept for that key, or 0; returns whether there are any. */
bool digest_cache_find(digest_sums *sums, const digest_key *key);

/* Keeps the sums, which were computed after the key was taken, unless the file has changed
 * meanwhile. */
void digest_cache_keep(const digest_sums *sums, const digest_key *key, const ls_dataset *dataset);

#endif
