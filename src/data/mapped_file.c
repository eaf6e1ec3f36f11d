/* Mapping files, and the end of the program when a page cannot be read. */
#include "data/mapped_file.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct mapped_file {
  unsigned char *base; /* of the mapping, on a page */
  size_t length;       /* of the mapping */
  size_t begin;        /* of the bytes that were asked for */
  int descriptor;
  off_t offset; /* of the mapping in the file */
  char *path;
  mapped_file *next;
};

/* ---- Pages that cannot be read --------------------------------------------------------------- */

/* All that are mapped, for the signal handler. */
static mapped_file *volatile mapped;
static struct sigaction previous;

static void print(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

/* Any other bus error is left to the handler that was there before. */
static void on_bus_error(int number, siginfo_t *info, void *context) {
  (void)context;
  const unsigned char *address = info->si_addr;
  for (const mapped_file *f = mapped; f; f = f->next) {
    if (address < f->base || address >= f->base + f->length) continue;
    print("lockstep: ");
    print(f->path);
    print(": cannot be read any more: the file was made shorter, or its device has failed\n");
    _exit(1);
  }
  sigaction(number, &previous, NULL);
}

static void catch_bus_errors(void) {
  struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO}, now;
  sigemptyset(&action.sa_mask);
  bool caught = sigaction(SIGBUS, NULL, &now) == 0 && now.sa_flags & SA_SIGINFO &&
                now.sa_sigaction == on_bus_error;
  if (!caught) sigaction(SIGBUS, &action, &previous);
}

static void link_file(mapped_file *file) {
  catch_bus_errors();
  file->next = mapped;
  mapped = file;
}

static void unlink_file(const mapped_file *file) {
  if (mapped == file) mapped = file->next;
  for (mapped_file *f = mapped; f; f = f->next) {
    if (f->next == file) f->next = file->next;
  }
}

/* ---- Mapping --------------------------------------------------------------------------------- */

static int map(mapped_file *f, uint64_t offset, size_t bytes, bool writable) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  struct stat info;
  uint64_t end;
  if (fstat(f->descriptor, &info) != 0) {
    return ls_fail(LS_FAILED, "%s: cannot read its size: %s", f->path, strerror(errno));
  }
  if (__builtin_add_overflow(offset, bytes, &end) || end > (uint64_t)info.st_size) {
    return ls_fail(LS_FAILED, "%s: is shorter than expected: has it changed?", f->path);
  }
  f->begin = (size_t)(offset % page);
  f->length = f->begin + bytes;
  f->offset = (off_t)(offset - f->begin);
  void *base = mmap(NULL, f->length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
                    f->descriptor, f->offset);
  if (base == MAP_FAILED) {
    return ls_fail(LS_FAILED, "%s: cannot map %.1f MiB: %s", f->path, (double)f->length / (1 << 20),
                   strerror(errno));
  }
  f->base = base;
  link_file(f);
  return LS_OK;
}

int mapped_file_create(mapped_file **out, int descriptor, const char *path, uint64_t offset,
                       size_t bytes, bool writable) {
  mapped_file *f = *out = ls_new(1, sizeof *f);
  if (!f) {
    close(descriptor);
    return LS_FAILED;
  }
  f->descriptor = descriptor;
  f->path = ls_copy_text(path);
  int status = f->path ? map(f, offset, bytes, writable) : LS_FAILED;
  if (status != LS_OK) mapped_file_free(out);
  return status;
}

unsigned char *mapped_file_bytes(const mapped_file *f) {
  return f->base + f->begin;
}

void mapped_file_read_ahead(const mapped_file *f, size_t begin, size_t end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), start = (f->begin + begin) / page * page;
  if (begin < end) madvise(f->base + start, f->begin + end - start, MADV_WILLNEED);
}

void mapped_file_release(const mapped_file *f, size_t begin, size_t end) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t first = (f->begin + begin + page - 1) / page * page;
  const size_t last = (f->begin + end) / page * page;
  if (first >= last) return;
  madvise(f->base + first, last - first, MADV_DONTNEED); /* leaves the file as it is */
  posix_fadvise(f->descriptor, f->offset + (off_t)first, (off_t)(last - first),
                POSIX_FADV_DONTNEED);
}

void mapped_file_free(mapped_file **file) {
  mapped_file *f = *file;
  if (!f) return;
  if (f->base) {
    unlink_file(f);
    munmap(f->base, f->length);
  }
  close(f->descriptor);
  free(f->path);
  free(f);
  *file = NULL;
}
