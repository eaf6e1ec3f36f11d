/* Running gnuplot, once for SVG and once for PNG, and putting the files in their places. */
#include "lockstep/error.h"
#include "lockstep/figure.h"
#include "lockstep/paths.h"
#include "lockstep/text.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { SHARPNESS = 2 }; /* pixels of the PNG to one of the SVG */

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

/* gnuplot's complaint repeats the line in question, marks the place, then says what. */
static int complain(FILE *err) {
  char text[2048];
  rewind(err);
  text[fread(text, 1, sizeof text - 1, err)] = '\0';
  const char *line = strstr(text, "line ");
  if (!line) line = text;
  return ls_fail(LS_FAILED, "gnuplot failed: %.*s", (int)strcspn(line, "\n"), line);
}

/* Runs the script on a terminal, with the output going to `out`. */
static int draw(FILE *out, const char *terminal, const char *script) {
  /* Files rather than pipes: nobody has to read while somebody writes. */
  FILE *in = tmpfile(), *err = tmpfile();
  int exit_status = 0, status = LS_OK;
  if (!in || !err || fputs(terminal, in) < 0 || fputs(script, in) < 0 || fflush(in) != 0) {
    status = ls_fail(LS_FAILED, "cannot write a temporary file for gnuplot: %s", strerror(errno));
  }
  if (status == LS_OK) {
    rewind(in);
    status = spawn(in, out, err, &exit_status);
  }
  if (status == LS_OK && exit_status != 0) status = complain(err);
  if (in) fclose(in);
  if (err) fclose(err);
  return status;
}

static void add_escaped(ls_text *text, const char *from) {
  for (; *from; from++) {
    switch (*from) {
    case '&':
      ls_text_add(text, "&amp;");
      break;
    case '<':
      ls_text_add(text, "&lt;");
      break;
    case '>':
      ls_text_add(text, "&gt;");
      break;
    default:
      ls_text_add_bytes(text, from, 1);
    }
  }
}

/* Puts the figure's own title in the place of gnuplot's and drops those of the single plots, scraps
 * of the script; has images drawn with sharp cells, as they are in the PNG. */
static int mend_svg(FILE *out, const char *svg, const char *title) {
  static const char opening[] = "<title>", closing[] = "</title>", image[] = "<image ";
  ls_text text = {0};
  bool first = true;
  for (const char *at = svg; *at;) {
    const char *end = NULL;
    if (strncmp(at, opening, strlen(opening)) == 0 && (end = strstr(at, closing))) {
      if (first) {
        ls_text_add(&text, "%s", opening);
        add_escaped(&text, title);
        ls_text_add(&text, "%s", closing);
      }
      first = false;
      at = end + strlen(closing);
    } else if (strncmp(at, image, strlen(image)) == 0) {
      ls_text_add(&text, "%sstyle='image-rendering:pixelated' ", image);
      at += strlen(image);
    } else {
      size_t run = 1 + strcspn(at + 1, "<");
      ls_text_add_bytes(&text, at, run);
      at += run;
    }
  }
  bool written = !text.failed && text.data && ftruncate(fileno(out), 0) == 0 &&
                 fseek(out, 0, SEEK_SET) == 0 && fputs(text.data, out) >= 0;
  ls_text_free(&text);
  return written ? LS_OK : ls_fail(LS_FAILED, "cannot write a figure: %s", strerror(errno));
}

static int read_back(ls_text *text, FILE *file) {
  char chunk[16384];
  size_t got = 0;
  rewind(file);
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) ls_text_add_bytes(text, chunk, got);
  if (text->failed) return ls_fail(LS_FAILED, "out of memory");
  return text->length > 0 ? LS_OK : ls_fail(LS_FAILED, "gnuplot failed: it drew nothing");
}

/* Fills the open file with the figure. */
static int fill(FILE *out, const char *title, const char *script, int width, int height, bool svg) {
  char terminal[256];
  int scale = svg ? 1 : SHARPNESS;
  snprintf(terminal, sizeof terminal,
           svg ? "set terminal svg size %d,%d enhanced font 'Helvetica,13' background '#ffffff'\n"
               : "set terminal pngcairo size %d,%d enhanced font 'Helvetica,13' fontscale %g "
                 "linewidth %d pointscale %d background '#ffffff'\n",
           width * scale, height * scale, 0.75 * scale, scale, 3 * scale / 2);
  int status = draw(out, terminal, script);
  ls_text drawn = {0};
  if (status == LS_OK) status = read_back(&drawn, out);
  if (status == LS_OK && svg) status = mend_svg(out, drawn.data, title);
  ls_text_free(&drawn);
  return status;
}

static int write_file(const char *path, const char *ending, const char *title, const char *script,
                      int width, int height) {
  ls_text name = {0};
  ls_text_add(&name, "%s.%s", path, ending);
  char *final = ls_text_take(&name), *temporary = NULL;
  int status = final ? ls_make_temporary(&temporary, final) : LS_FAILED;
  FILE *out = status == LS_OK ? fopen(temporary, "w+b") : NULL;
  if (status == LS_OK && !out) {
    status = ls_fail(LS_FAILED, "%s: cannot write: %s", final, strerror(errno));
  }
  if (status == LS_OK) {
    status = fill(out, title, script, width, height, strcmp(ending, "svg") == 0);
  }
  if (out && fclose(out) != 0 && status == LS_OK) {
    status = ls_fail(LS_FAILED, "%s: cannot write: %s", final, strerror(errno));
  }
  if (status == LS_OK) status = ls_replace_file(temporary, final);
  if (status != LS_OK && temporary) unlink(temporary);
  free(temporary);
  free(final);
  return status;
}

int ls_figure_run(const char *path, const char *title, const char *script, int width, int height) {
  int status = write_file(path, "svg", title, script, width, height);
  return status == LS_OK ? write_file(path, "png", title, script, width, height) : status;
}
