/* Recording runs. The datasets and attributes of a file that is shared between ranks are fixed, so
 * runs are recorded before that, on one rank; only the time of the end is overwritten in place. */
#include "store/results/provenance.h"

#include "base/clock.h"
#include "base/print.h"
#include "base/process.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a time that is overwritten in place. */
enum { TIME_SIZE = 24 };

/* ---- Gathering ------------------------------------------------------------------------------- */

enum { VALUE_SIZE = LS_MPI_HOST };
typedef char value[VALUE_SIZE];

static bool is_known(const value *values, int rank) {
  for (int r = 0; r < rank; r++) {
    if (strcmp(values[r], values[rank]) == 0) return true;
  }
  return false;
}

/* Collective: the different values of all ranks. */
static int list_values(char **out, ls_memory *memory, const value own, const char *separator,
                       const ls_group *world) {
  ls_text list = {0};
  value *values = ls_new((size_t)world->size, sizeof *values);
  int status = ls_group_agree(world, values ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_group_allgather(world, own, sizeof *values, values);
  for (int r = 0; status == LS_OK && r < world->size; r++) {
    if (!is_known(values, r)) ls_text_add(&list, "%s%s", r > 0 ? separator : "", values[r]);
  }
  free(values);
  if (status != LS_OK) return status;
  *out = ls_memory_keep(memory, ls_text_take(&list));
  return ls_group_agree(world, *out ? LS_OK : LS_FAILED);
}

int provenance_gather(provenance *run, const ls_results_plan *plan, const ls_group *world) {
  *run = (provenance){.command = plan->command, .digests = plan->digests, .ranks = world->size};
  value host = "", processor = "", isa = "", blas = "";
  ls_mpi_host(host);
  ls_processor_name(processor);
  snprintf(isa, sizeof isa, "%s", plan->isa);
  snprintf(blas, sizeof blas, "%s", plan->blas);
  int status = list_values(&run->hosts, &run->memory, host, " ", world);
  if (status == LS_OK) status = list_values(&run->processors, &run->memory, processor, ", ", world);
  if (status == LS_OK) status = list_values(&run->isas, &run->memory, isa, ", ", world);
  return status == LS_OK ? list_values(&run->blas, &run->memory, blas, ", ", world) : status;
}

void provenance_free(provenance *run) {
  ls_memory_free(&run->memory);
}

/* ---- Recording ------------------------------------------------------------------------------- */

static int record(hid_t group, const provenance *run) {
  char mpi[LS_MPI_VERSION], now[32];
  ls_mpi_version(mpi);
  ls_clock_utc(now);
  const struct {
    const char *name, *text;
  } texts[] = {
      {"command", run->command},
      {"source", "lockstep " LS_VERSION},
      {"hosts", run->hosts},
      {"mpi", mpi},
      {"isa", run->isas},
      {"blas", run->blas},
      {"hdf5", ls_h5_version()},
      {"processor", run->processors},
      {"start", now},
  };
  int status = LS_OK;
  for (size_t i = 0; i < sizeof texts / sizeof *texts && status == LS_OK; i++) {
    status = ls_h5_set_text(group, ".", texts[i].name, texts[i].text);
  }
  if (status != LS_OK) return status;
  return ls_h5_set_values(group, ".", "ranks", H5T_NATIVE_INT, 1, &run->ranks);
}

int provenance_add_history(hid_t file, const char *format, ...) {
  char now[32], *before = NULL;
  const char *history = NULL;
  ls_memory memory = {0};
  va_list args;
  va_start(args, format);
  const char *line = ls_memory_text_v(&memory, format, args);
  va_end(args);
  ls_clock_utc(now);
  int status = line ? LS_OK : LS_FAILED;
  if (status == LS_OK && ls_h5_has_attribute(file, ".", "history")) {
    status = ls_h5_get_text(file, ".", "history", &before);
  }
  if (status == LS_OK) {
    history =
        ls_memory_text(&memory, "%s%s%s: %s", before ? before : "", before ? "\n" : "", now, line);
    status = history ? ls_h5_set_text(file, ".", "history", history) : LS_FAILED;
  }
  free(before);
  ls_memory_free(&memory);
  return status;
}

int provenance_create(hid_t file, const provenance *run) {
  hid_t group = -1;
  int status = ls_h5_create_group(&group, file, "provenance");
  if (status == LS_OK) status = record(group, run);
  if (status == LS_OK) status = ls_h5_create_fixed_text(group, "end", TIME_SIZE);
  ls_h5_close(&group);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "id", run->id);
  if (status == LS_OK) status = ls_digests_write(file, ".", run->digests);
  return status == LS_OK ? provenance_add_history(file, "created by %s", run->command) : status;
}

/* The path of the group of run `number`. */
enum { RUN_PATH = 40 };
static void name_run(char path[RUN_PATH], size_t number) {
  snprintf(path, RUN_PATH, number > 1 ? "provenance/run_%zu" : "provenance", number);
}

/* The number of runs that the file records. */
static size_t count_runs(hid_t file) {
  char path[RUN_PATH];
  size_t count = 0;
  do {
    name_run(path, ++count);
  } while (ls_h5_has_group(file, path));
  return count - 1;
}

int provenance_add(hid_t file, const provenance *run) {
  char path[RUN_PATH];
  hid_t group = -1;
  name_run(path, count_runs(file) + 1);
  int status = ls_h5_create_group(&group, file, path);
  if (status == LS_OK) status = record(group, run);
  ls_h5_close(&group);
  if (status == LS_OK && *run->id) status = ls_h5_set_text(file, ".", "id", run->id);
  if (status == LS_OK && !ls_h5_has_attribute(file, ".", "digests")) {
    status = ls_digests_write(file, ".", run->digests);
  }
  return status == LS_OK ? provenance_add_history(file, "continued by %s", run->command) : status;
}

int provenance_note_end(hid_t file) {
  char now[32];
  ls_clock_utc(now);
  return ls_h5_write_fixed_text(file, "provenance/end", TIME_SIZE, now);
}

/* ---- Warning --------------------------------------------------------------------------------- */

/* The BLAS of the latest run that the file records, to be freed; NULL if it has none. */
static int find_last_blas(char **out, hid_t file) {
  char path[RUN_PATH];
  *out = NULL;
  size_t runs = file >= 0 ? count_runs(file) : 0;
  name_run(path, runs);
  if (runs == 0 || !ls_h5_has_attribute(file, path, "blas")) return LS_OK;
  return ls_h5_get_text(file, path, "blas", out);
}

int provenance_warn(const provenance *run, const char *path, hid_t file) {
  static const char why[] = "results of a job with products: openblas or the transform pca depend "
                            "on it, and may differ in their last bits";
  char *last = NULL;
  int status = find_last_blas(&last, file);
  if (strchr(run->blas, ',')) {
    ls_print(stderr, "lockstep: warning: %s: ranks have different BLAS kernels (%s): %s\n", path,
             run->blas, why);
  }
  if (last && strcmp(last, run->blas) != 0) {
    ls_print(stderr, "lockstep: warning: %s: the run before had %s, this one has %s: %s\n", path,
             last, run->blas, why);
  }
  free(last);
  return status;
}
