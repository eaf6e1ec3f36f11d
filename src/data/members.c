/* The paths of inputs and targets in a dataset file. */
#include "data/members.h"

#include <stdio.h>

const char *const member_parts[LS_PART_COUNT] = {"train", "test"};

void member_of_input(char path[MEMBER_PATH], ls_part part) {
  snprintf(path, MEMBER_PATH, "%s/x", member_parts[part]);
}

void member_of_weight(char path[MEMBER_PATH], ls_part part, const char *weight) {
  snprintf(path, MEMBER_PATH, "%s/%s", member_parts[part], weight);
}

void member_of_target(char path[MEMBER_PATH], ls_part part, const char *target) {
  snprintf(path, MEMBER_PATH, "%s/y%s%s", member_parts[part], *target ? "/" : "", target);
}
