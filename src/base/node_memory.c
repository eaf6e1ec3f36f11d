/* The limits of control groups. */
#include "base/node_memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* The number in a file; SIZE_MAX if there is none, as where the limit is "max". */
static size_t read_limit(const char *path) {
  FILE *file = fopen(path, "r");
  uint64_t limit = SIZE_MAX;
  if (file && fscanf(file, "%" SCNu64, &limit) != 1) limit = SIZE_MAX;
  if (file) fclose(file);
  return (size_t)limit;
}

/* The smallest limit of the group and those above it, each in `name` of its folder below `root`. */
static size_t smallest_limit(const char *root, char *group, const char *name) {
  size_t limit = SIZE_MAX;
  for (;;) {
    char path[2 * PATH];
    snprintf(path, sizeof path, "%s%s/%s", root, group, name);
    limit = smaller(limit, read_limit(path));
    char *last = strrchr(group, '/');
    if (!last) return limit;
    *last = '\0';
  }
}

/* The limit of a line of /proc/self/cgroup: "0::/GROUP" of version 2, "NUMBER:NAMES:/GROUP" of
 * version 1. */
static size_t limit_of_line(char *line) {
  char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
  if (!group) return SIZE_MAX;
  *group++ = '\0';
  group[strcspn(group, "\n")] = '\0';
  if (names[1] == '\0') return smallest_limit("/sys/fs/cgroup", group, "memory.max");
  bool of_memory = strcmp(names + 1, "memory") == 0;
  return of_memory ? smallest_limit("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes")
                   : SIZE_MAX;
}

size_t ls_node_memory(void) {
  size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
  FILE *file = fopen("/proc/self/cgroup", "r");
  char line[PATH];
  while (file && fgets(line, sizeof line, file)) memory = smaller(memory, limit_of_line(line));
  if (file) fclose(file);
  return memory;
}
