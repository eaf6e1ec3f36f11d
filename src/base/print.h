/* The one place through which the program prints. Local. */
#ifndef LS_BASE_PRINT_H
#define LS_BASE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

/* Prints as fprintf does, in one write, with texts from elsewhere shown safely: every argument of
 * %s passes through ls_escape_terminal, and widths count characters (base/escape.h). */
void ls_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints "lockstep: MESSAGE" to standard error without allocating memory. The message is one of
 * ls_error_message. */
void ls_print_error(const char *message);

/* Prints lines that are made already, in which texts from elsewhere are escaped, in one write;
 * returns whether they were written. */
bool ls_print_lines(FILE *out, const char *lines);

#endif
