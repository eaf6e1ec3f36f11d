/* Running gnuplot, and adapting its output for files and pages. */
#include "base/memory.h"
#include "base/paths.h"
#include "figure/gnuplot.h"
#include "lockstep/error.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum { SHARPNESS = 2 }; /* pixels of the PNG to one of the SVG */

/* Starts gnuplot between three open files and waits for it. */
static int spawn(FILE *in, FILE *out, FILE *err, int *exit_status) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), 1);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), 2);
  /* -d: without the user's own settings. The script by name: from its standard input gnuplot reads
   * without a buffer, one byte at a time. */
  char *arguments[] = {"gnuplot", "-d", "/dev/stdin", NULL};
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

/* A whole file, which must not be empty. */
static int read_back(ls_text *text, FILE *file, const char *if_empty) {
  char chunk[16384];
  size_t got = 0;
  rewind(file);
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) ls_text_add_bytes(text, chunk, got);
  if (text->failed) return ls_fail(LS_FAILED, "out of memory for a figure");
  return text->length > 0 ? LS_OK : ls_fail(LS_FAILED, "gnuplot failed: %s", if_empty);
}

/* gnuplot's message repeats the line in question, marks the place, then gives the reason. */
static int report_failure(FILE *err) {
  ls_text text = {0};
  int status = read_back(&text, err, "no reason given");
  if (status == LS_OK) {
    const char *line = strstr(text.data, "line ");
    if (!line) line = text.data;
    status = ls_fail(LS_FAILED, "gnuplot failed: %.*s", (int)strcspn(line, "\n"), line);
  }
  ls_text_free(&text);
  return status;
}

/* Runs the script on a terminal; what it draws goes to `drawn`. */
static int draw(ls_text *drawn, const char *terminal, const ls_figure_script *script) {
  if (script->text.failed) return ls_fail(LS_FAILED, "out of memory for a figure");
  const char *commands = script->text.data ? script->text.data : "";
  /* Files rather than pipes: neither side has to read while it writes. */
  FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
  int exit_status = 0, status = LS_OK;
  if (!in || !out || !err || fputs(terminal, in) < 0 || fputs(commands, in) < 0 ||
      fflush(in) != 0) {
    status = ls_fail(LS_FAILED, "cannot write a temporary file for gnuplot: %s", strerror(errno));
  }
  if (status == LS_OK) {
    rewind(in);
    status = spawn(in, out, err, &exit_status);
  }
  if (status == LS_OK)
    status = exit_status ? report_failure(err) : read_back(drawn, out, "it drew nothing");
  if (in) fclose(in);
  if (out) fclose(out);
  if (err) fclose(err);
  return status;
}

/* Replaces gnuplot's title by the figure's and removes the titles of single plots, which are parts
 * of the script: a browser would show them as tooltips. Makes browsers draw images with sharp
 * cells, as in a PNG. */
static void mend_svg(ls_text *text, const char *svg, const char *title) {
  static const char opening[] = "<title>", closing[] = "</title>", image[] = "<image ";
  bool first = true;
  for (const char *at = svg; *at;) {
    const char *end = NULL;
    if (strncmp(at, opening, strlen(opening)) == 0 && (end = strstr(at, closing))) {
      if (first) {
        ls_text_add(text, "%s", opening);
        ls_text_add_escaped(text, title);
        ls_text_add(text, "%s", closing);
      }
      first = false;
      at = end + strlen(closing);
    } else if (strncmp(at, image, strlen(image)) == 0) {
      ls_text_add(text, "%sstyle='image-rendering:pixelated' ", image);
      at += strlen(image);
    } else {
      size_t run = 1 + strcspn(at + 1, "<");
      ls_text_add_bytes(text, at, run);
      at += run;
    }
  }
}

int ls_figure_svg(char **svg, const ls_figure_script *script, const char *title) {
  char terminal[128];
  snprintf(terminal, sizeof terminal,
           "set terminal svg size %d,%d enhanced font 'Helvetica,13' background '#ffffff'\n",
           script->width, script->height);
  ls_text drawn = {0}, mended = {0};
  int status = draw(&drawn, terminal, script);
  if (status == LS_OK) {
    mend_svg(&mended, drawn.data, title);
    *svg = ls_text_take(&mended);
    if (!*svg) status = LS_FAILED;
  }
  ls_text_free(&drawn);
  return status;
}

static int draw_png(ls_text *png, const ls_figure_script *script) {
  char terminal[256];
  snprintf(terminal, sizeof terminal,
           "set terminal pngcairo size %d,%d enhanced font 'Helvetica,13' fontscale %g "
           "linewidth %d pointscale %d background '#ffffff'\n",
           SHARPNESS * script->width, SHARPNESS * script->height, 0.75 * SHARPNESS, SHARPNESS,
           3 * SHARPNESS / 2);
  return draw(png, terminal, script);
}

static int put(const char *path, const char *ending, const char *bytes, size_t length) {
  ls_memory memory = {0};
  const char *name = ls_memory_text(&memory, "%s.%s", path, ending);
  int status = name ? ls_write_file(name, bytes, length) : LS_FAILED;
  ls_memory_free(&memory);
  return status;
}

int ls_figure_write(const char *path, const ls_figure_script *script, const char *title) {
  char *svg = NULL;
  ls_text png = {0};
  int status = ls_figure_svg(&svg, script, title);
  if (status == LS_OK) status = draw_png(&png, script);
  if (status == LS_OK) status = put(path, "svg", svg, strlen(svg));
  if (status == LS_OK) status = put(path, "png", png.data, png.length);
  ls_text_free(&png);
  free(svg);
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

int ls_figure_inline(char **out, const char *svg, const char *prefix, const char *label) {
  *out = NULL;
  const char *start = strstr(svg, "<svg");
  if (!start) return ls_fail(LS_FAILED, "gnuplot failed: it drew nothing");
  ls_text text = {0};
  ls_text_add(&text, "<svg role=\"img\" aria-label=\"");
  ls_text_add_escaped(&text, label);
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
