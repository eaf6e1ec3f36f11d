/* Scripts for shell completion, from the argp tables of the verbs. Local. */
#ifndef LS_CLI_COMPLETION_H
#define LS_CLI_COMPLETION_H

#include "base/text.h"

/* Append the script of a shell. */
void cli_complete_bash(ls_text *out);
void cli_complete_zsh(ls_text *out);
void cli_complete_fish(ls_text *out);

#endif
