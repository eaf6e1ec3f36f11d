/* Texts from elsewhere in each language that the program writes: one function for a language, and
 * formatted text whose arguments pass through it.
 *
 * A text from elsewhere is any that a job, a data, model or results file, an environment or a
 * command line can set: labels, titles, names of classes, layers and files. All functions are
 * local; like ls_text_add they do nothing after a failed allocation. */
#ifndef LS_BASE_ESCAPE_H
#define LS_BASE_ESCAPE_H

#include "base/text.h"

#include <stdarg.h>

/* Appends a NUL-terminated text so that it is a text of the language, whatever it holds. */
typedef void ls_escape(ls_text *out, const char *from);

/* Terminals: control characters, line breaks among them, and bytes that are not UTF-8 are written
 * as escapes (base/visible.h). */
ls_escape ls_escape_terminal;

/* The value of a "key=value" word of a line: unchanged if it is one word, else in double quotes,
 * with a backslash before quotes and backslashes. */
ls_escape ls_escape_value;

/* HTML, SVG and the labels of graphviz: elements and quoted attributes. Line breaks are kept. */
ls_escape ls_escape_html;

/* A string of JSON (RFC 8259), in quotes; control characters and bytes that are not UTF-8 are
 * written as by ls_escape_terminal. */
ls_escape ls_escape_json;

/* A run of text in a line or a table's cell of Markdown (GitHub's). */
ls_escape ls_escape_markdown;

/* One word of a POSIX shell, in quotes where it needs them; in bash's $'...' if it holds control
 * characters or bytes that are not UTF-8. */
ls_escape ls_escape_shell;

/* A field of CSV (RFC 4180). */
ls_escape ls_escape_csv;

/* Appends text formatted as by printf, of which every argument of %s is escaped. Widths count
 * characters, not bytes. Without %n, %p, long double and wide characters. */
void ls_text_add_format(ls_text *out, ls_escape *escape, const char *format, va_list args);

/* The same for a terminal, and for any place where lines and control characters matter; for HTML;
 * for Markdown. */
void ls_text_add_visible(ls_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ls_text_add_html(ls_text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ls_text_add_markdown(ls_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
