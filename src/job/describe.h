/* What arguments accept, in words and as such. Local. */
#ifndef LS_JOB_DESCRIBE_H
#define LS_JOB_DESCRIBE_H

#include "lockstep/component.h"

/* The numbers that an argument accepts, or each of a list: "a number above 0 and up to 1". */
void ls_describe_numbers(const ls_arg *arg, char out[160]);

bool ls_arg_is_bounded(const ls_arg *arg);
bool ls_arg_takes_integers(const ls_arg *arg);

#endif
