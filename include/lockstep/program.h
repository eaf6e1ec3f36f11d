/* The program itself, for programs that add layers, optimisers or other components of their own and
 * otherwise behave as `lockstep` does. */
#ifndef LOCKSTEP_PROGRAM_H
#define LOCKSTEP_PROGRAM_H

#include "lockstep/visibility.h"

LS_BEGIN_DECLARATIONS

/* Runs the command line `argv[1] ...` as the program `lockstep` would: picks the verb, starts and
 * ends MPI where the verb needs it, prints errors. Returns the exit status. To be called once, as
 * the last thing main() does; components are registered before it (ls_layer_register).
 * Collective over all processes that were started together. */
int ls_main(int argc, char **argv);

LS_END_DECLARATIONS

#endif
