/* Running a program that draws. */
#include "figure/program.h"

#include "lockstep/error.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* Starts the program between three open files and waits for it. */
static int spawn(const ls_program *program, FILE *in, FILE *out, FILE *err, int *exit_status) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), 1);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), 2);
  const char *name = program->arguments[0];
  pid_t child = 0;
  int why = posix_spawnp(&child, name, &actions, NULL, (char *const *)program->arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (why) {
    return ls_fail(LS_FAILED, "cannot run %s: %s (the figures need it; the Debian package is %s)",
                   name, strerror(why), program->package);
  }
  while (waitpid(child, exit_status, 0) < 0) {
    if (errno != EINTR) return ls_fail(LS_FAILED, "cannot wait for %s: %s", name, strerror(errno));
  }
  return LS_OK;
}

/* A whole file, which must not be empty. */
static int read_back(ls_text *text, FILE *file, const char *name, const char *if_empty) {
  char chunk[16384];
  size_t got = 0;
  rewind(file);
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) ls_text_add_bytes(text, chunk, got);
  if (text->failed) return ls_fail(LS_FAILED, "out of memory for a figure");
  return text->length > 0 ? LS_OK : ls_fail(LS_FAILED, "%s failed: %s", name, if_empty);
}

/* gnuplot's message repeats the line in question, marks the place, then gives the reason. */
static int report_failure(const char *name, FILE *err) {
  ls_text text = {0};
  int status = read_back(&text, err, name, "no reason given");
  if (status == LS_OK) {
    const char *line = strstr(text.data, "line ");
    if (!line) line = text.data;
    status = ls_fail(LS_FAILED, "%s failed: %.*s", name, (int)strcspn(line, "\n"), line);
  }
  ls_text_free(&text);
  return status;
}

int program_run(ls_text *out, const ls_program *program, const char *input) {
  const char *name = program->arguments[0];
  /* Files rather than pipes: neither side has to read while it writes. */
  FILE *in = tmpfile(), *drawn = tmpfile(), *err = tmpfile();
  int exit_status = 0, status = LS_OK;
  if (!in || !drawn || !err || fputs(input, in) < 0 || fflush(in) != 0) {
    status = ls_fail(LS_FAILED, "cannot write a temporary file for %s: %s", name, strerror(errno));
  }
  if (status == LS_OK) {
    rewind(in);
    status = spawn(program, in, drawn, err, &exit_status);
  }
  if (status == LS_OK) {
    status =
        exit_status ? report_failure(name, err) : read_back(out, drawn, name, "it drew nothing");
  }
  if (in) fclose(in);
  if (drawn) fclose(drawn);
  if (err) fclose(err);
  return status;
}
