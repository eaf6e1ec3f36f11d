/* Looking up variables. */
#include "job/variables.h"

#include <string.h>

const ls_values *ls_variables_find(const ls_variables *variables, const char *name) {
  for (size_t i = 0; i < variables->count; i++) {
    if (strcmp(variables->items[i].name, name) == 0) return &variables->items[i];
  }
  return NULL;
}
