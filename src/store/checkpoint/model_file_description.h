/* Writing what a model file records of its dataset. Local. */
#ifndef LS_STORE_CHECKPOINT_MODEL_FILE_DESCRIPTION_H
#define LS_STORE_CHECKPOINT_MODEL_FILE_DESCRIPTION_H

#include "base/data_description.h"
#include "h5/h5.h"

/* Adds the description to the open group /lockstep. */
int model_file_describe(hid_t own, const ls_data_description *description);

#endif
