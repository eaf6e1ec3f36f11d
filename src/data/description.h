/* What a dataset file says of its inputs beyond their shape. Local: read from the file. */
#ifndef LS_DATA_DESCRIPTION_H
#define LS_DATA_DESCRIPTION_H

#include "data/dataset.h"

/* Returns the attribute `encoding` of /train/x, JSON (prepare/encoding.h), to be freed; NULL if
 * there is none. */
int ls_dataset_encoding(const ls_dataset *dataset, char **encoding);

#endif
