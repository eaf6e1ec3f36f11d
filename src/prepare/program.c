/* Running another program. */
#include "prepare/program.h"

#include "lockstep/error.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXCERPT = 240 };

/* Starts the program with standard error connected to `report`. Returns 0 or an errno value. */
static int spawn(pid_t *child, const char *const *arguments, int report) {
  posix_spawn_file_actions_t actions;
  int why = posix_spawn_file_actions_init(&actions);
  if (why != 0) return why;
  why = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (why == 0) why = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (why == 0) why = posix_spawn_file_actions_adddup2(&actions, report, 2);
  /* Not const in posix_spawnp for historical reasons only. */
  char *const *vector = (char *const *)(const void *)arguments;
  if (why == 0) why = posix_spawnp(child, arguments[0], &actions, NULL, vector, environ);
  posix_spawn_file_actions_destroy(&actions);
  return why;
}

/* Reads to the end and keeps the beginning, with each run of white space as one space. */
static void read_report(int from, char excerpt[EXCERPT]) {
  size_t length = 0;
  bool gap = false;
  char chunk[1024];
  ssize_t got = 0;
  while ((got = read(from, chunk, sizeof chunk)) > 0 || (got < 0 && errno == EINTR)) {
    for (ssize_t i = 0; i < got; i++) {
      bool space = isspace((unsigned char)chunk[i]) || iscntrl((unsigned char)chunk[i]);
      if (!space && gap && length > 0 && length < EXCERPT - 1) excerpt[length++] = ' ';
      if (!space && length < EXCERPT - 1) excerpt[length++] = chunk[i];
      gap = space;
    }
  }
  excerpt[length] = '\0';
}

/* Waits for the end. Returns 0 if the program reports success. */
static int wait_for(pid_t child, const char *name, const char *excerpt) {
  int ending = 0;
  while (waitpid(child, &ending, 0) < 0) {
    if (errno != EINTR) return ls_fail(LS_FAILED, "%s: cannot wait: %s", name, strerror(errno));
  }
  if (WIFEXITED(ending) && WEXITSTATUS(ending) == 0) return LS_OK;
  const char *colon = *excerpt ? ": " : "";
  if (WIFSIGNALED(ending)) {
    return ls_fail(LS_FAILED, "%s: ended by signal %d%s%s", name, WTERMSIG(ending), colon, excerpt);
  }
  return ls_fail(LS_FAILED, "%s: exit status %d%s%s", name, WEXITSTATUS(ending), colon, excerpt);
}

int ls_program_run(const char *const *arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return ls_fail(LS_FAILED, "%s: cannot make a pipe: %s", arguments[0], strerror(errno));
  }
  pid_t child = -1;
  int why = spawn(&child, arguments, ends[1]);
  close(ends[1]);
  char excerpt[EXCERPT] = "";
  if (why == 0) read_report(ends[0], excerpt);
  close(ends[0]);
  if (why == ENOENT) return ls_fail(LS_FAILED, "%s: is not installed", arguments[0]);
  if (why != 0) return ls_fail(LS_FAILED, "%s: cannot start: %s", arguments[0], strerror(why));
  return wait_for(child, arguments[0], excerpt);
}
