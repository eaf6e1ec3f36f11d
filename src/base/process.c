/* Processes and the processor, by the proc file system. */
#include "base/process.h"

#include <stdio.h>
#include <string.h>

char ls_process_state(long process, unsigned long long *start) {
  char path[64], line[1024], state = 0;
  *start = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", process);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = '\0';
  const char *after_name = strrchr(line, ')'); /* a name may hold anything */
  if (!after_name) return 0;
  sscanf(after_name + 1,
         " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
         "%*d %*d %llu",
         &state, start);
  return state;
}

unsigned long long ls_process_start(long process) {
  unsigned long long start;
  char state = ls_process_state(process, &start);
  return state == 'Z' || state == 'X' ? 0 : start;
}

void ls_processor_name(char out[128]) {
  snprintf(out, 128, "unknown");
  FILE *info = fopen("/proc/cpuinfo", "r");
  char line[256];
  while (info && fgets(line, sizeof line, info)) {
    if (strncmp(line, "model name", 10) == 0 && sscanf(line, "%*[^:]: %127[^\n]", out) == 1) break;
  }
  if (info) fclose(info);
}
