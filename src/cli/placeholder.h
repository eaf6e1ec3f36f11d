/* What completes an argument, from its placeholder in the help. Local. */
#ifndef LS_CLI_PLACEHOLDER_H
#define LS_CLI_PLACEHOLDER_H

#include <argp.h>
#include <stdbool.h>

/* What completes an argument. */
typedef struct cli_completion {
  bool files, folders;
  char extension[16]; /* only of files that end with ".yaml", say; "": of any */
  char words[160];    /* separated by spaces */
} cli_completion;

/* By an option's placeholder: FILE, FOLDER, NAME.EXTENSION, or alternatives such as
 * train|validation|test and NAME|FILE; capitals stand for what can't be completed. */
cli_completion cli_complete_option(const char *placeholder);

/* By the words of a verb's usage that are no options; others than the above are files. */
cli_completion cli_complete_arguments(const struct argp *parser);

/* Whether the option has a letter of its own, as -o. */
bool cli_has_letter(const struct argp_option *option);

#endif
