/* The files of a published dataset, from the first source that has them: a folder of a system
 * package, the folder raw/NAME in the folder for datasets, or a download. What was downloaded stays
 * in raw/NAME, where files may also be put by hand, so that later conversions need no network.
 * Every file is compared with the checksum of the published one, wherever it came from. Local; of
 * two processes that download the same dataset one waits for the other. */
#ifndef LS_PREPARE_FETCH_H
#define LS_PREPARE_FETCH_H

#include "prepare/image_set.h"
#include "prepare/published.h"

/* Reads both sets of `known`. *source names where they came from; it is borrowed from `known` or
 * static. LS_FAILED if no source has them: the message lists each with the reason. */
int ls_fetch(ls_image_set *train, ls_image_set *test, const char **source,
             const ls_published *known);

#endif
