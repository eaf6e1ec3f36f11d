/* Preloaded into the program: a tenth of a second after its start the time of day goes back by an
 * hour. */
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct timespec look(clockid_t clock) {
  struct timespec now = {0, 0};
  syscall(SYS_clock_gettime, clock, &now);
  return now;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  static double start;
  struct timespec age = look(CLOCK_MONOTONIC);
  double now = (double)age.tv_sec + 1e-9 * (double)age.tv_nsec;
  if (start == 0) start = now;
  *out = look(clock);
  if (clock == CLOCK_REALTIME && now > start + 0.1) out->tv_sec -= 3600;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now = {0, 0};
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = (suseconds_t)(now.tv_nsec / 1000);
  return 0;
}
