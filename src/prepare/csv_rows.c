/* The rows of a CSV file. The file is passed to libcsv line by line, so that the number of the line
 * is known where libcsv finds an error. */
#ifdef LS_HAS_CSV
#include "prepare/csv_rows.h"

#include "base/memory.h"
#include "base/visible.h"
#include "lockstep/error.h"
#include "prepare/stream.h"

#include <csv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16, LONGEST_ROW = 64 << 20 };

struct csv_rows {
  const char *path;
  char separator;
  gz_stream stream;
  struct csv_parser parser;
  bool parsing;            /* the parser needs to be freed */
  unsigned char *buffer;   /* [BUFFER] */
  size_t begin, end;       /* of what libcsv has not had yet */
  size_t line, first_line; /* of the current text, and where the row begins */
  char *text;              /* fields of the row, each ended by NUL */
  size_t used, capacity;   /* bytes of text */
  size_t *fields;          /* [count], offsets in `text` */
  size_t count, field_capacity;
  size_t complete; /* rows that ended in the last piece of text */
  bool has_nul, no_memory;
};

/* Makes room in an array of `size`-byte items. */
static bool reserve(void **items, size_t *capacity, size_t needed, size_t size) {
  if (needed <= *capacity) return true;
  size_t larger = 2 * needed + 64;
  void *moved = realloc(*items, larger * size);
  if (!moved) return false;
  *items = moved;
  *capacity = larger;
  return true;
}

static void add_field(void *field, size_t length, void *user) {
  csv_rows *r = user;
  void *text = r->text, *fields = r->fields;
  bool room = reserve(&text, &r->capacity, r->used + length + 1, 1);
  room = reserve(&fields, &r->field_capacity, r->count + 1, sizeof *r->fields) && room;
  r->text = text;
  r->fields = fields;
  r->no_memory |= !room;
  if (!room) return;
  r->has_nul |= length > 0 && memchr(field, 0, length) != NULL;
  r->fields[r->count++] = r->used;
  if (length > 0) memcpy(r->text + r->used, field, length);
  r->text[r->used + length] = '\0';
  r->used += length + 1;
}

static void end_row(int terminator, void *user) {
  (void)terminator;
  csv_rows *r = user;
  r->complete++;
}

static int fill_buffer(csv_rows *r) {
  r->begin = 0;
  return gz_stream_read(&r->stream, r->buffer, BUFFER, &r->end);
}

/* The most frequent separator of the first line, outside of quotes; a comma if there is none. */
static char find_separator(const csv_rows *r) {
  static const char known[] = {',', ';', '\t', '|'};
  size_t counts[sizeof known] = {0}, best = 0;
  bool quoted = false;
  for (size_t i = r->begin; i < r->end && (quoted || r->buffer[i] != '\n'); i++) {
    quoted ^= r->buffer[i] == '"';
    for (size_t k = 0; k < sizeof known && !quoted; k++) {
      counts[k] += r->buffer[i] == (unsigned char)known[k];
    }
  }
  for (size_t k = 1; k < sizeof known; k++) {
    if (counts[k] > counts[best]) best = k;
  }
  return known[best];
}

/* Reads the beginning of the file, skips a byte order mark, and prepares the parser. */
static int start(csv_rows *r) {
  r->line = 1;
  r->used = r->count = r->complete = 0;
  int status = fill_buffer(r);
  if (status != LS_OK) return status;
  if (r->end == 0) return ls_fail(LS_INVALID, "%s: is empty (expected a CSV file)", r->path);
  bool utf16 = r->end >= 2 &&
               (memcmp(r->buffer, "\xff\xfe", 2) == 0 || memcmp(r->buffer, "\xfe\xff", 2) == 0);
  if (utf16) {
    return ls_fail(LS_INVALID, "%s:1: is UTF-16 (expected UTF-8: iconv -f UTF-16 -t UTF-8)",
                   r->path);
  }
  if (r->end >= 3 && memcmp(r->buffer, "\xef\xbb\xbf", 3) == 0) r->begin = 3;
  if (!r->separator) r->separator = find_separator(r);
  if (r->parsing) csv_free(&r->parser);
  csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
  csv_set_delim(&r->parser, (unsigned char)r->separator);
  csv_set_blk_size(&r->parser, BUFFER); /* by which the memory of a long field grows */
  r->parsing = true;
  return LS_OK;
}

int csv_rows_open(csv_rows **out, const char *path, char separator) {
  csv_rows *r = ls_new(1, sizeof *r);
  if (!r) return LS_FAILED;
  r->path = path;
  r->separator = separator;
  r->buffer = ls_new(BUFFER, 1);
  int status = r->buffer ? gz_stream_open(&r->stream, path, "a CSV file") : LS_FAILED;
  if (status == LS_OK) status = start(r);
  if (status != LS_OK) csv_rows_close(&r);
  *out = r;
  return status;
}

/* Checks what libcsv does not: a complete row, or the beginning of one. */
static int check_row(const csv_rows *r) {
  const char *wrong = NULL;
  if (r->no_memory) return ls_fail(LS_FAILED, "%s:%zu: out of memory", r->path, r->first_line);
  if (r->has_nul) wrong = "contains a NUL byte (expected text)";
  if (r->complete > 1) wrong = "lines end in CR only (expected LF or CR LF)";
  if (r->used > LONGEST_ROW || r->parser.entry_pos > LONGEST_ROW) {
    wrong = "is longer than 64 MiB (is a quote missing?)";
  }
  for (size_t i = 0; i < r->count && !wrong && r->complete > 0; i++) {
    if (!ls_is_utf8(csv_rows_field(r, i))) wrong = "is not UTF-8 (expected UTF-8: iconv -t UTF-8)";
  }
  return wrong ? ls_fail(LS_INVALID, "%s:%zu: %s", r->path, r->first_line, wrong) : LS_OK;
}

static int fail_parse(const csv_rows *r) {
  if (csv_error((struct csv_parser *)&r->parser) != CSV_EPARSE) {
    return ls_fail(LS_FAILED, "%s:%zu: out of memory", r->path, r->first_line);
  }
  return ls_fail(LS_INVALID,
                 "%s:%zu: a quote is inside of a field or not closed (expected \"...\" around the "
                 "field, and \"\" for a quote in it)",
                 r->path, r->first_line);
}

/* Passes the next line, or as much of it as the buffer has, to the parser. */
static int parse_line(csv_rows *r) {
  const unsigned char *at = r->buffer + r->begin, *newline = memchr(at, '\n', r->end - r->begin);
  size_t length = newline ? (size_t)(newline - at) + 1 : r->end - r->begin;
  if (r->parser.pstate == 0) r->first_line = r->line; /* between rows */
  r->line += newline != NULL;
  r->begin += length;
  if (csv_parse(&r->parser, at, length, add_field, end_row, r) != length) return fail_parse(r);
  return check_row(r);
}

int csv_rows_next(csv_rows *r, bool *end) {
  r->used = r->count = r->complete = 0;
  *end = false;
  int status = LS_OK;
  while (status == LS_OK && r->complete == 0) {
    if (r->begin == r->end) status = fill_buffer(r);
    if (status != LS_OK) break;
    if (r->end > 0) {
      status = parse_line(r);
      continue;
    }
    if (csv_fini(&r->parser, add_field, end_row, r) != 0) return fail_parse(r);
    *end = r->complete == 0;
    return check_row(r);
  }
  return status;
}

size_t csv_rows_count(const csv_rows *r) {
  return r->count;
}

const char *csv_rows_field(const csv_rows *r, size_t index) {
  return r->text + r->fields[index];
}

size_t csv_rows_line(const csv_rows *r) {
  return r->first_line;
}

int csv_rows_rewind(csv_rows *r) {
  int status = gz_stream_rewind(&r->stream);
  return status == LS_OK ? start(r) : status;
}

void csv_rows_close(csv_rows **rows) {
  csv_rows *r = *rows;
  if (!r) return;
  if (r->parsing) csv_free(&r->parser);
  gz_stream_close(&r->stream);
  free(r->buffer);
  free(r->text);
  free(r->fields);
  free(r);
  *rows = NULL;
}
#endif
