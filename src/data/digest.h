/* Digests of a dataset's content: of the inputs, of each target and of each weight of a part, as
 * records have them (data/records.h), whatever the layout of the file.
 *
 * A digest is the sum of XXH3-64 of all samples, each seeded with its number, modulo 2^64. So ranks
 * can read a part each, and the sum of their sums is the digest. Local. */
#ifndef LS_DATA_DIGEST_H
#define LS_DATA_DIGEST_H

#include "data/dataset.h"

enum { LS_MAX_MEMBERS = 1 + LS_MAX_TARGETS + LS_MAX_WEIGHTS };

/* Adds samples first .. first + count - 1 of a part to the sums of its members: the inputs,
 * then each target, then each weight. Reads them from the file, with the errors of ls_dataset_read.
 */
int ls_dataset_digest_samples(const ls_dataset *dataset, ls_part part, size_t first, size_t count,
                              uint64_t sums[LS_MAX_MEMBERS]);

/* The digest of the inputs' sum: that with the scale and shape of a sample. */
uint64_t ls_dataset_digest_inputs(const ls_dataset *dataset, uint64_t sum);

/* The digest of the class names of a target; 0 if the file has none. */
int ls_dataset_digest_class_names(const ls_dataset *dataset, size_t target, uint64_t *digest);

#endif
