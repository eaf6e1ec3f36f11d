/* Making the dataset file that a request of `lockstep data` asks for. Local. */
#ifndef LS_CLI_DATA_MAKE_H
#define LS_CLI_DATA_MAKE_H

#include "cli/data_request.h"

/* Makes the file at `path`; `history` is the request's. `summary`, to be freed, is NULL or text to
 * print after the contents of the file. */
int data_make(char **summary, data_request *request, const char *path, const char *history);

#endif
