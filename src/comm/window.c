/* Shared windows in files in memory. */
#include "comm/window.h"

#include "base/memory.h"
#include "comm/shared_file.h"
#include "lockstep/error.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct window {
  char *base;
  size_t bytes;   /* of all ranks */
  size_t *starts; /* [rank], where the memory of each begins; pages */
};

/* ---- Memory ---------------------------------------------------------------------------------- */

static int fail_memory(size_t bytes, const char *why) {
  return ls_fail(LS_FAILED, "out of memory: %.1f MiB of shared memory needed: %s",
                 (double)bytes / (1 << 20), why);
}

/* Whether this rank may create a file of that size: beyond the limit it would get a signal. */
static int check_limit(size_t bytes) {
  const size_t limit = shared_file_limit();
  if (bytes <= limit) return LS_OK;
  return ls_fail(LS_FAILED,
                 "out of memory: %.1f MiB of shared memory needed, %.1f MiB allowed by ulimit -f",
                 (double)bytes / (1 << 20), (double)limit / (1 << 20));
}

/* The memory that the kernel could provide without swapping; SIZE_MAX if not known. */
static size_t available_memory(void) {
  FILE *file = fopen("/proc/meminfo", "r");
  char line[128];
  size_t kilobytes = SIZE_MAX >> 10;
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "MemAvailable: %zu kB", &kilobytes) == 1) break;
  }
  if (file) fclose(file);
  return kilobytes << 10;
}

/* Maps the memory of all ranks, and allocates the pages of this one. */
static int map(window *w, int file, size_t begin, size_t end) {
  void *base = mmap(NULL, w->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (base == MAP_FAILED) return fail_memory(w->bytes, strerror(errno));
  w->base = base;
  int error = shared_file_reserve(file, begin, end);
  return error == 0 ? LS_OK : fail_memory(w->bytes, strerror(error));
}

/* A rank alone needs no file. */
static int map_alone(window *w) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  void *base = mmap(NULL, w->bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (base == MAP_FAILED) return fail_memory(w->bytes, strerror(errno));
  w->base = base;
  return LS_OK;
}

/* ---- Windows --------------------------------------------------------------------------------- */

/* Collective: sets where the memory of each rank begins. */
static int place(window *w, const ls_group *group, size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), own = (bytes / page + 1) * page;
  int status = ls_group_allgather(group, &own, sizeof own, w->starts);
  for (int rank = 0; rank < group->size; rank++) {
    size_t length = w->starts[rank];
    w->starts[rank] = w->bytes;
    w->bytes += length;
  }
  w->starts[group->size] = w->bytes;
  return status;
}

/* Collective: checks limits before pages are allocated, which would end the program. */
static int check_room(const window *w, const ls_group *group) {
  int status = check_limit(w->bytes);
  if (status == LS_OK && group->rank == 0 && w->bytes > available_memory()) {
    status = fail_memory(w->bytes, "not available on this node");
  }
  return ls_group_agree(group, status);
}

/* Collective: makes the memory of a window whose places are known. */
static int create_memory(window *w, const ls_group *group) {
  if (group->size == 1) return map_alone(w);
  int file = shared_file_open(group->comm);
  int status = file >= 0 ? map(w, file, w->starts[group->rank], w->starts[group->rank + 1])
                         : ls_fail(LS_FAILED, "cannot open the memory of rank 0 of the node");
  status = ls_group_agree(group, status);
  if (file >= 0) close(file);
  return status;
}

int window_create(window **out, const ls_group *group, size_t bytes) {
  window *w = *out = ls_new(1, sizeof *w);
  if (w) w->starts = ls_new((size_t)group->size + 1, sizeof *w->starts);
  int status = ls_group_agree(group, w && w->starts ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = place(w, group, bytes);
  if (status == LS_OK) status = check_room(w, group);
  if (status == LS_OK) status = create_memory(w, group);
  if (status != LS_OK) window_free(out);
  return status;
}

char *window_find(const window *w, int rank) {
  return w->base + w->starts[rank];
}

void window_free(window **out) {
  window *w = *out;
  if (!w) return;
  if (w->base) munmap(w->base, w->bytes);
  free(w->starts);
  free(w);
  *out = NULL;
}
