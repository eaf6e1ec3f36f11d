/* lockstep report: prints the table of a results file and writes its page, compares several files,
 * or writes one page about many.
 *
 * Reads the command line; everything else is report/report.h. */
#include "report/report.h"
#include "base/memory.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

enum option_key {
  KEY_OUTPUT = 'o',
  KEY_CSV = 256,
  KEY_SVG,
  KEY_FIGURE,
  KEY_FIGURES,
  KEY_ALL,
  KEY_SUMMARY
};

typedef struct request {
  ls_report_options one;
  const char **figures; /* of one.figures */
  bool summary;
  const char **files; /* results, then analyses */
  size_t count;
} request;

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0,
     "Page to write (RESULTS.html, or A_vs_B.html beside the first results file)", 0},
    {"csv", KEY_CSV, "FILE", 0,
     "Also write the table in full precision to FILE; -: to standard output, and print nothing "
     "else",
     0},
    {"svg", KEY_SVG, "FOLDER", 0, "Also write each figure to a file in FOLDER", 0},
    {"figure", KEY_FIGURE, "DESCRIPTION", 0,
     "Draw this figure instead of those of the job, such as '{metric: [accuracy, val_accuracy], x: "
     "lr}': what an item of the job's key figures has; may be repeated",
     0},
    {"figures", KEY_FIGURES, "JOB.yaml", 0,
     "Draw the figures that this job file describes instead of those of the job when it was "
     "started",
     0},
    {"all", KEY_ALL, NULL, 0, "Print every row and column of long tables, also in the page", 0},
    {"summary", KEY_SUMMARY, NULL, 0,
     "Write one page in Markdown about many results files, to standard output or to the file of "
     "-o; with --svg, it shows the figures that jobs describe and those of analyses",
     0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  ls_report_options *report = &r->one;
  switch (key) {
  case KEY_OUTPUT:
    report->page = value;
    return 0;
  case KEY_CSV:
    report->csv = value;
    return 0;
  case KEY_SVG:
    report->svg_folder = value;
    return 0;
  case KEY_FIGURE:
    r->figures[report->figure_count++] = value;
    return 0;
  case KEY_FIGURES:
    report->figures_of = value;
    return 0;
  case KEY_ALL:
    report->all = true;
    return 0;
  case KEY_SUMMARY:
    r->summary = true;
    return 0;
  case ARGP_KEY_ARG:
    r->files[r->count++] = value;
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
    .args_doc = "RESULTS.h5 [ANALYSIS.h5...]\nRESULTS.h5 RESULTS.h5...\n--summary RESULTS.h5... "
                "[ANALYSIS.h5...]",
    .doc = "Print a table of a job's results and write an HTML page with figures. With several "
           "results files, compare each job with the first one at the points that both "
           "have.\vReads the results of a running or killed job as well: trials without a result "
           "are counted, not averaged. The figures need gnuplot."};

/* Moves the files of analyses behind the results files, and returns the number of results files. */
static size_t sort_files(const char **files, size_t count) {
  size_t results = 0;
  for (size_t i = 0; i < count; i++) {
    const char *file = files[i];
    if (ls_report_is_analysis(file)) continue;
    memmove(files + results + 1, files + results, (i - results) * sizeof *files);
    files[results++] = file;
  }
  return results;
}

static bool describes_figures(const ls_report_options *report) {
  return report->figure_count > 0 || report->figures_of;
}

/* Runs the report that the options select. */
static int report(request *r) {
  if (r->summary && (r->one.csv || r->one.all || describes_figures(&r->one))) {
    return ls_fail(LS_INVALID, "report: --summary goes with -o and --svg alone");
  }
  size_t results = sort_files(r->files, r->count);
  r->one.analyses = r->files + results;
  r->one.analysis_count = r->count - results;
  if (results == 0) {
    return ls_fail(LS_INVALID, "%s: is the file of an analysis (expected a results file first)",
                   r->files[0]);
  }
  if (r->summary) return ls_report_all(r->files, results, &r->one);
  if (results > 1 && describes_figures(&r->one)) {
    return ls_fail(LS_INVALID, "report: --figure and --figures go with one results file");
  }
  if (results > 1 && r->one.analysis_count > 0) {
    return ls_fail(LS_INVALID, "%s: analyses go with one results file, or with --summary",
                   r->one.analyses[0]);
  }
  if (results > 1) return ls_report_side_by_side(r->files, results, &r->one);
  r->one.results = r->files[0];
  return ls_report(&r->one);
}

static int execute(int argc, char **argv) {
  request r = {.files = ls_new((size_t)argc, sizeof *r.files),
               .figures = ls_new((size_t)argc, sizeof *r.figures)};
  r.one.figures = r.figures;
  bool helped = false;
  int status = r.files && r.figures ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = cli_parse(&parser, argc, argv, true, &r, &helped);
  if (status == LS_OK && !helped) status = report(&r);
  free(r.files);
  free(r.figures);
  return status;
}

const cli_verb cli_verb_report = {
    .name = "report",
    .purpose = "print the table of a results file and write its page",
    .parser = &parser,
    .local = execute,
};
