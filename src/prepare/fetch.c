/* Reading or downloading the files of a published dataset. */
#include "prepare/fetch.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "prepare/idx.h"
#include "prepare/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char *join(const char *folder, const char *name, const char *ending) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s%s", folder, name, ending);
  return ls_text_take(&text);
}

/* ---- Folders --------------------------------------------------------------------------------- */

/* Reads the four files in a folder, each as it is or with .gz behind its name. */
static int read_folder(ls_image_set *train, ls_image_set *test, const char *folder,
                       const ls_published *known) {
  ls_idx_file files[LS_PUBLISHED_FILES];
  char paths[LS_PUBLISHED_FILES][PATH_MAX];
  for (size_t i = 0; i < LS_PUBLISHED_FILES; i++) {
    snprintf(paths[i], PATH_MAX, "%s/%s", folder, ls_published_file_names[i]);
    if (access(paths[i], F_OK) != 0) {
      snprintf(paths[i], PATH_MAX, "%s/%s.gz", folder, ls_published_file_names[i]);
    }
    files[i] = (ls_idx_file){.path = paths[i], .checksum = known->checksums[i]};
  }
  int status = ls_idx_read(train, files[0], files[1]);
  if (status == LS_OK) status = ls_idx_read(test, files[2], files[3]);
  if (status != LS_OK) ls_image_set_clear(train);
  return status;
}

/* Removes the folder and the dataset's files in it; fine if it does not exist. */
static int remove_folder(const char *folder) {
  for (size_t i = 0; i < 2 * LS_PUBLISHED_FILES; i++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s%s", folder, ls_published_file_names[i / 2],
             i % 2 ? ".gz" : "");
    remove(path);
  }
  if (rmdir(folder) == 0 || errno == ENOENT) return LS_OK;
  return ls_fail(LS_FAILED, "%s: cannot remove: %s", folder, strerror(errno));
}

/* ---- Downloads ------------------------------------------------------------------------------- */

/* curl follows redirections, takes an error page for a failure, and is silent but for errors. */
static int download_files(const char *address, const char *folder) {
  int status = LS_OK;
  for (size_t i = 0; status == LS_OK && i < LS_PUBLISHED_FILES; i++) {
    char url[512], path[PATH_MAX];
    snprintf(url, sizeof url, "%s/%s.gz", address, ls_published_file_names[i]);
    snprintf(path, sizeof path, "%s/%s.gz", folder, ls_published_file_names[i]);
    const char *const get[] = {"curl",       "-fLsS", "--connect-timeout", "20",
                               "--max-time", "900",   "--output",          path,
                               url,          NULL};
    status = ls_program_run(get);
  }
  return status;
}

/* Downloads into the folder `arriving`, reads from there, and moves it to `kept` only if its
 * content is the published one. */
static int download(ls_image_set *train, ls_image_set *test, const ls_published *known,
                    const char *address, const char *arriving, const char *kept) {
  int status = remove_folder(arriving); /* left by a process that was killed */
  if (status == LS_OK) status = ls_make_directories(arriving);
  if (status == LS_OK) status = download_files(address, arriving);
  if (status == LS_OK) status = read_folder(train, test, arriving, known);
  if (status != LS_OK) {
    remove_folder(arriving);
    return status;
  }
  status = remove_folder(kept);
  if (status == LS_OK && rename(arriving, kept) != 0) {
    status = ls_fail(LS_FAILED, "%s: cannot rename: %s", arriving, strerror(errno));
  }
  if (status != LS_OK) {
    ls_image_set_clear(train);
    ls_image_set_clear(test);
  }
  return status;
}

/* Waits until no other process downloads the same dataset. Returns a descriptor whose closing
 * releases the lock, or -1 where nothing can be locked (a read-only folder): reading still works
 * then, and writing fails with its own message. */
static int lock(const char *raw, const char *path) {
  if (ls_make_directories(raw) != LS_OK) return -1;
  int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file >= 0) flock(file, LOCK_EX);
  return file;
}

/* ---- Sources --------------------------------------------------------------------------------- */

/* Of the folder for datasets: raw/; in it NAME/, where a dataset's files are kept, NAME.part/,
 * where they are while they arrive, and NAME.lock, which is locked meanwhile. */
typedef struct places {
  char *raw, *kept, *arriving, *lock;
} places;

static void free_places(places *at) {
  free(at->raw);
  free(at->kept);
  free(at->arriving);
  free(at->lock);
}

static int find_places(places *at, const char *name) {
  *at = (places){0};
  char *folder = NULL;
  int status = ls_dataset_directory(&folder);
  if (status != LS_OK) return status;
  at->raw = join(folder, "raw", "");
  free(folder);
  if (!at->raw) return LS_FAILED;
  at->kept = join(at->raw, name, "");
  at->arriving = join(at->raw, name, ".part");
  at->lock = join(at->raw, name, ".lock");
  return at->kept && at->arriving && at->lock ? LS_OK : LS_FAILED;
}

/* Adds why the source failed. */
static void add_reason(ls_text *reasons, const char *source) {
  ls_text_add(reasons, "%s%s: %s", reasons->length > 0 ? "; " : "", source, ls_error_message());
}

static int try_sources(ls_image_set *train, ls_image_set *test, const char **source,
                       const ls_published *known, const places *at, ls_text *reasons) {
  *source = known->folder;
  if (known->folder) {
    if (read_folder(train, test, known->folder, known) == LS_OK) return LS_OK;
    add_reason(reasons, *source);
  }
  int locked = lock(at->raw, at->lock);
  *source = "files fetched earlier";
  int status = read_folder(train, test, at->kept, known);
  if (status != LS_OK) add_reason(reasons, *source);
  for (size_t i = 0; status != LS_OK && i < known->mirror_count; i++) {
    *source = known->mirrors[i];
    status = download(train, test, known, *source, at->arriving, at->kept);
    if (status != LS_OK) add_reason(reasons, *source);
  }
  if (locked >= 0) close(locked);
  return status;
}

int ls_fetch(ls_image_set *train, ls_image_set *test, const char **source,
             const ls_published *known) {
  *train = *test = (ls_image_set){0};
  ls_text reasons = {0};
  places at;
  int status = find_places(&at, known->name);
  if (status == LS_OK) {
    status = try_sources(train, test, source, known, &at, &reasons);
    if (status != LS_OK && reasons.data) {
      status =
          ls_fail(LS_FAILED, "%s: no source has it: %s (its four IDX files may be put into %s)",
                  known->name, reasons.data, at.kept);
    }
  }
  ls_text_free(&reasons);
  free_places(&at);
  return status;
}
