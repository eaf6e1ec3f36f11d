/* Parts that the command lines of several verbs share. */
#include "cli/arguments.h"

#include "base/escape.h"
#include "base/memory.h"
#include "base/paths.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "report/report.h"
#include "run/packing.h"
#include "trial/recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_JOB = 1 << 24 };

/* Records an option that does not exist, with the nearest known one, or an option without its
 * value.
 */
static int unknown_option(const struct argp *argp, const char *word) {
  enum { MOST = 32 };
  const char *names[MOST] = {"help"};
  size_t count = 1;
  for (const struct argp_option *o = argp->options; o && (o->name || o->key) && count < MOST; o++) {
    if (o->name) names[count++] = o->name;
  }
  const char *nearest =
      strncmp(word, "--", 2) == 0 ? ls_nearest_name(word + 2, names, count) : NULL;
  if (nearest && strcmp(nearest, word + 2) != 0) {
    return ls_fail(LS_INVALID, "unknown option '%s' (did you mean '--%s'?)", word, nearest);
  }
  return ls_fail(LS_INVALID, "option '%s' is unknown or lacks its value (see --help)", word);
}

/* Encloses the verb's own parser to find the word at which argp stopped; argp_parse reports the
 * index only on success. */
typedef struct outer {
  void *input; /* the verb's */
  int next;    /* the word after the one that failed */
} outer;

static error_t parse_around(int key, char *value, struct argp_state *state) {
  (void)value;
  outer *o = state->input;
  if (key == ARGP_KEY_INIT) {
    state->child_inputs[0] = o->input;
    return 0;
  }
  if (key == ARGP_KEY_ERROR) o->next = state->next;
  return ARGP_ERR_UNKNOWN;
}

int cli_parse(const struct argp *argp, int argc, char **argv, bool prints, void *input,
              bool *helped) {
  *helped = false;
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--help") != 0 && strcmp(argv[i], "-?") != 0) continue;
    if (prints) {
      argp_help(argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, argv[0]);
    }
    *helped = true;
    return LS_OK;
  }
  for (int i = 1; i < argc; i++) {
    if (!*argv[i]) {
      return ls_fail(LS_INVALID, "argument %d of '%s' is empty (is a variable not set?)", i,
                     argv[0]);
    }
  }
  outer around = {.input = input};
  const struct argp_child children[] = {{argp, 0, NULL, 0}, {0}};
  const struct argp whole = {.parser = parse_around, .children = children};
  ls_error_clear();
  /* In order: the words stay where they are, for cli_command_line. */
  unsigned flags = ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_IN_ORDER;
  error_t error = argp_parse(&whole, argc, argv, flags, NULL, &around);
  if (error == 0) return LS_OK;
  if (error == ENOMEM) return ls_fail(LS_FAILED, "out of memory");
  if (*ls_error_message()) return LS_INVALID;
  /* Within a group of letters argp has not moved on to the next word. */
  int word = around.next > 1 && argv[around.next - 1][0] == '-' ? around.next - 1 : around.next;
  return unknown_option(argp, word < argc ? argv[word] : argv[argc - 1]);
}

error_t cli_parsed(int status) {
  return status == LS_OK ? 0 : EINVAL;
}

char *cli_command_line(int argc, char **argv) {
  ls_text text = {0};
  ls_text_add(&text, "%s", argv[0]); /* "lockstep VERB" */
  for (int i = 1; i < argc; i++) {
    ls_text_add(&text, " ");
    ls_escape_shell(&text, argv[i]);
  }
  return ls_text_take(&text);
}

char *cli_output_beside(const char *model, const char *verb) {
  ls_text text = {0};
  ls_text_add(&text, "%.*s_%s.h5", (int)ls_stem_length(model), model, verb);
  return ls_text_take(&text);
}

int cli_check_output(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0) return LS_OK;
  if (!S_ISREG(info.st_mode)) {
    return ls_fail(LS_INVALID, "%s: is no file (expected the name of one to make)", path);
  }
  if (info.st_size == 0 || ls_report_is_analysis(path)) return LS_OK;
  return ls_fail(LS_INVALID,
                 "%s: exists and is not the file of an analysis, which alone is replaced (expected "
                 "another name for the output)",
                 path);
}

error_t cli_parse_analysis_file(ls_analysis_file *file, int key, const char *value) {
  switch (key) {
  case 'o':
    file->path = value;
    return 0;
  case CLI_KEY_TITLE:
    file->title = value;
    return 0;
  case CLI_KEY_REFERENCE:
    file->reference = value;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int cli_number(uint64_t *out, const char *option, const char *text, uint64_t least, uint64_t most) {
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  bool digits = *text && text[strspn(text, "0123456789")] == '\0';
  if (!digits || errno == ERANGE || value < least || value > most) {
    return ls_fail(LS_INVALID, "%s: '%s' (expected an integer from %llu to %llu)", option, text,
                   (unsigned long long)least, (unsigned long long)most);
  }
  *out = value;
  return LS_OK;
}

int cli_separator(char *out, const char *option, const char *text) {
  *out = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0 ? '\t' : *text;
  bool valid = (*out == '\t' || text[1] == '\0') && !strchr("\"\r\n", *out);
  if (valid) return LS_OK;
  return ls_fail(LS_INVALID, "%s: '%s' (expected one character, or tab)", option, text);
}

error_t cli_parse_job(cli_job *job, int key, char *value, struct argp_state *state) {
  switch (key) {
  case CLI_KEY_SET:
    if (!job->sets) job->sets = ls_new((size_t)state->argc, sizeof *job->sets);
    if (!job->sets) return ENOMEM;
    job->sets[job->set_count++] = value;
    return 0;
  case ARGP_KEY_ARG:
    if (job->path) {
      return cli_parsed(ls_fail(LS_INVALID, "one job at a time (not '%s' as well)", value));
    }
    job->path = value;
    return 0;
  case ARGP_KEY_END:
    if (job->path) return 0;
    return cli_parsed(ls_fail(LS_INVALID, "no job given (expected %s JOB.yaml)", state->name));
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int cli_measure_slowness(double *slowness) {
  int status = ls_compute_start();
  double speed = status == LS_OK ? ls_compute_speed(512, 512, 512, 0.1) : 0;
  *slowness = speed > 0 ? LS_ASSUMED_SPEED / speed : 1;
  return status;
}

/* Reads the job file, and finds its folder. A pipe in the place of a job would be waited for; those
 * that a shell passes are in /dev. */
static int read_text(char **text, char **folder, const char *path) {
  size_t length = 0;
  bool passed = strncmp(path, "/dev/", strlen("/dev/")) == 0;
  int status = passed ? LS_OK : ls_check_regular_file(path, "a job file");
  if (status == LS_OK) status = ls_text_read_file(text, &length, path, LARGEST_JOB);
  if (status == LS_OK && strlen(*text) < length) {
    status = ls_fail(LS_INVALID, "%s: holds a byte 0 (expected text)", path);
  }
  if (status != LS_OK) return status;
  *folder = ls_folder_of_job(path);
  return *folder ? LS_OK : LS_FAILED;
}

int cli_read_job(ls_job **out, const cli_job *job, const ls_group *world) {
  *out = NULL;
  char *text = NULL, *folder = NULL;
  int status = LS_OK;
  if (!world || world->rank == 0) status = read_text(&text, &folder, job->path);
  if (world) {
    status = ls_group_agree(world, status);
    if (status == LS_OK) status = ls_group_broadcast_text(world, &text);
    if (status == LS_OK) status = ls_group_broadcast_text(world, &folder);
  }
  if (status == LS_OK) {
    status = ls_job_read_in(out, folder, job->path, text, job->sets, job->set_count,
                            &ls_recipe_component);
  }
  free(text);
  free(folder);
  return world ? ls_group_agree(world, status) : status;
}

/* Checks the results file's name without its ending. */
static int check_results_name(const char *path) {
  ls_text name = {0};
  const char *file = ls_file_name(path);
  size_t length = strlen(file);
  bool ends = length > 3 && strcmp(file + length - 3, ".h5") == 0;
  ls_text_add_bytes(&name, file, ends ? length - 3 : length);
  char *text = ls_text_take(&name);
  if (!text) return LS_FAILED;
  bool folder = !*text || strcmp(text, ".") == 0 || strcmp(text, "..") == 0; /* reported later */
  const char *problem = folder ? NULL : ls_name_problem(text);
  free(text);
  return problem
             ? ls_fail(LS_INVALID, "%s: the name of the results file %s (expected another name)",
                       path, problem)
             : LS_OK;
}

int cli_results_path(char **out, const ls_job *job, const char *given) {
  ls_recipe recipe;
  ls_text path = {0};
  int status = ls_job_bind(job, 0, &recipe);
  *out = NULL;
  if (status != LS_OK) return status;
  const char *problem = ls_name_problem(recipe.name);
  if (problem) {
    status =
        ls_job_fail(job, "name", NULL, "'%s' %s (expected another name)", recipe.name, problem);
  } else if (given) {
    status = check_results_name(given);
  }
  ls_text_add(&path, given ? "%s" : "results/%s.h5", given ? given : recipe.name);
  ls_component_clear(&ls_recipe_component, &recipe);
  *out = ls_text_take(&path);
  if (status == LS_OK && *out) return LS_OK;
  free(*out);
  *out = NULL;
  return status == LS_OK ? LS_FAILED : status;
}
