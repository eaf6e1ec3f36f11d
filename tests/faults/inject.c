/* A library to preload into ranks: counts the calls of one kind that could fail, and makes one of
 * them fail, or all from then on. Its settings are environment variables:
 *
 *   FAULTS_FOLDER   files below it are watched (watched.h)
 *   FAULTS_RANK     the rank whose calls are counted and fail
 *   FAULTS_KIND     one of `kinds` below
 *   FAULTS_AT       the number of the call that fails, from 1; 0: none
 *   FAULTS_LASTING  1: those after it fail, too
 *   FAULTS_ERROR    28 (ENOSPC), 5 (EIO); "short": a write ends half-way, without an error
 *   FAULTS_REPORT   a file that gets the line "KIND fails NUMBER WHAT" at the first failure, and at
 *                   the end of the process a line "KIND calls COUNT" for each kind
 *
 * Opening a file by MPI-IO, whose result ROMIO agrees on, fails on all ranks; other calls fail on
 * the one rank. Allocations fail if the program (`malloc`) or HDF5 (`malloc_hdf5`) makes them, not
 * if Open MPI does: it aborts without memory. */
#include "watched.h"

#include <errno.h>
#include <link.h>
#include <mpi.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static const char *const kinds[] = {"open",        "write",         "truncate",      "sync",
                                    "rename",      "mkdir",         "mpi_open",      "mpi_write",
                                    "mpi_bcast",   "mpi_allgather", "mpi_allreduce", "malloc",
                                    "malloc_hdf5", "memfd",         "allocate"};
enum {
  OPEN,
  WRITE,
  TRUNCATE,
  SYNC,
  RENAME,
  MKDIR,
  MPI_OPEN,
  MPI_WRITE,
  MPI_BCAST,
  MPI_ALLGATHER,
  MPI_ALLREDUCE,
  MALLOC,
  MALLOC_HDF5,
  MEMFD,
  ALLOCATE,
  KINDS
};

static atomic_long calls[KINDS];
static int chosen = -1, error_number = ENOSPC;
static bool active, lasting, partly;
static long at;

/* ---- What to do ------------------------------------------------------------------------------ */

static void report(const char *text) {
  const char *path = getenv("FAULTS_REPORT");
  long file = path ? syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
  if (file < 0) return;
  syscall(SYS_write, file, text, strlen(text));
  syscall(SYS_close, file);
}

/* What measures coverage allocates memory after the program's end. */
static void stop(void) {
  if (chosen == MALLOC) chosen = -1;
}

/* Counts a call; true if it is to fail. */
static bool fails(int kind, const char *what) {
  static bool begun;
  if (!active) return false;
  if (!begun) atexit(stop);
  begun = true;
  long number = ++calls[kind];
  if (kind != chosen || at == 0 || number < at || (number > at && !lasting)) return false;
  if (number == at) {
    char line[WATCHED_PATH + 64];
    snprintf(line, sizeof line, "%s fails %ld %s\n", kinds[kind], number, what);
    report(line);
  }
  errno = error_number;
  return true;
}

/* Where code lies that was loaded from a file. */
typedef struct code_range {
  uintptr_t begin, end;
} code_range;
static code_range program, hdf5;

static int find_code(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size, (void)context;
  code_range *found = !*info->dlpi_name && !program.end               ? &program
                      : strstr(info->dlpi_name, "libhdf5_openmpi.so") ? &hdf5
                                                                      : NULL;
  for (int i = 0; found && i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    found->begin = info->dlpi_addr + part->p_vaddr;
    found->end = found->begin + part->p_memsz;
  }
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *kind = getenv("FAULTS_KIND"), *rank = getenv("FAULTS_RANK");
  const char *number = getenv("FAULTS_AT"), *error = getenv("FAULTS_ERROR");
  if (!rank || atoi(rank) != watched_rank()) {
    /* Others take part in what all agree upon. */
    if (kind && strncmp(kind, "mpi_", 4) != 0) return;
  } else {
    active = true;
  }
  for (int k = 0; kind && k < KINDS; k++) {
    if (strcmp(kind, kinds[k]) == 0) chosen = k;
  }
  at = number ? atol(number) : 0;
  lasting = getenv("FAULTS_LASTING") && atoi(getenv("FAULTS_LASTING"));
  partly = error && strcmp(error, "short") == 0;
  if (error && atoi(error)) error_number = atoi(error);
  dl_iterate_phdr(find_code, NULL);
}

__attribute__((destructor)) static void end(void) {
  for (int k = 0; active && at == 0 && k < KINDS; k++) {
    char line[64];
    snprintf(line, sizeof line, "%s calls %ld\n", kinds[k], (long)calls[k]);
    report(line);
  }
}

/* ---- Files ----------------------------------------------------------------------------------- */

static bool file_fails(int kind, int file) {
  char path[WATCHED_PATH];
  const char *name = active ? watched_file(file, path) : NULL;
  return name && fails(kind, name);
}

static bool path_fails(int kind, const char *path) {
  const char *name = active ? watched_path(path) : NULL;
  return name && fails(kind, name);
}

int open(const char *path, int flags, ...) {
  REAL(int, open, const char *, int, ...);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return watched_writes(flags) && path_fails(OPEN, path) ? -1 : real_open(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
  REAL(FILE *, fopen, const char *, const char *);
  int flags = stream_flags(mode);
  if (!active || !watched_writes(flags) || !watched_path(path)) return real_fopen(path, mode);
  int file = open(path, flags, 0666);
  return file < 0 ? NULL : stream_of(file, mode);
}

FILE *fdopen(int file, const char *mode) {
  REAL(FILE *, fdopen, int, const char *);
  char path[WATCHED_PATH];
  if (!active || !watched_writes(stream_flags(mode)) || !watched_file(file, path)) {
    return real_fdopen(file, mode);
  }
  return stream_of(file, mode);
}

ssize_t write(int file, const void *from, size_t bytes) {
  REAL(ssize_t, write, int, const void *, size_t);
  if (!file_fails(WRITE, file)) return real_write(file, from, bytes);
  return partly && bytes > 1 ? real_write(file, from, bytes / 2) : -1;
}

ssize_t pwrite(int file, const void *from, size_t bytes, off_t offset) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  if (!file_fails(WRITE, file)) return real_pwrite(file, from, bytes, offset);
  return partly && bytes > 1 ? real_pwrite(file, from, bytes / 2, offset) : -1;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  return file_fails(WRITE, file) ? -1 : real_writev(file, parts, count);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t);
  return file_fails(WRITE, file) ? -1 : real_pwritev(file, parts, count, offset);
}

int ftruncate(int file, off_t length) {
  REAL(int, ftruncate, int, off_t);
  return file_fails(TRUNCATE, file) ? -1 : real_ftruncate(file, length);
}

int fsync(int file) {
  REAL(int, fsync, int);
  return file_fails(SYNC, file) ? -1 : real_fsync(file);
}

int fdatasync(int file) {
  REAL(int, fdatasync, int);
  return file_fails(SYNC, file) ? -1 : real_fdatasync(file);
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  return path_fails(RENAME, to) ? -1 : real_rename(from, to);
}

int link(const char *from, const char *to) {
  REAL(int, link, const char *, const char *);
  return path_fails(RENAME, to) ? -1 : real_link(from, to);
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  return path_fails(MKDIR, path) ? -1 : real_mkdir(path, mode);
}

/* ---- Memory ------------------------------------------------------------------------------------
 *
 * The C library's own functions are called by their other names: to look them up takes memory. */

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

static bool within(const code_range *c, const void *address) {
  return (uintptr_t)address >= c->begin && (uintptr_t)address < c->end;
}

static bool memory_fails(const void *caller) {
  bool failing = active && ((within(&program, caller) && fails(MALLOC, "")) ||
                            (within(&hdf5, caller) && fails(MALLOC_HDF5, "")));
  if (failing) errno = ENOMEM;
  return failing;
}

void *malloc(size_t bytes) {
  return memory_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
  return memory_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *old, size_t bytes) {
  return memory_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  return memory_fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  if (memory_fails(__builtin_return_address(0))) return ENOMEM;
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}

/* ---- Shared memory of the program ------------------------------------------------------------ */

int memfd_create(const char *name, unsigned flags) {
  REAL(int, memfd_create, const char *, unsigned);
  return fails(MEMFD, "") ? -1 : real_memfd_create(name, flags);
}

int posix_fallocate(int file, off_t begin, off_t length) {
  REAL(int, posix_fallocate, int, off_t, off_t);
  const bool failing = within(&program, __builtin_return_address(0)) && fails(ALLOCATE, "");
  return failing ? error_number : real_posix_fallocate(file, begin, length);
}

/* ---- MPI-IO ---------------------------------------------------------------------------------- */

static int mpi_error(void) {
  return error_number == ENOSPC ? MPI_ERR_NO_SPACE : MPI_ERR_IO;
}

/* Collective over the file's ranks: whether the call fails on one of them. */
static bool all_fail(int kind, MPI_Comm comm, const char *what) {
  int failing = fails(kind, what);
  if (chosen == kind) PMPI_Allreduce(MPI_IN_PLACE, &failing, 1, MPI_INT, MPI_MAX, comm);
  return failing;
}

int MPI_File_open(MPI_Comm comm, const char *path, int mode, MPI_Info info, MPI_File *file) {
  if (watched_path(path) && all_fail(MPI_OPEN, comm, path)) return mpi_error();
  return PMPI_File_open(comm, path, mode, info, file);
}

int MPI_File_write_at(MPI_File file, MPI_Offset offset, const void *from, int count,
                      MPI_Datatype type, MPI_Status *status) {
  return fails(MPI_WRITE, "") ? mpi_error()
                              : PMPI_File_write_at(file, offset, from, count, type, status);
}

int MPI_File_write_at_all(MPI_File file, MPI_Offset offset, const void *from, int count,
                          MPI_Datatype type, MPI_Status *status) {
  /* The other ranks don't learn of a failure on one rank, but don't wait for it either. */
  int code = PMPI_File_write_at_all(file, offset, from, count, type, status);
  return fails(MPI_WRITE, "") ? mpi_error() : code;
}

/* ---- Collective calls of the program -----------------------------------------------------------
 *
 * A call is made, so that other ranks don't wait for this one, and then returns an error. Sums and
 * maxima fail, but not minima, by which ranks agree on errors: if that fails no other rank can
 * know.
 */

static int collective_code(int kind, int code, const void *caller) {
  return within(&program, caller) && fails(kind, "") ? MPI_ERR_OTHER : code;
}

int MPI_Bcast(void *data, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  return collective_code(MPI_BCAST, PMPI_Bcast(data, count, type, root, comm),
                         __builtin_return_address(0));
}

int MPI_Allgather(const void *own, int count, MPI_Datatype type, void *all, int counts,
                  MPI_Datatype types, MPI_Comm comm) {
  return collective_code(MPI_ALLGATHER, PMPI_Allgather(own, count, type, all, counts, types, comm),
                         __builtin_return_address(0));
}

int MPI_Allreduce(const void *own, void *result, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  int code = PMPI_Allreduce(own, result, count, type, op, comm);
  if (op == MPI_MIN) return code;
  return collective_code(MPI_ALLREDUCE, code, __builtin_return_address(0));
}
