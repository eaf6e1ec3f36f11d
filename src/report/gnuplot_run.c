/* Running gnuplot, and making its output fit for a page. */
#include "gnuplot.h"

#include "format.h"
#include "lockstep/error.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* Starts gnuplot between three open files and waits for it. */
static int spawn(FILE *in, FILE *out, FILE *err, int *exit_status) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), 1);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), 2);
  /* -d: without the user's own settings. */
  char *arguments[] = {"gnuplot", "-d", "-", NULL};
  pid_t child = 0;
  int why = posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (why) {
    return ls_fail(LS_FAILED,
                   "cannot run gnuplot: %s (the figures need it; the Debian package is "
                   "gnuplot-nox)",
                   strerror(why));
  }
  while (waitpid(child, exit_status, 0) < 0) {
    if (errno != EINTR) return ls_fail(LS_FAILED, "cannot wait for gnuplot: %s", strerror(errno));
  }
  return LS_OK;
}

static void read_back(ls_text *text, FILE *file) {
  char chunk[16384];
  size_t got = 0;
  rewind(file);
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) ls_text_add_bytes(text, chunk, got);
}

/* Records gnuplot's complaint: it repeats the line in question, marks the place, then says what. */
static int complain(const char *complaint) {
  const char *line = strstr(complaint, "line ");
  if (!line) line = complaint;
  return ls_fail(LS_FAILED, "gnuplot failed: %.*s", (int)strcspn(line, "\n"), line);
}

/* Puts the figure's own title in the place of gnuplot's, and drops those of the single plots: a
 * browser would show them, scraps of the script, wherever the mouse goes. */
static int retitle(char **out, const char *svg, const char *title) {
  static const char opening[] = "<title>", closing[] = "</title>";
  ls_text text = {0};
  const char *rest = svg, *at = NULL;
  for (bool first = true; (at = strstr(rest, opening)); first = false) {
    const char *end = strstr(at, closing);
    if (!end) break;
    ls_text_add_bytes(&text, rest, (size_t)(at - rest));
    rest = end + strlen(closing);
    if (!first) continue;
    ls_text_add(&text, "%s", opening);
    ls_report_add_escaped(&text, title);
    ls_text_add(&text, "%s", closing);
  }
  if (rest == svg) return ls_fail(LS_FAILED, "gnuplot failed: it drew nothing");
  ls_text_add(&text, "%s", rest);
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_gnuplot_run(char **svg, const char *script, const char *title) {
  *svg = NULL;
  /* Files rather than pipes: nobody has to read while somebody writes. */
  FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
  ls_text drawn = {0}, complaint = {0};
  int exit_status = 0, status = LS_OK;
  if (!in || !out || !err || fputs(script, in) < 0 || fflush(in) != 0) {
    status = ls_fail(LS_FAILED, "cannot write a temporary file for gnuplot: %s", strerror(errno));
  }
  if (status == LS_OK) {
    rewind(in);
    status = spawn(in, out, err, &exit_status);
  }
  if (status == LS_OK) {
    read_back(&drawn, out);
    read_back(&complaint, err);
    if (exit_status != 0) {
      status = complain(complaint.data ? complaint.data : "no reason given");
    } else {
      status = retitle(svg, drawn.data ? drawn.data : "", title);
    }
  }
  ls_text_free(&drawn);
  ls_text_free(&complaint);
  if (in) fclose(in);
  if (out) fclose(out);
  if (err) fclose(err);
  return status;
}

/* Whether an id, or a reference to one, begins right before `at`. */
static bool names_id(const char *start, const char *at) {
  static const char *const before[] = {" id=\"", " id='", "href=\"#", "href='#", "url(#"};
  for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
    size_t length = strlen(before[i]);
    if ((size_t)(at - start) >= length && memcmp(at - length, before[i], length) == 0) return true;
  }
  return false;
}

int ls_gnuplot_inline(char **out, const char *svg, const char *prefix, const char *label) {
  *out = NULL;
  const char *start = strstr(svg, "<svg");
  if (!start) return ls_fail(LS_FAILED, "gnuplot failed: it drew nothing");
  ls_text text = {0};
  ls_text_add(&text, "<svg role=\"img\" aria-label=\"");
  ls_report_add_escaped(&text, label);
  ls_text_add(&text, "\"");
  bool in_tag = true;
  for (const char *at = start + strlen("<svg"); *at; at++) {
    if (in_tag && names_id(start, at)) ls_text_add(&text, "%s-", prefix);
    if (*at == '<') in_tag = true;
    if (*at == '>') in_tag = false;
    ls_text_add_bytes(&text, at, 1);
  }
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}
