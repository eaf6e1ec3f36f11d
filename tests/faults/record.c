/* A library to preload: records the file operations of a process in a folder, in their order, from
 * which a test derives the states that a power loss may leave.
 *
 * The record is the file that FAULTS_RECORD names, outside of FAULTS_FOLDER (watched.h). An entry
 * is a line "OPERATION INODE OFFSET BYTES PATH [PATH]", followed by BYTES bytes:
 *
 *   C created, or T truncated to OFFSET bytes; W written; S synchronized (also of folders);
 *   M folder created; R renamed or L linked to the second path; U removed;
 *   P printed to standard output
 *
 * Operations are recorded once they are done, except S: what is recorded after that is not known to
 * be on the disk. */
#include "watched.h"

#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static int record = -1;

static void enter(char operation, uint64_t inode, int64_t offset, const char *path,
                  const char *other, const void *from, size_t bytes) {
  char line[2 * WATCHED_PATH + 128];
  int length =
      snprintf(line, sizeof line, "%c %llu %lld %zu %s%s%s\n", operation, (unsigned long long)inode,
               (long long)offset, bytes, path, other ? " " : "", other ? other : "");
  const struct iovec parts[] = {{line, (size_t)length}, {(void *)from, bytes}};
  if (record >= 0) syscall(SYS_writev, record, parts, 2);
}

static uint64_t inode_of(int file) {
  struct stat info;
  return fstat(file, &info) == 0 ? info.st_ino : 0;
}

static ssize_t print(void *unused, const char *from, size_t bytes) {
  (void)unused;
  enter('P', 0, 0, "-", NULL, from, bytes);
  return write(STDOUT_FILENO, from, bytes);
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTS_RECORD");
  if (!path) return;
  record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  stdout = fopencookie(NULL, "w", (cookie_io_functions_t){.write = print});
}

/* Records a write to an open file; returns `written`. */
static ssize_t enter_write(int file, const void *from, ssize_t written, off_t offset) {
  char path[WATCHED_PATH];
  const char *name = written > 0 ? watched_file(file, path) : NULL;
  if (name) enter('W', inode_of(file), offset, name, NULL, from, (size_t)written);
  return written;
}

int open(const char *path, int flags, ...) {
  REAL(int, open, const char *, int, ...);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  bool there = access(path, F_OK) == 0;
  int file = real_open(path, flags, mode);
  const char *name = file >= 0 && watched_writes(flags) ? watched_path(path) : NULL;
  if (name && !there) enter('C', inode_of(file), 0, name, NULL, NULL, 0);
  if (name && there && flags & O_TRUNC) enter('T', inode_of(file), 0, name, NULL, NULL, 0);
  return file;
}

FILE *fopen(const char *path, const char *mode) {
  REAL(FILE *, fopen, const char *, const char *);
  int flags = stream_flags(mode);
  if (!watched_writes(flags) || !watched_path(path)) return real_fopen(path, mode);
  int file = open(path, flags, 0666);
  return file < 0 ? NULL : stream_of(file, mode);
}

FILE *fdopen(int file, const char *mode) {
  REAL(FILE *, fdopen, int, const char *);
  char path[WATCHED_PATH];
  if (!watched_writes(stream_flags(mode)) || !watched_file(file, path)) {
    return real_fdopen(file, mode);
  }
  return stream_of(file, mode);
}

ssize_t write(int file, const void *from, size_t bytes) {
  REAL(ssize_t, write, int, const void *, size_t);
  off_t offset = lseek(file, 0, SEEK_CUR);
  return enter_write(file, from, real_write(file, from, bytes), offset);
}

ssize_t pwrite(int file, const void *from, size_t bytes, off_t offset) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  return enter_write(file, from, real_pwrite(file, from, bytes, offset), offset);
}

int ftruncate(int file, off_t length) {
  REAL(int, ftruncate, int, off_t);
  char path[WATCHED_PATH];
  int done = real_ftruncate(file, length);
  const char *name = done == 0 ? watched_file(file, path) : NULL;
  if (name) enter('T', inode_of(file), length, name, NULL, NULL, 0);
  return done;
}

int fsync(int file) {
  REAL(int, fsync, int);
  char path[WATCHED_PATH];
  const char *name = watched_file(file, path);
  if (name) enter('S', inode_of(file), 0, name, NULL, NULL, 0);
  return real_fsync(file);
}

static int enter_paths(char operation, int done, const char *path, const char *other) {
  const char *name = done == 0 ? watched_path(path) : NULL;
  if (name) enter(operation, 0, 0, name, other, NULL, 0);
  return done;
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  return enter_paths('R', real_rename(from, to), from, to);
}

int link(const char *from, const char *to) {
  REAL(int, link, const char *, const char *);
  return enter_paths('L', real_link(from, to), from, to);
}

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  return enter_paths('U', real_unlink(path), path, NULL);
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  return enter_paths('M', real_mkdir(path, mode), path, NULL);
}
