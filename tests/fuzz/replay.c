/* Runs a fuzz target on files, or on all files of folders, given as arguments: what libFuzzer's own
 * main does with them, for compilers that lack it. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return perror(path), 1;
  static uint8_t buffer[1 << 20];
  size_t size = fread(buffer, 1, sizeof buffer, file);
  fclose(file);
  uint8_t *data = malloc(size > 0 ? size : 1); /* of that size, so that reading beyond it is seen */
  if (!data) return perror(path), 1;
  memcpy(data, buffer, size);
  printf("%s\n", path);
  fflush(stdout);
  LLVMFuzzerTestOneInput(data, size);
  free(data);
  return 0;
}

/* Adds to `count` the files that were run. */
static int replay(const char *path, int *count) {
  DIR *folder = opendir(path);
  if (!folder) return (*count)++, replay_file(path);
  int bad = 0;
  for (const struct dirent *entry; !bad && (entry = readdir(folder));) {
    char member[1024];
    if (entry->d_name[0] == '.') continue;
    snprintf(member, sizeof member, "%s/%s", path, entry->d_name);
    bad = replay(member, count);
  }
  closedir(folder);
  return bad;
}

int main(int argc, char **argv) {
  int count = 0, bad = 0;
  LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc && !bad; i++) bad = replay(argv[i], &count);
  if (count == 0) fprintf(stderr, "replay: no inputs\n");
  printf("%d inputs\n", count);
  return bad || count == 0;
}
