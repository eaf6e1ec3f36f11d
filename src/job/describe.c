/* What arguments accept, in words. */
#include "job/describe.h"

#include <math.h>
#include <stdio.h>

bool ls_arg_is_bounded(const ls_arg *arg) {
  return arg->min != 0 || arg->max != 0;
}

bool ls_arg_takes_integers(const ls_arg *arg) {
  return arg->kind == LS_ARG_INTEGER || (arg->flags & LS_INTEGERS);
}

void ls_describe_numbers(const ls_arg *arg, char out[160]) {
  const char *noun = ls_arg_takes_integers(arg) ? "an integer" : "a number";
  const char *word = arg->kind == LS_ARG_INTEGER && arg->words ? arg->words[0] : NULL;
  bool above = arg->flags & LS_ABOVE_MIN, below = arg->flags & LS_BELOW_MAX;
  bool low = ls_arg_is_bounded(arg) && isfinite(arg->min),
       high = ls_arg_is_bounded(arg) && isfinite(arg->max);
  char from[64] = "", to[64] = "";
  if (low) {
    const char *relation = above ? "above" : high ? "from" : "of at least";
    snprintf(from, sizeof from, " %s %.16g", relation, arg->min);
  }
  if (high) {
    const char *relation = !low    ? (below ? "below" : "of at most")
                           : above ? (below ? "and below" : "and up to")
                                   : (below ? "up to but not including" : "to");
    snprintf(to, sizeof to, " %s %.16g", relation, arg->max);
  }
  snprintf(out, 160, "%s%s%s%s%s", noun, from, to, word ? ", or " : "", word ? word : "");
}
