/* Time. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

double ls_clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ls_clock_utc(char out[32]) {
  time_t now = time(NULL);
  struct tm parts;
  gmtime_r(&now, &parts);
  strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void ls_clock_duration(char out[32], double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) {
    snprintf(out, 32, "?");
  } else if (seconds < 9.95) {
    snprintf(out, 32, "%.1f s", seconds);
  } else if (seconds < 119.5) {
    snprintf(out, 32, "%.0f s", seconds);
  } else if (seconds < 7170) {
    snprintf(out, 32, "%.0f min", seconds / 60);
  } else {
    long minutes = (long)(seconds / 60 + 0.5);
    snprintf(out, 32, "%ld h %02ld min", minutes / 60, minutes % 60);
  }
}
