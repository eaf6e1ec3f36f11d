/* Text that grows, its width, and the nearest known name to a misspelt one. Local. */
#ifndef LS_BASE_TEXT_H
#define LS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string. Start from {0}; `data` is NULL while empty, else NUL-terminated. After a failed
 * allocation further additions do nothing and `failed` is set: check once at the end. */
typedef struct ls_text {
  char *data;
  size_t length;
  size_t capacity;
  bool failed;
} ls_text;

/* Appends printf-formatted text; base/escape.h has variants for texts from elsewhere. */
void ls_text_add(ls_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `length` bytes as they are. */
void ls_text_add_bytes(ls_text *text, const char *bytes, size_t length);

/* Appends a number in decimal. */
void ls_text_add_number(ls_text *text, uint64_t number);

/* Appends a number with commas between thousands: 545,810. */
void ls_text_add_count(ls_text *text, uint64_t number);

/* Hands the string over to the caller, who frees it; the ls_text is empty afterwards. Returns NULL,
 * with the error recorded, if an allocation failed on the way; "" if nothing was added. */
char *ls_text_take(ls_text *text);

/* Frees the string and empties the ls_text. */
void ls_text_free(ls_text *text);

/* Reads a whole file into a NUL-terminated string that the caller frees; `length` may be NULL.
 * LS_INVALID if it can't be opened or read, or is larger than `limit` bytes. */
int ls_text_read_file(char **out, size_t *length, const char *path, size_t limit);

/* The same of what may be anybody's: only a regular file that is not a symbolic link. */
int ls_text_read_regular(char **out, const char *path, size_t limit);

/* Columns that UTF-8 text takes on a terminal, at one for each character: of its longest line. */
size_t ls_text_width(const char *text);

/* Cuts a line of UTF-8 text to at most that many columns, in place. */
void ls_text_cut(char *text, size_t columns);

/* Appends a text in at most `columns` characters (1 or more): if it is longer, its beginning and
 * its end with an ellipsis between them. */
void ls_text_add_shortened(ls_text *out, const char *text, size_t columns);

/* Of `names`, the one nearest to `word` in edits (Damerau-Levenshtein, optimal string alignment,
 * letter case ignored), or NULL if none is near enough to be meant: at most a third of the longer
 * one's letters. The result points into `names`. */
const char *ls_nearest_name(const char *word, const char *const *names, size_t count);

#endif
