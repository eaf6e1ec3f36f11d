/* The header is text, so that `head -3 FILE` shows it. The checksum is XXH3 of 128 bits
 * (https://github.com/Cyan4973/xxHash): it detects accidents, not forgery. */
#include "store/checkpoint/checksum.h"

#include "base/activity.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
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

/* Hashes the file from its current position, which is behind the header, to its end. */
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

static void format_header(char header[CHECKSUM_BYTES], XXH128_hash_t hash, uint64_t bytes) {
  memset(header, 0, CHECKSUM_BYTES);
  snprintf(header, CHECKSUM_BYTES, "%s%d\nbytes %" PRIu64 "\nxxh3 %016" PRIx64 "%016" PRIx64 "\n",
           first_line, FORMAT, bytes, hash.high64, hash.low64);
}

int checksum_write(const char *path) {
  char header[CHECKSUM_BYTES];
  XXH128_hash_t hash = {0};
  uint64_t bytes = 0;
  int descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "r+b");
  if (!file) return cannot(LS_FAILED, path, "open");
  int status = LS_OK;
  if (fseek(file, CHECKSUM_BYTES, SEEK_SET) != 0) status = cannot(LS_FAILED, path, "read");
  if (status == LS_OK) status = digest(file, path, &hash, &bytes);
  format_header(header, hash, bytes);
  if (status == LS_OK &&
      (fseek(file, 0, SEEK_SET) != 0 || fwrite(header, CHECKSUM_BYTES, 1, file) != 1)) {
    status = cannot(LS_FAILED, path, "write");
  }
  if (fclose(file) != 0 && status == LS_OK) status = cannot(LS_FAILED, path, "write");
  return status;
}

/* Fails with the reason why the header `found` isn't that of a file of this size and content. */
static int fail_mismatch(const char *path, const char *found, uint64_t bytes) {
  if (strncmp(found, first_line, strlen(first_line)) != 0) {
    return ls_fail(LS_INVALID, "%s: is not a checkpoint (expected a file written by a run)", path);
  }
  int format = atoi(found + strlen(first_line));
  if (format > FORMAT) {
    return ls_fail(
        LS_INVALID,
        "%s: was written by a newer version of the program (its format is %d, expected at "
        "most %d)",
        path, format, FORMAT);
  }
  const char *line = strchr(found, '\n');
  uint64_t expected = 0;
  if (line && sscanf(line, "\nbytes %" SCNu64, &expected) == 1 && expected != bytes) {
    return ls_fail(LS_INVALID, "%s: is incomplete: %" PRIu64 " bytes (expected %" PRIu64 ")", path,
                   bytes + CHECKSUM_BYTES, expected + CHECKSUM_BYTES);
  }
  return ls_fail(LS_INVALID, "%s: is damaged: its content does not match its checksum", path);
}

int checksum_verify(const char *path) {
  char found[CHECKSUM_BYTES + 1] = "", expected[CHECKSUM_BYTES];
  XXH128_hash_t hash;
  uint64_t bytes = 0;
  int status = ls_check_regular_file(path, "a checkpoint");
  if (status != LS_OK) return status;
  FILE *file = fopen(path, "rb");
  if (!file) return cannot(LS_INVALID, path, "open");
  size_t got = fread(found, 1, CHECKSUM_BYTES, file);
  status = digest(file, path, &hash, &bytes);
  fclose(file);
  if (status != LS_OK) return LS_INVALID; /* like a damaged file: there may be another */
  format_header(expected, hash, bytes);
  if (got == CHECKSUM_BYTES && memcmp(found, expected, CHECKSUM_BYTES) == 0) return LS_OK;
  return fail_mismatch(path, found, bytes);
}
