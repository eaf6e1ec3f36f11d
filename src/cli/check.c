/* lockstep check: what a job would do, without doing it. */
#include "base/clock.h"
#include "base/paths.h"
#include "base/print.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/named_data.h"
#include "cli/nodes.h"
#include "data/records.h"
#include "figure/diagram.h"
#include "lockstep/error.h"
#include "run/node_data.h"
#include "run/packing.h"
#include "run/reading.h"
#include "store/results/outlook.h"
#include "trial/selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct request {
  cli_job job;
  uint64_t ranks; /* with nodes: of each */
  cli_nodes nodes;
  const char *diagram;
  const char *results; /* NULL: results/NAME.h5 */
} request;

enum option_key { KEY_RANKS = 'n', KEY_RESULTS = 'o', KEY_DIAGRAM = 256 };

static const struct argp_option options[] = {
    {"ranks", KEY_RANKS, "N", 0, "Plan for N ranks; with --nodes, N on each node (1)", 0},
    {"nodes", CLI_KEY_NODES, "N", 0, "Predict the time of a training step on up to N nodes", 0},
    CLI_NETWORK_OPTIONS,
    {"output", KEY_RESULTS, "FILE", 0,
     "Results file whose finished trials will not run again (results/NAME.h5)", 0},
    {"diagram", KEY_DIAGRAM, "FILE", 0,
     "Also draw the layers, in the format of the file's extension: .svg, .png or .pdf, which need "
     "the program dot of graphviz, or .dot",
     0},
    CLI_SET_OPTION,
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_RANKS:
    return cli_parsed(cli_number(&r->ranks, "check: --ranks", value, 1, 65536));
  case KEY_RESULTS:
    r->results = value;
    return 0;
  case KEY_DIAGRAM:
    r->diagram = value;
    return cli_parsed(ls_diagram_check_path(value));
  case ARGP_KEY_END: {
    int status = cli_check_nodes(&r->nodes, r->ranks);
    return status == LS_OK ? cli_parse_job(&r->job, key, value, state) : cli_parsed(status);
  }
  default: {
    error_t error = cli_parse_nodes(&r->nodes, key, value);
    return error == ARGP_ERR_UNKNOWN ? cli_parse_job(&r->job, key, value, state) : error;
  }
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "JOB.yaml",
    .doc = "Check a job and print it with all defaults, its layers, its trials, how they are "
           "packed on the ranks, and the memory and time that they need; with --nodes also the "
           "predicted time of a training step on several nodes. Needs no MPI launch."};

/* ---- Printing -------------------------------------------------------------------------------- */

static void print_layer(const ls_layer_row *row) {
  ls_text type = {0}, parameters = {0};
  ls_text_add(&type, *row->activation ? "%s, %s%s" : "%s%s%s", row->type, row->activation,
              row->frozen ? ", frozen" : "");
  if (*row->head) ls_text_add(&type, ", of %s", row->head);
  ls_text_add_count(&parameters, row->parameters);
  if (!type.failed && !parameters.failed) {
    ls_print(stdout, "%-24s %-28s %-20s %12s\n", row->name, type.data, row->output,
             parameters.data);
  }
  ls_text_free(&type);
  ls_text_free(&parameters);
}

static void print_layers(const ls_layer_table *table) {
  ls_layer_row all = {.name = "all", .type = "", .activation = "", .head = "", .output = ""};
  ls_print(stdout, "%-24s %-28s %-20s %12s\n", "layer", "type", "output", "parameters");
  for (size_t i = 0; i < table->count; i++) {
    print_layer(&table->rows[i]);
    all.parameters += table->rows[i].parameters;
  }
  print_layer(&all);
  ls_print(stdout, "\n");
}

/* What the job chooses by its test samples. */
static int print_selection(const ls_job *job, const ls_plan *plan) {
  char *selection = NULL;
  int status = ls_selection_describe(&selection, job, plan);
  if (selection) ls_print(stdout, "note: %s\n\n", selection);
  free(selection);
  return status;
}

static void print_data(const ls_plan *plan) {
  ls_print(stdout, "%s: %zu samples to train, %zu to validate", plan->dataset->path,
           plan->split.train_count, plan->split.validation_count);
  for (size_t h = 0; h < plan->model->head_count; h++) {
    const ls_target *target = &plan->heads[h].target;
    if (target->classes > 0) ls_print(stdout, ", %" PRId64 " classes", target->classes);
    if (target->classes == 0) ls_print(stdout, ", %zu values of %s", target->width, target->name);
  }
  ls_print(stdout, "; %zu steps of %zu samples per epoch\n\n", plan->steps, plan->batch);
}

/* Prints the data of the first trial, and the layers of each model. */
static int print_models(const ls_job *job, const ls_architectures *models) {
  ls_plan *plan = NULL;
  int status = ls_plan_create(&plan, job, 0);
  if (status == LS_OK) print_data(plan);
  if (status == LS_OK) status = print_selection(job, plan);
  ls_plan_free(&plan);
  for (size_t i = 0; i < models->count && status == LS_OK; i++) {
    if (models->count > 1) {
      ls_print(stdout, "trial %zu (%s):\n", models->trials[i] + 1, models->tables[i].trial);
    }
    print_layers(&models->tables[i]);
  }
  if (models->left_out > 0) {
    ls_print(stdout,
             "The layers of %zu more trials are not shown: their models are different again.\n\n",
             models->left_out);
  }
  return status;
}

/* Checks the inputs' values, which `run` finds out when it reads them. */
static int check_inputs(const ls_job *job, const ls_packing *packing) {
  int status = LS_OK;
  for (size_t i = 0; i < packing->datasets.count && status == LS_OK; i++) {
    ls_plan *plan = NULL;
    status = ls_plan_create(&plan, job, packing->datasets.trials[i]);
    if (status == LS_OK) status = ls_dataset_check_inputs(plan->dataset);
    ls_plan_free(&plan);
  }
  return status;
}

static void print_median_rule(const ls_schedule_of_search *s) {
  ls_print(stdout,
           "search: %zu points to the end; %zu more while they reach the median of these, "
           "after %zu",
           s->startup_points, s->points - s->startup_points, s->epochs[0]);
  if (s->rungs > 2) ls_print(stdout, " to %zu", s->epochs[s->rungs - 2]);
  ls_print(stdout, " epochs\n\n");
}

/* How many points a search trains up to which rung; a line for each bracket. */
static void print_search(const ls_schedule_of_search *s) {
  if (s->startup_points > 0) {
    print_median_rule(s);
    return;
  }
  for (size_t b = 0; b < s->rungs; b++) {
    size_t count = s->first_point[b + 1] - s->first_point[b];
    if (count == 0) continue;
    ls_print(stdout, "search: %zu points up to epoch %zu", count, s->epochs[b]);
    for (size_t k = b + 1; k < s->rungs; k++) {
      count = ls_schedule_promoted(s, count);
      ls_print(stdout, ", %zu up to %zu", count, s->epochs[k]);
    }
    ls_print(stdout, "\n");
  }
  if (s->rungs > 0) {
    ls_print(stdout, "search: %.1f %% of the epochs of all trials\n\n",
             100 * ls_schedule_fraction(s));
  }
}

static void print_trials(const ls_job *job, const ls_packing *p, double slower) {
  enum { MOST = 1000 };
  char name[256], time[32];
  ls_print(stdout, "trials, in the order they start:\n");
  for (size_t i = 0; i < p->count && i < MOST; i++) {
    size_t t = p->order[i];
    ls_job_trial_name(job, t, name, sizeof name);
    ls_clock_duration(time, p->seconds[t] * slower);
    ls_print(stdout, "  %4zu  %-40s %s\n", t + 1, name, time);
  }
  if (p->count > MOST) ls_print(stdout, "  and %zu more\n", p->count - MOST);
}

/* What a run would find in the results file. */
static void print_outlook(const char *path, const ls_job *job, const ls_results_outlook *o) {
  if (o->refusal) {
    ls_print(stdout, "note: a run is refused: %s\n\n", o->refusal);
    return;
  }
  if (!o->exists) return;
  size_t trials = ls_job_trials(job), left = trials - o->done - o->pruned;
  ls_print(stdout, "%s: %zu of %zu trials are done, %zu will run", path, o->done, trials, left);
  if (o->begun > 0) ls_print(stdout, ", %zu of these from their checkpoints", o->begun);
  if (o->pruned > 0) {
    ls_print(stdout, "; %zu were pruned: these continue if the search now promotes them",
             o->pruned);
  }
  if (o->past_trials != trials)
    ls_print(stdout, "; the file has %zu trials so far", o->past_trials);
  ls_print(stdout, "\n\n");
}

static double mebibytes(double bytes) {
  return bytes / (1 << 20);
}

/* How the ranks of a node have a dataset. */
static void print_dataset(const ls_node_data *d, const ls_packing *p) {
  const ls_node_storage *s = &d->storage;
  ls_print(stdout, "data on a node: %s: ", d->path);
  if (d->exchanged) {
    ls_print(stdout,
             "each rank keeps 1/%zu of the samples, which are exchanged before every epoch: %.1f "
             "MiB\n",
             p->ranks_per_trial, mebibytes(d->memory));
    return;
  }
  if (s->mapped) ls_print(stdout, "%.1f MiB mapped from the file, ", mebibytes(s->inputs));
  ls_print(stdout, "%.1f MiB %s to %s", mebibytes(s->copied), s->mapped ? "copied" : "converted",
           ls_scratch_directory());
  if (d->window > 0) ls_print(stdout, "; shuffled in windows of %.1f MiB", mebibytes(d->window));
  ls_print(stdout, "\n");
}

/* Prints how a node has the job's datasets, and sums up their memory. */
static int print_datasets(double *memory, const ls_job *job, const ls_packing *p,
                          size_t node_ranks) {
  int status = LS_OK;
  *memory = 0;
  for (size_t i = 0; i < p->datasets.count && status == LS_OK; i++) {
    ls_node_data dataset;
    status = ls_node_data_describe(&dataset, job, p, i, node_ranks);
    if (status == LS_OK) print_dataset(&dataset, p);
    *memory += dataset.memory;
  }
  return status;
}

/* `data` is the memory of the samples on a node. */
static void print_memory(const ls_packing *p, double data, size_t node_ranks) {
  const double ranks = (double)node_ranks;
  const bool exchanged = ls_node_data_readers(p, node_ranks) > node_ranks;
  ls_print(stdout,
           "memory per rank: %.0f MiB; on a node with %zu ranks: %.0f MiB, %.0f MiB of it shared\n",
           mebibytes(p->memory + data / ranks), node_ranks, mebibytes(ranks * p->memory + data),
           mebibytes(ranks * p->shared + (exchanged ? 0 : data)));
}

static int print_packing(const ls_job *job, const ls_packing *p, double slower, double reading,
                         size_t node_ranks) {
  double data = 0;
  char time[32], work[32], read[32];
  print_trials(job, p, slower);
  ls_clock_duration(time, p->makespan * slower + reading);
  ls_clock_duration(read, reading);
  ls_clock_duration(work, p->work * slower);
  size_t ranks = p->groups * p->ranks_per_trial + p->idle_ranks;
  ls_print(stdout, "\n%zu ranks: %zu at a time, %zu ranks each", ranks, p->groups,
           p->ranks_per_trial);
  if (p->idle_ranks > 0) ls_print(stdout, ", %zu ranks idle", p->idle_ranks);
  ls_print(stdout, "\n");
  int status = print_datasets(&data, job, p, node_ranks);
  if (status != LS_OK) return status;
  print_memory(p, data, node_ranks);
  ls_print(
      stdout,
      "time: about %s (%s to read the data, %s of training in all) at this machine's speed now\n",
      time, read, work);
  return LS_OK;
}

static int print_job(const request *r, const ls_job *job, const ls_packing *packing) {
  const ls_architectures *models = &packing->architectures;
  ls_print_lines(stdout, ls_job_text(job));
  ls_print_lines(stdout, "\n");
  int status = print_models(job, models);
  if (status == LS_OK && r->diagram) {
    status = ls_diagram_write(r->diagram, models->tables, models->count);
  }
  return status;
}

/* Prints what a run would do; `reading` is the time of reading the data, in seconds. */
static int print_run(const request *r, const ls_job *job, const ls_packing *packing,
                     double reading) {
  double slowness = 1;
  int status = cli_measure_slowness(&slowness);
  if (status != LS_OK) return status;
  print_search(&packing->schedule);
  status = print_packing(job, packing, slowness, reading, (size_t)r->ranks);
  if (status != LS_OK) return status;
  if (packing->uses_bfloat16) {
    ls_print(stdout,
             "note: results depend on the processor (precision: bfloat16): other processors "
             "may give other bits\n");
  }
  if (packing->uses_blas) {
    ls_print(stdout,
             "note: results depend on OpenBLAS, its version and kernels (products: openblas, or a "
             "transform like pca): other processors may give other bits\n");
  }
  ls_packing_warn(packing);
  return r->nodes.nodes > 0 ? cli_print_nodes(&r->nodes, job, (size_t)r->ranks) : LS_OK;
}

/* Looks at the results file, and packs only what is still to be run. */
static int look_ahead(ls_results_outlook *outlook, ls_packing *packing, const ls_job *job,
                      const char *results) {
  int status = ls_results_foresee(outlook, results, job, packing->longest);
  if (status != LS_OK || !outlook->left || packing->schedule.rungs > 0) return status;
  return ls_packing_repeat(packing, packing, job, 0, &(ls_slice){0}, outlook->left);
}

static int check(const request *r) {
  ls_job *job = NULL;
  ls_packing packing = {0};
  ls_results_outlook outlook = {0};
  size_t ranks = (size_t)(r->ranks * (r->nodes.nodes > 0 ? r->nodes.nodes : 1));
  char *results = NULL;
  int status = cli_read_job(&job, &r->job, NULL);
  if (status == LS_OK) status = cli_make_named_data(job, NULL);
  if (status == LS_OK) status = cli_results_path(&results, job, r->results);
  if (status == LS_OK) {
    status = ls_packing_create(&packing, job, ranks, 0, &(ls_slice){0});
  }
  if (status == LS_OK) status = look_ahead(&outlook, &packing, job, results);
  double reading = 0; /* measured first, for the checks leave data in the system's cache */
  if (status == LS_OK) {
    size_t readers = ls_node_data_readers(&packing, (size_t)r->ranks);
    status = ls_measure_reading(&reading, job, readers);
  }
  if (status == LS_OK) status = check_inputs(job, &packing);
  if (status == LS_OK) status = print_job(r, job, &packing);
  if (status == LS_OK) print_outlook(results, job, &outlook);
  if (status == LS_OK) status = print_run(r, job, &packing, reading);
  ls_results_outlook_free(&outlook);
  ls_packing_free(&packing);
  free(results);
  ls_job_free(&job);
  return status;
}

static int execute(int argc, char **argv) {
  request r = {.ranks = 1, .nodes = {.verb = "check"}};
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, true, &r, &helped);
  if (status == LS_OK && !helped) status = check(&r);
  free(r.job.sets);
  return status;
}

const cli_verb cli_verb_check = {
    .name = "check",
    .purpose = "check a job and print what it would do",
    .parser = &parser,
    .local = execute,
};
