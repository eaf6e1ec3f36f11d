/* Where things are in a dataset file. */
#ifndef LS_DATA_MEMBERS_H
#define LS_DATA_MEMBERS_H

#include "data/dataset.h"

enum { MEMBER_PATH = 80 };

extern const char *const member_parts[LS_PART_COUNT];

/* The paths of a part's inputs and of a target. */
void member_of_input(char path[MEMBER_PATH], ls_part part);
void member_of_target(char path[MEMBER_PATH], ls_part part, const ls_dataset_target *target);

#endif
