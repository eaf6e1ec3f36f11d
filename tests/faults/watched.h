/* Shared by the preloaded libraries: which files and processes they watch.
 *
 * They are preloaded into mpirun's ranks. They watch the files below the folder that the
 * environment variable FAULTS_FOLDER names, but no sockets, pipes and files of MPI. */
#ifndef LS_TESTS_WATCHED_H
#define LS_TESTS_WATCHED_H

#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The function that the preloaded one hides. */
#define REAL(type, name, ...)                                                                      \
  static type (*real_##name)(__VA_ARGS__);                                                         \
  if (!real_##name) *(void **)(void *)&real_##name = dlsym(RTLD_NEXT, #name)

enum { WATCHED_PATH = 512 };

static inline int watched_rank(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  return rank ? atoi(rank) : 0;
}

static inline const char *watched_folder(void) {
  static const char *folder;
  if (!folder) folder = getenv("FAULTS_FOLDER");
  return folder ? folder : "/nowhere";
}

/* The path within the folder, "." for itself, NULL for one elsewhere. Relative ones are of the
 * working folder, which is that folder. */
static inline const char *watched_path(const char *path) {
  size_t length = strlen(watched_folder());
  if (path[0] != '/') return path;
  if (strncmp(path, watched_folder(), length) != 0) return NULL;
  if (path[length] == '\0') return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

static inline const char *watched_file(int file, char path[WATCHED_PATH]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, WATCHED_PATH - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  return path[0] == '/' ? watched_path(path) : NULL;
}

/* Ranks that wait for one another call this again and again, where they are more than the cores.
 * They sleep instead, so that many jobs can be run side by side. */
int sched_yield(void) {
  const struct timespec moment = {0, 30000};
  nanosleep(&moment, NULL);
  return 0;
}

static inline bool watched_writes(int flags) {
  return (flags & O_ACCMODE) != O_RDONLY;
}

/* ---- Streams -----------------------------------------------------------------------------------
 *
 * The C library's streams write without calling anything that could be put before it. Those of
 * watched files are therefore made of the functions that can. */

static inline ssize_t stream_read(void *file, char *out, size_t bytes) {
  return read(*(int *)file, out, bytes);
}

static inline ssize_t stream_write(void *file, const char *from, size_t bytes) {
  ssize_t written = write(*(int *)file, from, bytes);
  return written < 0 ? 0 : written;
}

static inline int stream_seek(void *file, off64_t *offset, int whence) {
  *offset = lseek64(*(int *)file, *offset, whence);
  return *offset < 0 ? -1 : 0;
}

static inline int stream_close(void *file) {
  int done = close(*(int *)file);
  free(file);
  return done;
}

/* A stream of that file, for reading too where `mode` says so. */
static inline FILE *stream_of(int file, const char *mode) {
  int *kept = malloc(sizeof *kept);
  if (!kept) return NULL;
  *kept = file;
  return fopencookie(kept, mode,
                     (cookie_io_functions_t){stream_read, stream_write, stream_seek, stream_close});
}

/* The flags of open for a mode of fopen. */
static inline int stream_flags(const char *mode) {
  int access = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  if (mode[0] == 'w') return access | O_CREAT | O_TRUNC;
  return mode[0] == 'a' ? access | O_CREAT | O_APPEND : access;
}

#endif
