/* Reading the interval between checkpoints. */
#include "trial/interval.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *suffix;
  ls_interval_unit unit;
} units[] = {{"", LS_INTERVAL_SECONDS},       {"s", LS_INTERVAL_SECONDS},
             {"second", LS_INTERVAL_SECONDS}, {"seconds", LS_INTERVAL_SECONDS},
             {"step", LS_INTERVAL_STEPS},     {"steps", LS_INTERVAL_STEPS},
             {"epoch", LS_INTERVAL_EPOCHS},   {"epochs", LS_INTERVAL_EPOCHS}};

int ls_interval_read(ls_interval *out, const char *option, const char *text) {
  char *end = NULL;
  out->count = strtod(text, &end);
  for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++) {
    if (strcmp(end, units[i].suffix) != 0) continue;
    out->unit = units[i].unit;
    bool possible = out->unit == LS_INTERVAL_SECONDS || out->count == floor(out->count);
    if (out->count > 0 && out->count <= 1e9 && possible) return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: '%s' (expected such as 60s, 500steps or 1epoch)", option, text);
}
