/* Growing text, whole files, and nearest names. */
#include "base/text.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes room for `more` bytes and the terminator. */
static bool reserve(ls_text *text, size_t more) {
  if (text->failed) return false;
  size_t need = text->length + more + 1;
  if (need <= text->capacity) return true;
  size_t capacity = text->capacity ? text->capacity : 256;
  while (capacity < need) capacity *= 2;
  char *data = realloc(text->data, capacity);
  if (!data) {
    text->failed = true;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

/* Formats twice only where the text does not fit into the memory that there is. */
void ls_text_add(ls_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  if (reserve(text, 0)) {
    size_t room = text->capacity - text->length;
    int length = vsnprintf(text->data + text->length, room, format, args);
    if (length >= 0 && (size_t)length >= room) {
      text->data[text->length] = '\0';
      bool grown = reserve(text, (size_t)length);
      length = grown ? vsnprintf(text->data + text->length, (size_t)length + 1, format, again) : -1;
    }
    if (length >= 0) text->length += (size_t)length;
  }
  va_end(args);
  va_end(again);
}

void ls_text_add_bytes(ls_text *text, const char *bytes, size_t length) {
  if (!reserve(text, length)) return;
  memcpy(text->data + text->length, bytes, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void ls_text_add_number(ls_text *text, uint64_t number) {
  char digits[24];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  ls_text_add_bytes(text, digits + first, sizeof digits - first);
}

void ls_text_add_count(ls_text *text, uint64_t number) {
  ls_text digits = {0};
  ls_text_add_number(&digits, number);
  for (size_t i = 0; i < digits.length; i++) {
    if (i > 0 && (digits.length - i) % 3 == 0) ls_text_add_bytes(text, ",", 1);
    ls_text_add_bytes(text, digits.data + i, 1);
  }
  text->failed |= digits.failed;
  ls_text_free(&digits);
}

char *ls_text_take(ls_text *text) {
  if (!text->failed && !text->data) ls_text_add_bytes(text, "", 0);
  char *data = text->failed ? NULL : text->data;
  if (!data) {
    ls_fail(LS_FAILED, "out of memory for a text of %zu bytes", text->length);
    free(text->data);
  }
  *text = (ls_text){0};
  return data;
}

void ls_text_free(ls_text *text) {
  free(text->data);
  *text = (ls_text){0};
}

/* Reads and closes an open file. */
static int read_stream(char **out, size_t *length, FILE *file, const char *path, size_t limit) {
  ls_text text = {0};
  char chunk[16384];
  size_t got = 0;
  errno = 0;
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0 && text.length <= limit) {
    ls_text_add_bytes(&text, chunk, got);
  }
  int status = LS_OK;
  if (ferror(file)) {
    status = ls_fail(LS_INVALID, "%s: cannot read: %s", path, strerror(errno));
  } else if (text.length > limit) {
    status = ls_fail(LS_INVALID, "%s: is larger than %zu bytes", path, limit);
  }
  fclose(file);
  if (status != LS_OK) {
    ls_text_free(&text);
    return status;
  }
  if (length) *length = text.length;
  *out = ls_text_take(&text);
  return *out ? LS_OK : LS_FAILED;
}

int ls_text_read_file(char **out, size_t *length, const char *path, size_t limit) {
  *out = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  return read_stream(out, length, file, path, limit);
}

int ls_text_read_regular(char **out, const char *path, size_t limit) {
  *out = NULL;
  struct stat info;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    return ls_fail(LS_INVALID, "%s: cannot open: %s", path,
                   errno == ELOOP ? "is a symbolic link" : strerror(errno));
  }
  FILE *file = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? fdopen(fd, "rb") : NULL;
  if (file) return read_stream(out, NULL, file, path, limit);
  close(fd);
  return ls_fail(LS_INVALID, "%s: is not a regular file", path);
}

/* Whether a byte begins a character of UTF-8 text. */
static bool begins_character(char byte) {
  return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t ls_text_width(const char *text) {
  size_t longest = 0, width = 0;
  for (; *text; text++) {
    if (*text == '\n') {
      width = 0;
    } else if (begins_character(*text)) {
      if (++width > longest) longest = width;
    }
  }
  return longest;
}

void ls_text_cut(char *text, size_t columns) {
  size_t seen = 0;
  for (; *text; text++) {
    if (!begins_character(*text) || seen++ < columns) continue;
    *text = '\0';
    return;
  }
}

/* The place of a character in the text, or its end. */
static const char *find_character(const char *text, size_t number) {
  size_t seen = 0;
  while (*text && (!begins_character(*text) || seen++ < number)) text++;
  return text;
}

void ls_text_add_shortened(ls_text *out, const char *text, size_t columns) {
  size_t width = ls_text_width(text), first = (columns - 1) / 2;
  if (width <= columns) {
    ls_text_add_bytes(out, text, strlen(text));
    return;
  }
  ls_text_add_bytes(out, text, (size_t)(find_character(text, first) - text));
  ls_text_add(out, "…%s", find_character(text, width - (columns - 1 - first)));
}

/* Edits between two names: insert, delete, replace, swap of neighbours. Names longer than the
 * table count as far apart. */
static size_t edit_distance(const char *a, const char *b) {
  enum { LONGEST = 64 };
  size_t la = strlen(a), lb = strlen(b);
  if (la > LONGEST || lb > LONGEST) return SIZE_MAX;
  size_t d[LONGEST + 1][LONGEST + 1];
  for (size_t i = 0; i <= la; i++) d[i][0] = i;
  for (size_t j = 0; j <= lb; j++) d[0][j] = j;
  for (size_t i = 1; i <= la; i++) {
    for (size_t j = 1; j <= lb; j++) {
      int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
      size_t best = d[i - 1][j - 1] + (ca != cb);
      if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
      if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
      bool swapped = i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                     cb == tolower((unsigned char)a[i - 2]);
      if (swapped && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
      d[i][j] = best;
    }
  }
  return d[la][lb];
}

const char *ls_nearest_name(const char *word, const char *const *names, size_t count) {
  const char *nearest = NULL;
  size_t least = SIZE_MAX;
  for (size_t i = 0; i < count; i++) {
    size_t longer = strlen(word) > strlen(names[i]) ? strlen(word) : strlen(names[i]);
    size_t edits = edit_distance(word, names[i]);
    size_t allowed = longer / 3 > 0 ? longer / 3 : 1;
    if (edits <= allowed && edits < least) {
      least = edits;
      nearest = names[i];
    }
  }
  return nearest;
}
