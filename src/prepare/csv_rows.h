/* The rows of a CSV file (RFC 4180), plain or gzip, read by libcsv. Text is UTF-8, with or without
 * a byte order mark. Spaces around fields without quotes are removed; empty lines are skipped.
 * Memory is that of the longest row. Local. */
#ifndef LS_PREPARE_CSV_ROWS_H
#define LS_PREPARE_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct csv_rows csv_rows;

/* Opens the file; with separator 0 uses the one of , ; tab and | that is most frequent in the first
 * line. */
int csv_rows_open(csv_rows **out, const char *path, char separator);

/* Reads the next row; *end at the end of the file. LS_INVALID with the line of what is wrong. */
int csv_rows_next(csv_rows *rows, bool *end);

/* The fields of the row, valid until the next one is read. */
size_t csv_rows_count(const csv_rows *rows);
const char *csv_rows_field(const csv_rows *rows, size_t index);

/* The number of the line where the row begins, from 1. */
size_t csv_rows_line(const csv_rows *rows);

int csv_rows_rewind(csv_rows *rows);
void csv_rows_close(csv_rows **rows);

#endif
