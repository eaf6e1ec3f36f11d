/* One small file for each dataset, of which there are at most SLOTS. */
#include "data/digest_cache.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

enum { VERSION = 1, SLOTS = 1024, RECENT = 2 /* seconds */ };

typedef struct entry {
  digest_key key;
  digest_sums sums;
  uint64_t check; /* XXH3-64 of what is above */
} entry;

static uint64_t check_of(const entry *e) {
  return XXH3_64bits(e, offsetof(entry, check));
}

bool digest_cache_key(digest_key *key, const ls_dataset *d) {
  struct stat info;
  *key = (digest_key){.version = VERSION};
  if (d->allow_external || stat(d->path, &info) != 0) return false;
  key->device = (uint64_t)info.st_dev;
  key->inode = (uint64_t)info.st_ino;
  key->size = (uint64_t)info.st_size;
  key->modified[0] = info.st_mtim.tv_sec;
  key->modified[1] = info.st_mtim.tv_nsec;
  key->changed[0] = info.st_ctim.tv_sec;
  key->changed[1] = info.st_ctim.tv_nsec;
  key->record_bytes = d->record_bytes;
  for (int part = 0; part < LS_PART_COUNT; part++) key->count[part] = d->count[part];
  const int64_t recent = (int64_t)time(NULL) - RECENT;
  return key->modified[0] < recent && key->changed[0] < recent;
}

uint64_t digest_cache_hash(const digest_key *key) {
  digest_key common = *key;
  common.device = 0;
  return XXH3_64bits(&common, sizeof common);
}

/* The path of the file for a key, to be freed; NULL if there is no folder. Where several datasets
 * would have the same file, the last one has it. */
static char *path_of(const digest_key *key) {
  char *folder = NULL;
  ls_text text = {0};
  const uint64_t place[] = {key->device, key->inode};
  if (ls_dataset_directory(&folder) == LS_OK) {
    ls_text_add(&text, "%s/digests/%03" PRIx64, folder, XXH3_64bits(place, sizeof place) % SLOTS);
  }
  free(folder);
  char *path = text.data ? ls_text_take(&text) : NULL;
  if (!path) ls_error_clear();
  return path;
}

bool digest_cache_find(digest_sums *sums, const digest_key *key) {
  entry e = {0};
  char *path = path_of(key);
  FILE *file = path ? fopen(path, "rb") : NULL;
  bool found = file && fread(&e, sizeof e, 1, file) == 1 && e.check == check_of(&e) &&
               memcmp(&e.key, key, sizeof *key) == 0;
  if (file) fclose(file);
  free(path);
  *sums = found ? e.sums : (digest_sums){0};
  return found;
}

void digest_cache_keep(const digest_sums *sums, const digest_key *key, const ls_dataset *d) {
  entry e = {.key = *key, .sums = *sums};
  digest_key now;
  e.check = check_of(&e);
  bool same = digest_cache_key(&now, d) && memcmp(&now, key, sizeof now) == 0;
  char *path = same ? path_of(key) : NULL;
  if (path && (ls_make_parents(path) != LS_OK ||
               ls_write_file(path, (const char *)&e, sizeof e) != LS_OK)) {
    ls_error_clear();
  }
  free(path);
}
