/* Lock files. */
#include "lock.h"

#include "lockstep/error.h"
#include "lockstep/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Start time of a process in ticks since boot, 0 if there is none: a process number alone may have
 * been given to another process since. */
static unsigned long long start_of(long pid) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = '\0';
  char *after_name = strrchr(line, ')');
  unsigned long long start = 0;
  char state = 'X';
  if (after_name) {
    sscanf(after_name + 2,
           "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
           "%*d %*d %llu",
           &state, &start);
  }
  /* Dead, but not yet waited for by its parent. */
  if (state == 'Z' || state == 'X') return 0;
  return start;
}

typedef struct owner {
  char host[256];
  long pid;
  unsigned long long start;
} owner;

static owner this_process(void) {
  owner o = {"", (long)getpid(), start_of((long)getpid())};
  gethostname(o.host, sizeof o.host - 1);
  return o;
}

static bool read_owner(const char *path, owner *o) {
  FILE *file = fopen(path, "r");
  if (!file) return false;
  bool complete =
      fscanf(file, "host %255s process %ld start %llu", o->host, &o->pid, &o->start) == 3;
  fclose(file);
  return complete;
}

/* Whether the owner is surely gone: a process of this host that no longer exists. */
static bool is_gone(const owner *o) {
  owner self = this_process();
  return strcmp(o->host, self.host) == 0 && start_of(o->pid) != o->start;
}

static int try_create(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (fd < 0) return -1;
  owner self = this_process();
  bool written =
      dprintf(fd, "host %s process %ld start %llu\n", self.host, self.pid, self.start) > 0;
  written &= close(fd) == 0;
  if (!written) unlink(path);
  return written ? 0 : -1;
}

int lock_acquire(char **lock, const char *path) {
  *lock = NULL;
  ls_text name = {0};
  ls_text_add(&name, "%s.lock", path);
  char *file = ls_text_take(&name);
  if (!file) return LS_FAILED;
  owner other = {"", 0, 0};
  int made = try_create(file), why = errno;
  bool known = made != 0 && why == EEXIST && read_owner(file, &other);
  if (known && is_gone(&other)) {
    unlink(file);
    made = try_create(file);
    why = errno;
  }
  if (made == 0) {
    *lock = file;
    return LS_OK;
  }
  int status = LS_INVALID;
  if (why != EEXIST) {
    status = ls_fail(LS_FAILED, "%s: cannot create: %s", file, strerror(why));
  } else if (known) {
    ls_fail(status, "%s: is in use by process %ld on %s (if that run is gone, remove %s)", path,
            other.pid, other.host, file);
  } else {
    ls_fail(status, "%s: is in use, as there is %s (if no run is, remove that)", path, file);
  }
  free(file);
  return status;
}

void lock_release(char **lock) {
  if (!lock || !*lock) return;
  unlink(*lock);
  free(*lock);
  *lock = NULL;
}
