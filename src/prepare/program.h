/* Running another program: no shell, a fixed argument vector, nothing printed. Local. */
#ifndef LS_PREPARE_PROGRAM_H
#define LS_PREPARE_PROGRAM_H

/* Runs arguments[0], looked for on PATH, in the folder `directory`; the list ends with NULL. Waits
 * for it. Its standard output is discarded. LS_FAILED if it can't be started or reports failure;
 * the message has the beginning of what it wrote to standard error, made one line. */
int ls_program_run(const char *directory, const char *const *arguments);

#endif
