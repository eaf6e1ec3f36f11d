/* The exit status of the program. */
#include "base/exit_status.h"

#include "lockstep/error.h"

int ls_exit_status(int status) {
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

int ls_status_of_exit(int exit_status) {
  switch (exit_status) {
  case 0:
    return LS_OK;
  case 2:
    return LS_INVALID;
  case 75:
    return LS_STOPPED;
  default:
    return LS_FAILED;
  }
}
