/* Copying a file. Local. */
#ifndef LS_STORE_RESULTS_COPY_H
#define LS_STORE_RESULTS_COPY_H

/* Copies the content and permissions of a regular file to a new one; `expected` says what the file
 * should be, for messages. */
int copy_file(const char *from, const char *to, const char *expected);

#endif
