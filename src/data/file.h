/* Opening the file of a dataset again, as it was opened the first time. Local. */
#ifndef LS_DATA_FILE_H
#define LS_DATA_FILE_H

#include "data/dataset.h"

#include <hdf5.h>

int dataset_open_file(hid_t *file, const ls_dataset *d);

#endif
