/* The paths of inputs, targets and weights in a dataset file. Local, pure. */
#ifndef LS_DATA_MEMBERS_H
#define LS_DATA_MEMBERS_H

#include "data/dataset.h"

enum { MEMBER_PATH = 80 };

/* The names of the parts' groups. */
extern const char *const member_parts[LS_PART_COUNT];

/* The path of a part's inputs. */
void member_of_input(char path[MEMBER_PATH], ls_part part);

/* The path of a target of a part: `target` is its name, "" where y is the only target. */
void member_of_target(char path[MEMBER_PATH], ls_part part, const char *target);

/* The path of weights of a part's samples: `weight` is the name of the member. */
void member_of_weight(char path[MEMBER_PATH], ls_part part, const char *weight);

#endif
