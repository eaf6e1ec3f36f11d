/* Running a program that draws: a text goes to its standard input, its standard output comes back.
 * Local. */
#ifndef LS_FIGURE_PROGRAM_H
#define LS_FIGURE_PROGRAM_H

#include "base/text.h"

/* A command, its arguments ended by NULL, and the Debian package that has it. */
typedef struct ls_program {
  const char *const *arguments;
  const char *package;
} ls_program;

/* Appends what the program writes. LS_FAILED, with its first message, if it is missing, fails or
 * writes nothing. */
int program_run(ls_text *out, const ls_program *program, const char *input);

#endif
