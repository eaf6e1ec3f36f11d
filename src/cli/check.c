/* lockstep check: what a job would do, without doing it. */
#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/nodes.h"
#include "lockstep/error.h"
#include "run/packing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct request {
  cli_job job;
  uint64_t ranks; /* with nodes: of each */
  cli_nodes nodes;
} request;

enum option_key { KEY_RANKS = 'n' };

static const struct argp_option options[] = {
    {"ranks", KEY_RANKS, "N", 0, "Plan for N ranks; with --nodes, N on each node (1)", 0},
    CLI_NODES_OPTIONS,
    CLI_SET_OPTION,
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_RANKS:
    return cli_parsed(cli_number(&r->ranks, "check: --ranks", value, 1, 65536));
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

static void format_shape(char *out, size_t size, const ls_shape *shape) {
  size_t at = 0;
  for (int i = 0; i < shape->rank && at < size; i++) {
    at += (size_t)snprintf(out + at, size - at, "%s%" PRId64, i > 0 ? " x " : "", shape->extent[i]);
  }
}

/* 545810 as 545,810. */
static const char *with_commas(char out[32], size_t number) {
  char digits[32];
  int length = snprintf(digits, sizeof digits, "%zu", number), at = 0;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) out[at++] = ',';
    out[at++] = digits[i];
  }
  out[at] = '\0';
  return out;
}

static void print_layers(const ls_plan *plan) {
  const ls_model *model = plan->model;
  char shape[64], count[32];
  format_shape(shape, sizeof shape, &model->input);
  printf("%-24s %-20s %12s\n", "layer", "output", "parameters");
  printf("%-24s %-20s %12s\n", "input", shape, "0");
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    size_t params = 0;
    for (size_t k = 0; k < layer->param_count; k++) params += layer->params[k].count;
    format_shape(shape, sizeof shape, &layer->output);
    printf("%-24s %-20s %12s\n", layer->name, shape, with_commas(count, params));
  }
  for (size_t h = 0; h < model->head_count; h++) {
    const ls_head *head = &model->heads[h];
    if (!head->fused) continue;
    format_shape(shape, sizeof shape, &head->output);
    printf("%-24s %-20s %12s\n", head->loss->fuses->component.name, shape, "with the loss");
  }
  printf("%-24s %-20s %12s\n\n", "all", "", with_commas(count, model->param_count));
}

static void print_data(const ls_plan *plan) {
  printf("%s: %zu samples to train, %zu to validate", plan->dataset->path, plan->split.train_count,
         plan->split.validation_count);
  for (size_t h = 0; h < plan->model->head_count; h++) {
    const ls_target *target = &plan->heads[h].target;
    if (target->classes > 0) printf(", %" PRId64 " classes", target->classes);
    if (target->classes == 0) printf(", %zu values of %s", target->width, target->name);
  }
  printf("; %zu steps of %zu samples per epoch\n\n", plan->steps, plan->batch);
}

/* Prints the layers of the first trial, and of each trial whose number of parameters differs. */
static int print_models(const ls_job *job) {
  size_t before = 0;
  int status = LS_OK;
  for (size_t t = 0; t < ls_job_trials(job) && status == LS_OK; t++) {
    ls_plan *plan = NULL;
    status = ls_plan_create(&plan, job, t);
    if (status == LS_OK && t == 0) print_data(plan);
    if (status == LS_OK && (t == 0 || plan->model->param_count != before)) {
      char name[256];
      ls_job_trial_name(job, t, name, sizeof name);
      if (t > 0) printf("from trial %zu (%s) on:\n", t + 1, name);
      print_layers(plan);
      before = plan->model->param_count;
    }
    ls_plan_free(&plan);
  }
  return status;
}

static void print_packing(const ls_job *job, const ls_packing *p, double slower) {
  char name[256], time[32], work[32];
  printf("trials, in the order they start:\n");
  for (size_t i = 0; i < p->count; i++) {
    size_t t = p->order[i];
    ls_job_trial_name(job, t, name, sizeof name);
    ls_clock_duration(time, p->seconds[t] * slower);
    printf("  %4zu  %-40s %s\n", t + 1, name, time);
  }
  ls_clock_duration(time, p->makespan * slower);
  ls_clock_duration(work, p->work * slower);
  size_t ranks = p->groups * p->ranks_per_trial + p->idle_ranks;
  printf("\n%zu ranks: %zu at a time, %zu ranks each", ranks, p->groups, p->ranks_per_trial);
  if (p->idle_ranks > 0) printf(", %zu ranks idle", p->idle_ranks);
  printf("\nmemory per rank: %.0f MiB\n", p->memory / (1 << 20));
  printf("time: about %s (%s of training in all) at this machine's speed now\n", time, work);
}

static int execute(int argc, char **argv) {
  request r = {.ranks = 1};
  ls_job *job = NULL;
  ls_packing packing = {0};
  bool helped = false;
  size_t longest = 0;
  int status = cli_parse(&parser, argc, argv, true, &r, &helped);
  if (status == LS_OK && !helped) {
    status = cli_read_job(&job, &r.job, NULL);
    if (status == LS_OK) {
      size_t ranks = (size_t)(r.ranks * (r.nodes.nodes > 0 ? r.nodes.nodes : 1));
      status = ls_packing_create(&packing, job, ranks, 0, &(ls_slice){0}, NULL, &longest);
    }
    if (status == LS_OK) {
      printf("%s\n", ls_job_text(job));
      status = print_models(job);
    }
    if (status == LS_OK) {
      print_packing(job, &packing, cli_slowness());
      if (r.nodes.nodes > 0) status = cli_print_nodes(&r.nodes, job, (size_t)r.ranks);
    }
  }
  ls_packing_free(&packing);
  ls_job_free(&job);
  free(r.job.sets);
  return status;
}

const cli_verb cli_verb_check = {
    .name = "check",
    .purpose = "check a job and print what it would do",
    .parser = &parser,
    .local = execute,
};
