/* Lock files. */
#include "store/results/lock.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/slurm.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct owner {
  char host[256];
  long pid;
  unsigned long long start;
  char since[32];    /* UTC */
  char cluster[128]; /* of Slurm, and the job there and how often it was restarted */
  unsigned long job, restart;
} owner;

/* A number from the environment, 0 if there is none. */
static unsigned long environment_number(const char *name) {
  const char *text = getenv(name);
  return text ? strtoul(text, NULL, 10) : 0;
}

static owner this_process(void) {
  owner o = {.host = "", .pid = (long)getpid(), .start = ls_process_start((long)getpid())};
  gethostname(o.host, sizeof o.host - 1);
  ls_clock_utc(o.since);
  const char *cluster = getenv("SLURM_CLUSTER_NAME");
  snprintf(o.cluster, sizeof o.cluster, "%s", cluster && *cluster ? cluster : "-");
  o.job = environment_number("SLURM_JOB_ID");
  o.restart = environment_number("SLURM_RESTART_COUNT");
  return o;
}

static char *describe(const owner *o) {
  ls_text text = {0};
  ls_text_add(&text, "host %s process %ld start %llu since %s", o->host, o->pid, o->start,
              o->since);
  if (o->job > 0) {
    ls_text_add(&text, " cluster %s job %lu restart %lu", o->cluster, o->job, o->restart);
  }
  ls_text_add(&text, "\n");
  return ls_text_take(&text);
}

static bool parse(owner *o, const char *text) {
  *o = (owner){.host = "an unknown host"};
  int read = sscanf(text,
                    "host %255s process %ld start %llu since %31s cluster %127s job %lu "
                    "restart %lu",
                    o->host, &o->pid, &o->start, o->since, o->cluster, &o->job, &o->restart);
  return read == 4 || read == 7;
}

/* The content of a lock file, "" if it can't be read. Opened each time, since that is when a
 * network file system checks for changes by other hosts. */
static char *read_lock(const char *path) {
  char *text = NULL;
  if (ls_check_regular_file(path, "a lock file") == LS_OK &&
      ls_text_read_file(&text, NULL, path, 4096) == LS_OK) {
    return text;
  }
  ls_error_clear();
  return ls_copy_text("");
}

/* ---- Taking over ----------------------------------------------------------------------------- */

static bool has_ended_here(const owner *o, const owner *self) {
  return strcmp(o->host, self->host) == 0 && ls_process_start(o->pid) != o->start;
}

/* Whether its Slurm job has ended. */
static bool has_ended_in_slurm(const owner *o, const owner *self, const char *path) {
  if (self->job == 0 || o->job == 0 || strcmp(o->cluster, self->cluster) != 0) return false;
  if (o->job == self->job) return o->restart < self->restart;
  struct stat info;
  /* Slurm may hide jobs of other users. */
  bool ours = stat(path, &info) == 0 && info.st_uid == geteuid();
  return ours && ls_slurm_job_ended(o->job);
}

static bool is_empty(const char *path) {
  char *text = read_lock(path); /* opens it, see read_lock */
  struct stat info;
  bool empty = text && !*text && stat(path, &info) == 0 && info.st_size == 0;
  free(text);
  return empty;
}

/* A lock is briefly empty when it is created, and stays empty if the run ended or power failed
 * then. */
static bool stays_empty(const char *path) {
  if (!is_empty(path)) return false;
  sleep((unsigned)(2 * LOCK_CHECK_SECONDS));
  return is_empty(path);
}

/* Removes the lock if its owner is gone. */
static bool remove_stale(const char *path, const owner *self, owner *other) {
  if (stays_empty(path)) return unlink(path) == 0;
  char *text = read_lock(path);
  bool known = text && parse(other, text);
  free(text);
  if (!known) return false;
  bool ended = has_ended_here(other, self) || has_ended_in_slurm(other, self, path);
  return ended && unlink(path) == 0;
}

/* ---- The lock -------------------------------------------------------------------------------- */

static char *lock_file(const char *path) {
  ls_text name = {0};
  ls_text_add(&name, "%s.lock", path);
  return ls_text_take(&name);
}

/* 0, or -1 with errno. */
static int create(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (fd < 0) return -1;
  size_t length = strlen(text);
  ssize_t written = write(fd, text, length);
  int error = written < 0 ? errno : (size_t)written < length ? ENOSPC : 0;
  if (error == 0 && fsync(fd) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  if (error != 0) unlink(path);
  errno = error;
  return error == 0 ? 0 : -1;
}

/* LS_INVALID: the lock of `path`, which is `file`, has an owner, or (pid 0) one that is not known.
 */
static int fail_in_use(const char *path, const char *file, const owner *other) {
  if (other->pid == 0) {
    return ls_fail(LS_INVALID,
                   "%s: is in use, since %s exists (if no run uses it, remove that file)", path,
                   file);
  }
  char job[64] = "";
  if (other->job > 0) snprintf(job, sizeof job, ", Slurm job %lu", other->job);
  return ls_fail(LS_INVALID,
                 "%s: is in use by process %ld on %s%s (if that run is gone, remove %s)", path,
                 other->pid, other->host, job, file);
}

static int acquire(const char *path, const char *file, const owner *self, const char *text,
                   bool *taken_over) {
  owner other = {.pid = 0};
  int made = create(file, text);
  if (made != 0 && errno == EEXIST) {
    made = remove_stale(file, self, &other) ? create(file, text) : -1;
    if (made != 0) errno = EEXIST;
    *taken_over = made == 0;
    /* Only the owner's rank 0 is known to be gone. */
    if (made == 0) sleep((unsigned)(2 * LOCK_CHECK_SECONDS));
  }
  if (made == 0) return LS_OK;
  if (errno == EEXIST) return fail_in_use(path, file, &other);
  return ls_fail(LS_FAILED, "%s: cannot create: %s", file, strerror(errno));
}

int lock_acquire(char **owner_text, bool *taken_over, const char *path) {
  owner self = this_process();
  *taken_over = false;
  char *file = lock_file(path), *text = describe(&self);
  int status = file && text ? acquire(path, file, &self, text, taken_over) : LS_FAILED;
  free(file);
  if (status != LS_OK) {
    free(text);
    text = NULL;
  }
  *owner_text = text;
  return status;
}

int lock_check_free(const char *path) {
  owner self = this_process(), other = {.pid = 0};
  char *file = lock_file(path);
  if (!file) return LS_FAILED;
  bool there = access(file, F_OK) == 0;
  char *text = there ? read_lock(file) : NULL;
  bool known = text && parse(&other, text);
  bool gone = !there ||
              (known && (has_ended_here(&other, &self) || has_ended_in_slurm(&other, &self, file)));
  int status = gone ? LS_OK : fail_in_use(path, file, &other);
  free(text);
  free(file);
  return status;
}

int lock_check(const char *path, const char *owner_text) {
  char *file = lock_file(path), *text = file ? read_lock(file) : NULL;
  int status = text ? LS_OK : LS_FAILED;
  owner other;
  if (text && strcmp(text, owner_text) != 0) {
    status = parse(&other, text)
                 ? ls_fail(LS_FAILED,
                           "%s: has been taken over by process %ld on %s: this run ends without "
                           "writing to it",
                           path, other.pid, other.host)
                 : ls_fail(LS_FAILED,
                           "%s: the lock file %s is gone: this run ends, since another may "
                           "write there",
                           path, file);
  }
  free(text);
  free(file);
  return status;
}

void lock_release(const char *path, char **owner_text) {
  if (!*owner_text) return;
  char *file = lock_file(path);
  char *text = file ? read_lock(file) : NULL;
  if (text && strcmp(text, *owner_text) == 0) unlink(file);
  free(text);
  free(file);
  free(*owner_text);
  *owner_text = NULL;
}
