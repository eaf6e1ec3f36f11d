/* lockstep watch: shows a running job from another terminal or machine.
 *
 * Reads the command line; everything else is watch/watch.h. */
#include "watch/watch.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

#include <signal.h>
#include <stdlib.h>

enum option_key { KEY_HTML = 256, KEY_ONCE };

static const struct argp_option options[] = {
    {"html", KEY_HTML, "FILE", 0,
     "Also write a page to FILE every few seconds, which a browser loads again by itself", 0},
    {"once", KEY_ONCE, NULL, 0, "Print the status once and end", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  ls_watch_options *w = state->input;
  switch (key) {
  case KEY_HTML:
    w->page = value;
    return 0;
  case KEY_ONCE:
    w->once = true;
    return 0;
  case ARGP_KEY_ARG:
    if (w->results) return cli_parsed(ls_fail(LS_INVALID, "more than one results file given"));
    w->results = value;
    return 0;
  case ARGP_KEY_NO_ARGS:
    return cli_parsed(ls_fail(LS_INVALID, "no results file given (expected RESULTS.h5)"));
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "RESULTS.h5",
    .doc = "Show a running job until it ends: its trials with their curves, the time left, nodes "
           "and ranks.\vWorks on any machine that shares the files, such as a login node. Only "
           "reads, and does not disturb the run. The exit status is that of the job; 1 if its run "
           "was killed."};

static volatile sig_atomic_t ending;

static void on_signal(int number) {
  ending = number;
}

/* Ends by the signal that has asked for it, as if there were no handler. */
static void end_by_signal(void) {
  signal(ending, SIG_DFL);
  raise(ending);
}

static int execute(int argc, char **argv) {
  ls_watch_options watch = {.end = &ending};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &watch, &helped);
  if (status != LS_OK || helped) return status;
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  const struct sigaction action = {.sa_handler = on_signal};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
  }
  status = ls_watch(&watch);
  if (ending) end_by_signal();
  return status;
}

const cli_verb cli_verb_watch = {
    .name = "watch",
    .purpose = "show a running job from another terminal or machine",
    .parser = &parser,
    .local = execute,
};
