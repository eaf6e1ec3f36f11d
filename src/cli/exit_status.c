/* The exit status of the program. */
#include "cli/exit_status.h"

#include "lockstep/error.h"

int cli_exit_status(int status) {
  switch (status) {
  case LS_OK:
    return 0;
  case LS_INVALID:
    return 2;
  case LS_STOPPED:
    return 75;
  default:
    return 1;
  }
}
