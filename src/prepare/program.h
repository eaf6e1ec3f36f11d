/* Running another program: without a shell, with nothing printed. Local. */
#ifndef LS_PREPARE_PROGRAM_H
#define LS_PREPARE_PROGRAM_H

/* Runs arguments[0], searched for on PATH, and waits for it; the list ends with NULL. Its standard
 * output is discarded. LS_FAILED if it can't be started or reports failure; the message has the
 * beginning of what it wrote to standard error, made one line. */
int ls_program_run(const char *const *arguments);

#endif
