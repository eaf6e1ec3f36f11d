/* Checks of how the ranks were started: separate worlds, shared cores, different files. */
#include "cli/launch.h"

#include "base/memory.h"
#include "base/print.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "trial/plan.h"
#include "trial/recipe.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* ---- Worlds ---------------------------------------------------------------------------------- */

/* The tasks of the Slurm step that started this process as one of them and not through mpirun; 1 if
 * there is none. A job script itself is no such step. */
static long tasks_of_step(void) {
  if (!getenv("SLURM_PROCID") || !getenv("SLURM_STEP_ID") || getenv("OMPI_COMM_WORLD_SIZE")) {
    return 1;
  }
  const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
  if (!tasks) tasks = getenv("SLURM_NTASKS");
  return tasks ? strtol(tasks, NULL, 10) : 1;
}

int launch_check_world(const ls_group *world) {
  long tasks = tasks_of_step();
  if (world->size > 1 || tasks <= 1) return LS_OK;
  return ls_fail(LS_INVALID,
                 "srun has started %ld processes, but each is alone: they don't reach one another "
                 "(start them by 'srun --mpi=pmix', or by mpirun in the job script)",
                 tasks);
}

bool launch_prints(const ls_group *world) {
  bool apart = world->size == 1 && tasks_of_step() > 1;
  return world->rank == 0 && (!apart || strcmp(getenv("SLURM_PROCID"), "0") == 0);
}

/* ---- Cores ----------------------------------------------------------------------------------- */

/* Where a rank runs. */
typedef struct place {
  char host[64];
  cpu_set_t cores; /* that it may use; none: unknown */
  int machine;     /* cores of the host */
} place;

static place this_place(void) {
  place p = {.machine = (int)sysconf(_SC_NPROCESSORS_ONLN)};
  gethostname(p.host, sizeof p.host - 1);
  if (sched_getaffinity(0, sizeof p.cores, &p.cores) != 0) CPU_ZERO(&p.cores);
  return p;
}

static bool within(const cpu_set_t *inner, const cpu_set_t *outer) {
  cpu_set_t both;
  CPU_AND(&both, inner, outer);
  return CPU_EQUAL(&both, inner);
}

/* Warns of the first set of cores that has more ranks than cores, unless it is the whole machine:
 * that was asked for. */
static void warn_of_sharing(const place *places, size_t ranks) {
  for (size_t r = 0; r < ranks; r++) {
    int cores = CPU_COUNT(&places[r].cores), users = 0;
    if (cores == 0 || cores >= places[r].machine) continue;
    for (size_t k = 0; k < ranks; k++) {
      bool here = strcmp(places[k].host, places[r].host) == 0;
      users +=
          here && CPU_COUNT(&places[k].cores) > 0 && within(&places[k].cores, &places[r].cores);
    }
    if (users <= cores) continue;
    ls_print(
        stderr,
        "lockstep: warning: on %s %d ranks share %d of its %d cores (give each its own: mpirun "
        "--bind-to core; srun --cpu-bind=cores with --cpus-per-task=1)\n",
        places[r].host, users, cores, places[r].machine);
    return;
  }
}

/* ---- Shared memory --------------------------------------------------------------------------- */

/* Collective: warns where ranks of one host do not share memory. */
static int warn_of_messages(const place *places, const ls_group *world) {
  ls_group node;
  int status = ls_group_create_node(&node, world->comm), apart = 0;
  for (int r = 0; status == LS_OK && r < world->size && node.size == 1; r++) {
    apart |= r != world->rank && strcmp(places[r].host, places[world->rank].host) == 0;
  }
  ls_group_free(&node);
  status = ls_group_agree(world, status);
  if (status == LS_OK) status = ls_group_max_int(world, &apart, 1);
  if (status == LS_OK && apart && world->rank == 0) {
    ls_print(stderr,
             "lockstep: warning: the ranks of a node cannot share memory (are they in "
             "containers of their own?); they exchange messages instead, which is slower\n");
  }
  return status;
}

/* ---- Versions -------------------------------------------------------------------------------- */

enum { ENDS = 1 << 16 }; /* bytes at either end of a file that are looked at */

/* A hash of the file; 0 if it can't be read, or is not regular: opening a FIFO may wait for ever.
 */
static uint64_t digest_of_file(const char *path) {
  static unsigned char bytes[2 * ENDS];
  struct stat info;
  bool regular = stat(path, &info) == 0 && S_ISREG(info.st_mode);
  FILE *file = regular ? fopen(path, "rb") : NULL;
  if (!file) return 0;
  size_t length = fread(bytes, 1, ENDS, file);
  if (info.st_size > ENDS && fseek(file, -(long)ENDS, SEEK_END) == 0) {
    length += fread(bytes + length, 1, ENDS, file);
  }
  fclose(file);
  uint64_t digest = XXH3_64bits_withSeed(bytes, length, (XXH64_hash_t)info.st_size);
  return digest ? digest : 1;
}

/* On rank 0: which ranks have another digest than it has, if any. */
static int compare(const uint64_t *digests, const place *places, size_t ranks, const char *what) {
  ls_text others = {0};
  size_t count = 0;
  for (size_t r = 1; r < ranks; r++) {
    if (digests[r] == digests[0] || count++ >= 4) continue;
    ls_text_add(&others, "%s rank %zu on %s%s", count > 1 ? "," : "", r, places[r].host,
                digests[r] ? "" : " (none)");
  }
  if (count > 4) ls_text_add(&others, " and %zu more", count - 4);
  int status =
      count == 0
          ? LS_OK
          : ls_fail(LS_INVALID, "%s is not the same for all ranks: rank 0 on %s has %s than%s",
                    what, places[0].host, digests[0] ? "another one" : "none, other",
                    others.data ? others.data : "others");
  ls_text_free(&others);
  return status;
}

/* Collective. `places` is of rank 0. */
static int check_same(uint64_t digest, const place *places, const char *what,
                      const ls_group *world) {
  uint64_t *digests = ls_new((size_t)world->size, sizeof *digests);
  int status = ls_group_agree(world, digests ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = ls_group_allgather(world, &digest, sizeof digest, digests);
  }
  if (status == LS_OK && world->rank == 0) {
    status = compare(digests, places, (size_t)world->size, what);
  }
  free(digests);
  return ls_group_agree(world, status);
}

/* Collective: the files of the datasets, one after the other as trials name them. */
static int check_datasets(const ls_job *job, const place *places, const ls_group *world) {
  char *last = NULL;
  int status = LS_OK;
  for (size_t trial = 0; status == LS_OK && trial < ls_job_trials(job); trial++) {
    ls_recipe recipe;
    char *path = NULL;
    status = ls_job_bind(job, trial, &recipe);
    if (status == LS_OK) {
      status = ls_plan_dataset_path(&path, &recipe);
      ls_component_clear(&ls_recipe_component, &recipe);
    }
    status = ls_group_agree(world, status);
    if (status == LS_OK && (!last || strcmp(path, last) != 0)) {
      status = check_same(digest_of_file(path), places, path, world);
    }
    free(last);
    last = path;
  }
  free(last);
  return status;
}

int launch_check(const ls_job *job, const ls_group *world) {
  if (world->size == 1) return LS_OK;
  place own = this_place(), *places = ls_new((size_t)world->size, sizeof *places);
  const char *text = ls_job_text(job);
  int status = ls_group_agree(world, places ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = ls_group_allgather(world, &own, sizeof own, places);
  }
  if (status == LS_OK && world->rank == 0) warn_of_sharing(places, (size_t)world->size);
  if (status == LS_OK) status = warn_of_messages(places, world);
  if (status == LS_OK) {
    status = check_same(digest_of_file("/proc/self/exe"), places, "the program", world);
  }
  if (status == LS_OK) {
    status = check_same(XXH3_64bits(text, strlen(text)), places, "the job", world);
  }
  if (status == LS_OK) status = check_datasets(job, places, world);
  free(places);
  return status;
}
