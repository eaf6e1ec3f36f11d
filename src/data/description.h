/* What a dataset file says of its inputs and values beyond their shape. Local: read from the file.
 */
#ifndef LS_DATA_DESCRIPTION_H
#define LS_DATA_DESCRIPTION_H

#include "data/dataset.h"

/* Returns the attribute `encoding` of /train/x, JSON (prepare/encoding.h), to be freed; NULL if
 * there is none. */
int ls_dataset_encoding(const ls_dataset *dataset, char **encoding);

/* Reads the class names of a target, to be freed each and as a whole; none if the file has none. */
int ls_dataset_class_names(const ls_dataset *dataset, size_t target, char ***names, size_t *count);

/* Reads the attribute `value_names` of a target of several values: names [*count], which is its
 * width, to be freed like the array; none if it has no such attribute, or one of another length. */
int ls_dataset_value_names(const ls_dataset *dataset, size_t target, char ***names, size_t *count);

#endif
