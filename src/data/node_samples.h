/* The samples of a part of a dataset as all ranks of a node have them: one copy for the node.
 *
 * Inputs that are stored in the file as records have them (contiguous bytes, or floats in the order
 * of this processor) are mapped from it. Others, compressed for example, are converted, once for
 * the node, and so are targets and weights always: into a file in node-local storage, without a
 * name, which the ranks map and which is gone when the last of them is. Either way the copy is in
 * the system's cache, which gives up pages when memory is short, and so may be larger than memory.
 */
#ifndef LS_DATA_NODE_SAMPLES_H
#define LS_DATA_NODE_SAMPLES_H

#include "base/peers.h"
#include "data/records.h"

typedef struct ls_node_samples ls_node_samples;

/* Collective over `peers`, ranks of one node, which convert 1/P of the samples each. Borrows the
 * dataset. LS_INVALID if targets, or inputs that are converted, are not valid. LS_FAILED without
 * room for the copy. */
int ls_node_samples_create(ls_node_samples **out, const ls_dataset *dataset, ls_part part,
                           const ls_peers *peers);

/* Local. Other ranks keep theirs. */
void ls_node_samples_free(ls_node_samples **samples);

/* Where the samples of the part are; only to be read. Local. */
const ls_records *ls_node_samples_records(const ls_node_samples *samples);

/* Asks the system to read the inputs of samples first .. end - 1, without waiting. Local. */
void ls_node_samples_read_ahead(const ls_node_samples *samples, size_t first, size_t end);

/* Tells the system that the inputs of samples first .. end - 1 will not be used soon. Does nothing
 * if all inputs fit in memory. Local. */
void ls_node_samples_release(const ls_node_samples *samples, size_t first, size_t end);

/* How a node has the samples of a part. */
typedef struct ls_node_storage {
  bool mapped;   /* inputs are mapped from the dataset file */
  double inputs; /* bytes of these */
  double copied; /* bytes of the copy in node-local storage */
} ls_node_storage;

/* LS_INVALID if the file cannot be opened. Local. */
int ls_node_samples_storage(ls_node_storage *out, const ls_dataset *dataset, ls_part part);

#endif
