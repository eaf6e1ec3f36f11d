/* The verbs of the program. Adding one is one file that defines `const cli_verb cli_verb_NAME`, and
 * one line in CLI_VERBS: --help, the check of the command line and `lockstep completion` follow
 * from that. */
#ifndef LS_CLI_CLI_H
#define LS_CLI_CLI_H

#include "comm/group.h"

#include <argp.h>

/* A verb. Its function takes the verb's own command line, argv[0] being "lockstep VERB", and
 * returns an ls_status; what is wrong is recorded with ls_fail and printed by the caller. It is
 * either `local`, called on one process without MPI, or `collective` over the world. */
typedef struct cli_verb {
  const char *name, *purpose;
  const struct argp *parser; /* its options and arguments */
  int (*local)(int argc, char **argv);
  int (*collective)(int argc, char **argv, const ls_group *world);
  void (*prepare)(void); /* called before MPI starts, which can take long; or NULL */
} cli_verb;

#define CLI_VERBS(X)                                                                               \
  X(run)                                                                                           \
  X(watch)                                                                                         \
  X(check)                                                                                         \
  X(bench)                                                                                         \
  X(submit)                                                                                        \
  X(data)                                                                                          \
  X(report)                                                                                        \
  X(export)                                                                                        \
  X(predict)                                                                                       \
  X(eval)                                                                                          \
  X(errors)                                                                                        \
  X(activations)                                                                                   \
  X(decode)                                                                                        \
  X(embed)                                                                                         \
  X(schema)                                                                                        \
  X(completion)

#define CLI_DECLARE_VERB(name) extern const cli_verb cli_verb_##name;
CLI_VERBS(CLI_DECLARE_VERB)

/* All of them. */
extern const cli_verb *const cli_verbs[];
extern const size_t cli_verb_count;

#endif
