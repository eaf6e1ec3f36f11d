/* lockstep submit: a job script for Slurm, with the layout and the time that a job needs. */
#include "base/clock.h"
#include "base/escape.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/visible.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/layout.h"
#include "cli/scripts.h"
#include "lockstep/error.h"
#include "trial/recipe.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct request {
  cli_job job;
  layout_request layout;
  const char *results;
  const char **sbatch; /* further options of sbatch */
  size_t sbatch_count;
  bool print;
} request;

enum option_key {
  KEY_RESULTS = 'o',
  KEY_TIME = 't',
  KEY_RANKS = 256,
  KEY_ARRAY,
  KEY_SBATCH,
  KEY_PRINT
};

static const struct argp_option options[] = {
    {"nodes", CLI_KEY_NODES, "N", 0, "Number of nodes (1)", 0},
    {"time", KEY_TIME, "TIME", 0, "Time limit in a format of sbatch (from the estimate)", 0},
    {"ranks-per-node", KEY_RANKS, "N", 0,
     "Ranks on each node (the number of its cores, from sinfo)", 0},
    CLI_NETWORK_OPTIONS,
    {"array", KEY_ARRAY, "N", 0, "Submit an array of N jobs, each with a slice of the trials", 0},
    {"sbatch", KEY_SBATCH, "OPTION", 0, "Further option for sbatch; may be repeated", 0},
    {"output", KEY_RESULTS, "FILE", 0, "Results file (results/NAME.h5)", 0},
    CLI_SET_OPTION,
    {"print", KEY_PRINT, NULL, 0, "Print the script instead of submitting it", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_RANKS:
    return cli_parsed(
        cli_number(&r->layout.ranks_per_node, "submit: --ranks-per-node", value, 1, 4096));
  case KEY_ARRAY:
    return cli_parsed(cli_number(&r->layout.slices, "submit: --array", value, 1, 100000));
  case KEY_TIME:
    r->layout.time = value;
    return 0;
  case KEY_RESULTS:
    r->results = value;
    return 0;
  case KEY_SBATCH:
    if (!r->sbatch) r->sbatch = ls_new((size_t)state->argc, sizeof *r->sbatch);
    if (!r->sbatch) return ENOMEM;
    r->sbatch[r->sbatch_count++] = value;
    return 0;
  case KEY_PRINT:
    r->print = true;
    return 0;
  default: {
    error_t error = cli_parse_nodes(&r->layout.nodes, key, value);
    return error == ARGP_ERR_UNKNOWN ? cli_parse_job(&r->job, key, value, state) : error;
  }
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "JOB.yaml",
    .doc = "Submit a job to Slurm with the script slurm/train.sbatch, or slurm/array.sbatch, "
           "filled in with the layout and the time limit that 'lockstep check' estimates."};

/* ---- The script ------------------------------------------------------------------------------ */

static void add_estimate(ls_text *text, const layout *l, const request *r) {
  char time[32];
  const ls_packing *p = &l->packing;
  ls_clock_duration(time, l->seconds);
  ls_text_add(text, "# ");
  if (r->layout.slices > 0) ls_text_add(text, "%" PRIu64 " jobs, each: ", r->layout.slices);
  ls_text_add(text,
              "%zu trials on %zu nodes with %zu ranks each; %zu at a time, %zu ranks per trial",
              l->trials, l->nodes, l->ranks_per_node, p->groups, p->ranks_per_trial);
  if (p->idle_ranks > 0) ls_text_add(text, ", %zu ranks idle", p->idle_ranks);
  ls_text_add(text, ".\n# About %s at the speed of the machine where this was written", time);
  if (l->runs > 1) ls_text_add(text, ", in about %zu runs of at most %s", l->runs, l->time);
  ls_text_add(text, ".\n");
}

/* LS_INVALID if `text` could end its line of the script, so that the rest became a command. */
static int check_line(const char *what, const char *text) {
  if (ls_is_visible(text)) return LS_OK;
  return ls_fail(LS_INVALID, "submit: %s: '%s' holds a control character (expected one line)", what,
                 text);
}

static int check_lines(const request *r) {
  int status = LS_OK;
  for (size_t i = 0; i < r->sbatch_count && status == LS_OK; i++) {
    status = check_line("--sbatch", r->sbatch[i]);
  }
  return status;
}

/* Appends a word of an #SBATCH line. sbatch reads quotes as the shell does, but takes a backslash
 * for an escape also between them. */
static void add_directive_word(ls_text *text, const char *word) {
  ls_text escaped = {0};
  for (; *word; word++) ls_text_add(&escaped, *word == '\\' ? "\\\\" : "%c", *word);
  ls_escape_shell(text, escaped.data ? escaped.data : "");
  text->failed |= escaped.failed;
  ls_text_free(&escaped);
}

/* Appends an option as given: --NAME=VALUE, or a name and its value with blanks between. */
static void add_directive(ls_text *text, const char *option) {
  size_t name = strcspn(option, "= ");
  ls_text_add(text, "#SBATCH ");
  if (option[name] == ' ') {
    ls_text_add(text, "%.*s ", (int)name, option);
    option += name + strspn(option + name, " ");
  }
  add_directive_word(text, option);
  ls_text_add(text, "\n");
}

/* Options of the script whose values are replaced. */
typedef struct replacement {
  const char *option;
  const char *text; /* the value, or NULL: */
  char value[64];
} replacement;

enum { REPLACED = 6 };

static void choose_replacements(replacement out[REPLACED], const layout *l, const request *r,
                                const char *name) {
  static const char *const options_of_script[REPLACED] = {"job-name",        "array", "nodes",
                                                          "ntasks-per-node", "time",  "signal"};
  for (int i = 0; i < REPLACED; i++) out[i] = (replacement){.option = options_of_script[i]};
  enum { SIZE = sizeof out->value };
  out[0].text = name;
  snprintf(out[1].value, SIZE, "1-%" PRIu64, r->layout.slices);
  snprintf(out[2].value, SIZE, "%zu", l->nodes);
  snprintf(out[3].value, SIZE, "%zu", l->ranks_per_node);
  snprintf(out[4].value, SIZE, "%s", l->time);
  snprintf(out[5].value, SIZE, "B:USR1@%.0f", l->warning);
}

static void add_line(ls_text *text, const char *line, size_t length,
                     const replacement replaced[REPLACED]) {
  static const char start[] = "#SBATCH --";
  const char *option = line + sizeof start - 1;
  bool known = strncmp(line, start, sizeof start - 1) == 0;
  for (int i = 0; known && i < REPLACED; i++) {
    size_t name = strlen(replaced[i].option);
    if (strncmp(option, replaced[i].option, name) != 0 || option[name] != '=') continue;
    ls_text_add(text, "%s%s=", start, replaced[i].option);
    add_directive_word(text, replaced[i].text ? replaced[i].text : replaced[i].value);
    ls_text_add(text, "\n");
    return;
  }
  ls_text_add_bytes(text, line, length);
}

/* Sets the program and its arguments before the commands of the script. */
static void add_arguments(ls_text *text, const layout *l, const request *r) {
  char program[4096] = "lockstep";
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) program[length] = '\0';
  ls_text_add(text, "LOCKSTEP=${LOCKSTEP:-");
  ls_escape_shell(text, program);
  ls_text_add(text, "}\n");
  if (2 * l->runs > 20) ls_text_add(text, "MAX_RESTARTS=${MAX_RESTARTS:-%zu}\n", 2 * l->runs);
  ls_text_add(text, "set -- ");
  ls_escape_shell(text, r->job.path);
  for (size_t i = 0; i < r->job.set_count; i++) {
    ls_text_add(text, " --set ");
    ls_escape_shell(text, r->job.sets[i]);
  }
  if (l->advised) {
    ls_text_add(text, " --set sweep.ranks_per_trial=%zu", l->packing.ranks_per_trial);
  }
  if (r->results) {
    ls_text_add(text, " -o ");
    ls_escape_shell(text, r->results);
  }
  ls_text_add(text, "\n");
}

/* The lines about the job go between the options of the script and its commands. */
static char *fill_in(const layout *l, const request *r, const char *name) {
  static const char first_command[] = "set -u\n";
  ls_text text = {0};
  replacement replaced[REPLACED];
  choose_replacements(replaced, l, r, name);
  const char *next = r->layout.slices > 0 ? cli_array_script : cli_train_script;
  while (*next) {
    const char *line = next;
    next += strcspn(line, "\n") + 1;
    if (strncmp(line, first_command, sizeof first_command - 1) == 0) {
      ls_text_add(&text, "#SBATCH --mem-per-cpu=%uM\n", l->megabytes);
      for (size_t i = 0; i < r->sbatch_count; i++) add_directive(&text, r->sbatch[i]);
      ls_text_add(&text, "\n");
      add_estimate(&text, l, r);
      add_arguments(&text, l, r);
      ls_text_add(&text, "\n");
    }
    add_line(&text, line, (size_t)(next - line), replaced);
  }
  return ls_text_take(&text);
}

/* ---- The verb -------------------------------------------------------------------------------- */

static int hand_in(const char *script) {
  fflush(stdout);
  FILE *sbatch = popen("sbatch", "w");
  if (!sbatch) return ls_fail(LS_FAILED, "submit: sbatch cannot be started");
  signal(SIGPIPE, SIG_IGN); /* sbatch may end before it has read the script */
  bool written = fputs(script, sbatch) >= 0;
  int ended = pclose(sbatch);
  if (ended != -1 && WIFEXITED(ended) && WEXITSTATUS(ended) == 127) {
    return ls_fail(LS_FAILED,
                   "submit: there is no sbatch here (expected a machine from which jobs are "
                   "submitted; --print shows the script)");
  }
  if (ended != 0 || !written) return ls_fail(LS_FAILED, "submit: sbatch did not take the job");
  return LS_OK;
}

static int submit(const request *r) {
  ls_job *job = NULL;
  ls_recipe recipe;
  layout l = {0};
  char *script = NULL, *results = NULL;
  int status = cli_read_job(&job, &r->job, NULL);
  if (status == LS_OK) status = cli_results_path(&results, job, r->results);
  free(results);
  if (status == LS_OK) status = layout_create(&l, &r->layout, job);
  if (status == LS_OK) status = ls_job_bind(job, 0, &recipe);
  if (status == LS_OK) {
    status = check_lines(r);
    script = status == LS_OK ? fill_in(&l, r, recipe.name) : NULL;
    ls_component_clear(&ls_recipe_component, &recipe);
    if (status == LS_OK && !script) status = LS_FAILED;
  }
  if (status == LS_OK && r->print) {
    ls_print_lines(stdout, script);
  } else if (status == LS_OK) {
    status = hand_in(script);
  }
  free(script);
  layout_destroy(&l);
  ls_job_free(&job);
  return status;
}

static int execute(int argc, char **argv) {
  request r = {.layout.nodes = {.verb = "submit", .nodes = 1}};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &r, &helped);
  if (status == LS_OK && !helped) status = submit(&r);
  free(r.job.sets);
  free(r.sbatch);
  return status;
}

const cli_verb cli_verb_submit = {
    .name = "submit",
    .purpose = "submit a job to Slurm",
    .parser = &parser,
    .local = execute,
};
