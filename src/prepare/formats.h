/* The formats of sources, one in each file of this folder named after it. */
#ifndef LS_PREPARE_FORMATS_H
#define LS_PREPARE_FORMATS_H

#include "prepare/source.h"

extern const ls_source_format ls_csv_format;

#endif
