/* The seal is text, so that `head -3 FILE` shows it. The digest is XXH3 of 128 bits
 * (https://github.com/Cyan4973/xxHash): it guards against accidents, not against malice. */
#include "store/checkpoint/checksum.h"

#include "base/activity.h"
#include "lockstep/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { FORMAT = 1, CHUNK = 1 << 17 };

static const char first_line[] = "LOCKSTEP CHECKPOINT ";

static int cannot(int code, const char *path, const char *what) {
  return ls_fail(code, "%s: cannot %s: %s", path, what, strerror(errno));
}

/* Reads what follows the seal, from where the file stands. */
static int digest(FILE *file, const char *path, XXH128_hash_t *out, uint64_t *bytes) {
  static char chunk[CHUNK];
  XXH3_state_t *state = XXH3_createState();
  if (!state) return ls_fail(LS_FAILED, "out of memory");
  XXH3_128bits_reset(state);
  *bytes = 0;
  for (size_t got; (got = fread(chunk, 1, sizeof chunk, file)) > 0; *bytes += got) {
    XXH3_128bits_update(state, chunk, got);
    ls_activity_progress();
  }
  *out = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  return ferror(file) ? cannot(LS_FAILED, path, "read") : LS_OK;
}

static void print(char seal[SEAL_BYTES], XXH128_hash_t hash, uint64_t bytes) {
  memset(seal, 0, SEAL_BYTES);
  snprintf(seal, SEAL_BYTES, "%s%d\nbytes %" PRIu64 "\nxxh3 %016" PRIx64 "%016" PRIx64 "\n",
           first_line, FORMAT, bytes, hash.high64, hash.low64);
}

int checksum_append(const char *path) {
  char seal[SEAL_BYTES];
  XXH128_hash_t hash = {0};
  uint64_t bytes = 0;
  FILE *file = fopen(path, "r+b");
  if (!file) return cannot(LS_FAILED, path, "open");
  int status = LS_OK;
  if (fseek(file, SEAL_BYTES, SEEK_SET) != 0) status = cannot(LS_FAILED, path, "read");
  if (status == LS_OK) status = digest(file, path, &hash, &bytes);
  print(seal, hash, bytes);
  if (status == LS_OK &&
      (fseek(file, 0, SEEK_SET) != 0 || fwrite(seal, SEAL_BYTES, 1, file) != 1)) {
    status = cannot(LS_FAILED, path, "write");
  }
  if (fclose(file) != 0 && status == LS_OK) status = cannot(LS_FAILED, path, "write");
  return status;
}

/* What is wrong with a seal that isn't as it should be. */
static int complain(const char *path, const char *found, uint64_t bytes) {
  if (strncmp(found, first_line, strlen(first_line)) != 0) {
    return ls_fail(LS_INVALID, "%s: is no checkpoint (expected a file that a run has left)", path);
  }
  int format = atoi(found + strlen(first_line));
  if (format > FORMAT) {
    return ls_fail(LS_INVALID,
                   "%s: is of a newer version of the program (its format is %d, expected at "
                   "most %d)",
                   path, format, FORMAT);
  }
  const char *line = strchr(found, '\n');
  uint64_t expected = 0;
  if (line && sscanf(line, "\nbytes %" SCNu64, &expected) == 1 && expected != bytes) {
    return ls_fail(LS_INVALID, "%s: is not whole: %" PRIu64 " bytes (expected %" PRIu64 ")", path,
                   bytes + SEAL_BYTES, expected + SEAL_BYTES);
  }
  return ls_fail(LS_INVALID, "%s: is damaged: its content is not what was written", path);
}

int checksum_verify(const char *path) {
  char found[SEAL_BYTES + 1] = "", expected[SEAL_BYTES];
  XXH128_hash_t hash;
  uint64_t bytes = 0;
  FILE *file = fopen(path, "rb");
  if (!file) return cannot(LS_INVALID, path, "open");
  size_t got = fread(found, 1, SEAL_BYTES, file);
  int status = digest(file, path, &hash, &bytes);
  fclose(file);
  if (status != LS_OK) return LS_INVALID; /* as good as damaged: there may be another */
  print(expected, hash, bytes);
  if (got == SEAL_BYTES && memcmp(found, expected, SEAL_BYTES) == 0) return LS_OK;
  return complain(path, found, bytes);
}
