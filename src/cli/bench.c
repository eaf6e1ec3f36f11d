/* lockstep bench: the speed of the machine, and the fraction of it that a training step reaches. */
#include "bench/bench.h"
#include "base/print.h"

#include "base/process.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/launch.h"
#include "cli/named_data.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "nn/products/kernels.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct request {
  cli_job job;
  double seconds;
} request;

enum option_key { KEY_SECONDS = 't' };

static const struct argp_option options[] = {
    CLI_SET_OPTION,
    {"seconds", KEY_SECONDS, "S", 0, "Duration of each measurement (1)", 0},
    {0},
};

static int read_seconds(double *out, const char *text) {
  char *end = NULL;
  *out = strtod(text, &end);
  if (end != text && *end == '\0' && *out > 0 && *out <= 3600) return LS_OK;
  return ls_fail(LS_INVALID, "bench: --seconds: '%s' (expected a number above 0, up to 3600)",
                 text);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
  request *r = state->input;
  switch (key) {
  case KEY_SECONDS:
    return cli_parsed(read_seconds(&r->seconds, value));
  default:
    return cli_parse_job(&r->job, key, value, state);
  }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "JOB.yaml",
    .doc = "Measure the speed of this machine (matrix products of the sizes in the job, memory, "
           "messages, reduction of gradients), and the fraction of it that a training step of the "
           "job's first trial reaches on all ranks. Runs alone or under mpirun or srun; writes no "
           "files."};

/* ---- Printing -------------------------------------------------------------------------------- */

/* Operations a second. */
static double peak_of(const ls_bench *b) {
  return b->multiply_add_flops / b->multiply_adds;
}

static void print_machine(const ls_bench *b, const ls_model *model) {
  char host[HOST_NAME_MAX + 1] = "", processor[128];
  size_t nodes = b->layout.nodes;
  gethostname(host, sizeof host - 1);
  ls_processor_name(processor);
  ls_print(stdout, "%-32s %s%s, %s\n", "machine", host, nodes > 1 ? " and others" : "", processor);
  ls_print(stdout, "%-32s %zu on %zu %s, all at work at once, one thread each\n", "ranks", b->ranks,
           nodes, nodes > 1 ? "nodes" : "node");
  ls_print(stdout, "%-32s %s\n", "products of matrices by", model->kernels->name);
  ls_print(stdout, "%-32s %10.1f GFLOP/s per rank (multiply-adds in registers)\n", "peak",
           peak_of(b) * 1e-9);
  ls_print(stdout, "%-32s %10.1f GB/s per rank (a = b + s c, %.0f MB)\n", "memory",
           (double)b->triad_bytes / b->triad * 1e-9, (double)b->triad_bytes * 1e-6);
  if (b->ranks == 1) return;
  ls_print(stdout, "messages between %-16s %10.1f us latency, %.2f us each of many, %.3f GB/s\n",
           nodes > 1 ? "nodes" : "ranks", b->message * 1e6, b->message_gap * 1e6,
           (double)b->message_bytes / b->message_long * 1e-9);
}

static void print_products(const ls_bench *b, const ls_model *model) {
  ls_print(stdout, "\n%-32s %7s %7s %7s %7s %9s %9s %7s\n", "products of a step", "m", "n", "k",
           "times", "ms", "GFLOP/s", "% peak");
  for (size_t i = 0; i < b->made.list.count; i++) {
    const ls_product_entry *entry = &b->made.list.items[i];
    const ls_product *p = &entry->product;
    char name[LS_MAX_NAME + 16];
    double speed = 2.0 * (double)p->m * (double)p->n * (double)p->k / b->made.seconds[i];
    snprintf(name, sizeof name, "%s %s", model->layers[entry->layer].name,
             entry->backward ? "backward" : "forward");
    ls_print(stdout, "%-32s %7zu %7zu %7zu %7zu %9.4f %9.1f %7.1f\n", name, p->m, p->n, p->k,
             entry->times, b->made.seconds[i] * (double)entry->times * 1e3, speed * 1e-9,
             100 * speed / peak_of(b));
  }
}

static void print_reduction(const ls_bench *b) {
  double bytes = (double)b->gradient_bytes;
  ls_print(stdout, "\n%-32s %13s %12s %9s\n", "reduction of gradients", "1 weight, us", "all, us",
           "GB/s");
  ls_print(stdout, "%-32s %13.2f %12.1f %9.3f\n", b->reduction, b->reduce_least * 1e6,
           b->reduce * 1e6, bytes / b->reduce * 1e-9);
  if (b->allreduce == 0) return;
  ls_print(stdout, "%-32s %13.2f %12.1f %9.3f\n", "MPI_Allreduce", b->allreduce_least * 1e6,
           b->allreduce * 1e6, bytes / b->allreduce * 1e-9);
}

/* The time of a step that consists of these products and the reduction alone. */
static void print_possible(const ls_bench *b, const char *name, double products) {
  double possible = products + b->reduce;
  ls_print(stdout, "%s: %.4f ms (products %.4f, reduction %.4f); reached: %.1f %%\n", name,
           possible * 1e3, products * 1e3, b->reduce * 1e3, 100 * possible / b->step);
}

/* The fraction of peak of the step, by the products that define the layers. */
static void print_fraction(const ls_bench *b) {
  const double least = b->plain_operations / peak_of(b);
  ls_print(stdout, "plain products at peak: %.4f ms; reached: %.1f %%\n", least * 1e3,
           100 * least / b->step);
}

static void print_step(const ls_bench *b) {
  ls_print(stdout, "\nstep of %zu samples in %zu %s, %zu on a rank: %.4f ms, %.0f samples/s\n",
           b->layout.batch, b->layout.shards, b->layout.shards > 1 ? "shards" : "shard", b->rows,
           b->step * 1e3, (double)b->layout.batch / b->step);
  print_possible(b, "possible", b->made.total);
  print_possible(b, "by plain products", b->plain.total);
  print_fraction(b);
  if (!b->predictable) return;
  ls_step_time t = ls_predict_step(&b->costs, &b->network, &b->layout);
  ls_print(stdout,
           "predicted: %.4f ms (compute %.4f, reduction %.4f, update %.4f), %+.1f %% of the step\n",
           t.total * 1e3, t.compute * 1e3, t.reduce * 1e3, t.update * 1e3,
           100 * (t.total / b->step - 1));
}

/* ---- The verb -------------------------------------------------------------------------------- */

/* Collective. */
static int measure(const ls_job *job, double seconds, const ls_group *world) {
  ls_plan *plan = NULL;
  ls_bench bench = {0};
  int status = ls_plan_create(&plan, job, 0);
  if (status == LS_OK) status = ls_compute_start();
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = ls_bench_run(&bench, plan, world, seconds);
  if (status == LS_OK && world->rank == 0) {
    print_machine(&bench, plan->model);
    print_products(&bench, plan->model);
    if (world->size > 1) print_reduction(&bench);
    print_step(&bench);
  }
  ls_bench_free(&bench);
  ls_plan_free(&plan);
  return status;
}

static int execute(int argc, char **argv, const ls_group *world) {
  request r = {.seconds = 1};
  ls_job *job = NULL;
  bool helped = false;
  int status = cli_parse(&parser, argc, argv, world->rank == 0, &r, &helped);
  if (status == LS_OK && !helped) {
    status = cli_read_job(&job, &r.job, world);
    if (status == LS_OK) status = cli_make_named_data(job, world);
    if (status == LS_OK) status = launch_check(job, world);
    if (status == LS_OK) status = measure(job, r.seconds, world);
  }
  ls_job_free(&job);
  free(r.job.sets);
  return status;
}

const cli_verb cli_verb_bench = {
    .name = "bench",
    .purpose = "measure the fraction of peak that a job reaches",
    .parser = &parser,
    .collective = execute,
};
