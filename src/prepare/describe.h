/* What a source contains, as a table: types, shapes, ranges, missing values, constant elements, and
 * how often categories occur. Local. */
#ifndef LS_PREPARE_DESCRIBE_H
#define LS_PREPARE_DESCRIBE_H

#include "prepare/source.h"

/* Reads the whole source. `text`, to be freed, has several lines. */
int ls_describe(char **text, const char *path, const ls_source_options *options);

#endif
