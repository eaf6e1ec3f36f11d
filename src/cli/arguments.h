/* Parts that the command lines of several verbs share. */
#ifndef LS_CLI_ARGUMENTS_H
#define LS_CLI_ARGUMENTS_H

#include "comm/group.h"
#include "job/job.h"
#include "study/model/analysis_file.h"

#include <argp.h>
#include <stdint.h>

/* Parses a command line with argp, but leaves printing and exiting to the caller: what is wrong is
 * recorded as LS_INVALID. For --help prints the help (on ranks where `prints`) and sets *helped:
 * the verb then has nothing to do. The verb's parser returns EINVAL after ls_fail for a bad value.
 */
int cli_parse(const struct argp *argp, int argc, char **argv, bool prints, void *input,
              bool *helped);

/* What a verb's parser returns for a status. */
error_t cli_parsed(int status);

/* The command line as a shell would read it, to be freed; NULL, with the error
 * recorded, without memory. */
char *cli_command_line(int argc, char **argv);

/* MODEL_VERB.h5 for MODEL.h5, to be freed; NULL, with the error recorded, without memory. */
char *cli_output_beside(const char *model, const char *verb);

/* Checks the output of an analysis before the work: LS_INVALID if it exists and is anything but the
 * file of an earlier analysis. A model, a dataset or results are so never overwritten, by whatever
 * name or link they are given. Local. */
int cli_check_output(const char *path);

/* Reads an integer in [least, most] from an option's text; LS_INVALID naming the option. */
int cli_number(uint64_t *out, const char *option, const char *text, uint64_t least, uint64_t most);

/* Reads a character between fields from an option's text, a character or "tab"; LS_INVALID naming
 * the option. */
int cli_separator(char *out, const char *option, const char *text);

/* What an analysis is to say of itself, an option of its verb. Texts are borrowed. */
#define CLI_PROVENANCE_OPTIONS                                                                     \
  {"title", CLI_KEY_TITLE, "TEXT", 0, "Title of the analysis in a report", 0}, {                   \
    "reference", CLI_KEY_REFERENCE, "TEXT", 0, "Value reported elsewhere, shown in a report", 0    \
  }
enum { CLI_KEY_TITLE = 1024, CLI_KEY_REFERENCE };

/* The part of a verb's argp parser that reads these and -o. For other keys ARGP_ERR_UNKNOWN. */
error_t cli_parse_analysis_file(ls_analysis_file *file, int key, const char *value);

/* The job a verb works on: its file and the overrides. Texts are borrowed from the command line. */
typedef struct cli_job {
  const char *path;
  const char **sets;
  size_t set_count;
} cli_job;

/* The option that goes with a job, for a verb's table. */
#define CLI_SET_OPTION                                                                             \
  { "set", CLI_KEY_SET, "PATH=VALUE", 0, "Override a key of the job; may be repeated", 0 }
enum { CLI_KEY_SET = 's' };

/* The part of a verb's argp parser that reads the job: --set and JOB.yaml, which must be given
 * once. For other keys ARGP_ERR_UNKNOWN. */
error_t cli_parse_job(cli_job *job, int key, char *value, struct argp_state *state);

/* Measures how many times longer than estimated a job takes at the speed that this machine has now.
 */
int cli_measure_slowness(double *slowness);

/* Reads the job with the program's recipe. With a world (collective) rank 0 reads the file for all;
 * NULL: this process alone. */
int cli_read_job(ls_job **out, const cli_job *job, const ls_group *world);

/* Returns the path of the job's results file, to be freed: `given` or, if that is NULL,
 * results/NAME.h5. LS_INVALID if names of other files of a run cannot be derived from it. */
int cli_results_path(char **out, const ls_job *job, const char *given);

#endif
