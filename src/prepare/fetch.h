/* Fetching the files of a published dataset from the first source that has them.
 *
 * What was fetched once is kept in the folder for datasets, under raw/NAME, so that later
 * conversions need no network. Every file is compared with the checksum of the published one,
 * wherever it came from. Local; of two processes that fetch the same dataset one waits. */
#ifndef LS_PREPARE_FETCH_H
#define LS_PREPARE_FETCH_H

#include "prepare/image_set.h"
#include "prepare/known.h"

/* Reads both sets of `known`; `from` says where they came from, to be freed. LS_FAILED if no source
 * has them: the message lists each with the reason. */
int ls_fetch(ls_image_set *train, ls_image_set *test, char **from, const ls_known *known);

#endif
