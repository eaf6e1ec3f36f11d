/* Time. */
#include "base/clock.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

double ls_clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ls_clock_date(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct {
  pthread_mutex_t lock;
  double longest, ticked, paused;
} pauses = {PTHREAD_MUTEX_INITIALIZER, 0, 0, 0};

void ls_clock_watch_pauses(double longest) {
  pthread_mutex_lock(&pauses.lock);
  pauses.longest = longest;
  pauses.ticked = ls_clock_seconds();
  pthread_mutex_unlock(&pauses.lock);
}

double ls_clock_paused(void) {
  pthread_mutex_lock(&pauses.lock);
  const double now = ls_clock_seconds(), pause = now - pauses.ticked - pauses.longest;
  if (pauses.longest > 0 && pause > 0) pauses.paused += pause;
  pauses.ticked = now;
  const double paused = pauses.paused;
  pthread_mutex_unlock(&pauses.lock);
  return paused;
}

double ls_clock_running(void) {
  return ls_clock_seconds() - ls_clock_paused();
}

void ls_clock_utc(char out[32]) {
  time_t now = time(NULL);
  struct tm parts;
  gmtime_r(&now, &parts);
  strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

double ls_clock_parse_utc(const char *text) {
  struct tm parts = {0};
  const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return end && !*end ? (double)timegm(&parts) : NAN;
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
