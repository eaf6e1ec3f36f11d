/* Errors: one code to return, one message recorded where the failure happened.
 *
 * Every function that can fail returns an ls_status. The function that finds the failure records
 * the message with ls_fail and returns its code; callers clean up and return the code unchanged.
 * The message is one line without a newline; the program prints it once, prefixed by its name. All
 * functions here are local to the rank. Not thread-safe: a rank trains in one thread. */
#ifndef LOCKSTEP_ERROR_H
#define LOCKSTEP_ERROR_H

#include "lockstep/visibility.h"

LS_BEGIN_DECLARATIONS

typedef enum ls_status {
  LS_OK = 0,
  LS_INVALID, /* the command line, the job or its data is wrong: exit status 2 */
  LS_FAILED,  /* a failure at run time (file system, MPI, memory): exit status 1 */
  LS_STOPPED, /* asked to stop, everything saved: exit status 75 */
} ls_status;

/* Records the message (printf format), replacing an earlier one, and returns `code`. Control
 * characters and damaged UTF-8, which the names that it cites may hold, are written as \n, \x1b. */
int ls_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last recorded message, "" if none. Owned by this module, valid until the next ls_fail. */
const char *ls_error_message(void);

/* Forgets the recorded message: for a caller that handles the failure itself. */
void ls_error_clear(void);

LS_END_DECLARATIONS

#endif
