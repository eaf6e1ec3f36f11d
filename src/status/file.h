/* The status file of a run, results/NAME.status beside results/NAME.h5: one JSON document, replaced
 * as a whole every few seconds while the run lives, and a last time when it ends. Local.
 *
 * The document is made of three parts, which change at different times: {header, progress, life}.
 * Numbers that are not known are null. The members are described in the manual page, FILES. */
#ifndef LS_STATUS_FILE_H
#define LS_STATUS_FILE_H

#include "base/memory.h"
#include "base/text.h"
#include "status/status.h"

enum { LS_STATUS_FORMAT = 1 };

/* Sets *out to the path of the status file of a results file, to be freed. */
int ls_status_path(char **out, const char *results);

/* Append the members of a part, without braces and commas around it. */
void ls_status_add_header(ls_text *out, const ls_run_status *status);
void ls_status_add_progress(ls_text *out, const ls_run_status *status);
void ls_status_add_life(ls_text *out, const ls_run_status *status);

/* Reads a status file, which may be anybody's, into memory that the caller releases. LS_INVALID if
 * there is none, or it is none. */
int ls_status_read(ls_run_status *out, ls_memory *memory, const char *path);

#endif
