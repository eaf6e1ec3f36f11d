/* Owners of the folders of models. */
#include "store/results/owner.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/results/slices.h"
#include "store/results/structure.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

/* ---- The folder ------------------------------------------------------------------------------ */

static char *owner_file(const char *folder, const char *ending) {
  ls_text path = {0};
  ls_text_add(&path, "%s/owner%s", folder, ending);
  return ls_text_take(&path);
}

/* Writes the owner under another name first, where a crash may leave it. */
static int write_owner(const char *folder, const char *id) {
  char *path = owner_file(folder, ""), *unfinished = owner_file(folder, ".new");
  int status = path && unfinished ? LS_OK : LS_FAILED;
  FILE *file = status == LS_OK ? ls_create_file(unfinished) : NULL;
  if (!file) status = LS_FAILED;
  bool written = file && fprintf(file, "%s\n", id) > 0;
  if (file && fclose(file) != 0) written = false;
  if (status == LS_OK && !written) {
    status = ls_fail(LS_FAILED, "%s: cannot write: %s", unfinished, strerror(errno));
  }
  if (status == LS_OK) status = ls_replace_file(unfinished, path);
  free(unfinished);
  free(path);
  return status;
}

/* Reads the owner of the folder, "" if it has none. */
static int read_owner(char id[OWNER_ID], const char *folder) {
  char *path = owner_file(folder, ""), *text = NULL;
  int status = path ? LS_OK : LS_FAILED;
  id[0] = '\0';
  if (status == LS_OK && access(path, F_OK) == 0) {
    status = ls_check_regular_file(path, "the name of an owner");
    if (status == LS_OK) status = ls_text_read_file(&text, NULL, path, 4096);
  }
  if (text) snprintf(id, OWNER_ID, "%.*s", (int)strcspn(text, "\n"), text);
  free(text);
  free(path);
  return status;
}

/* Removes what a loss of power may leave beside a complete file. */
static int remove_unfinished(const char *folder) {
  char *path = owner_file(folder, ".new");
  if (!path) return LS_FAILED;
  unlink(path);
  free(path);
  return LS_OK;
}

static int is_trial(const struct dirent *entry) {
  return fnmatch("trial_[0-9]*", entry->d_name, 0) == 0;
}

static bool has_trials(const char *folder) {
  struct dirent **entries = NULL;
  int found = scandir(folder, &entries, is_trial, NULL);
  for (int i = 0; i < found; i++) free(entries[i]);
  free(entries);
  return found > 0;
}

static int fail_owned(const ls_results_plan *plan, const char *folder) {
  return ls_fail(LS_INVALID,
                 "%s: the folder %s has models of another results file, or of slices that are not "
                 "merged (expected another file by -o, or that the folder is moved or removed)",
                 plan->path, folder);
}

/* ---- Identities ------------------------------------------------------------------------------ */

static void format_id(char id[OWNER_ID], uint64_t number) {
  snprintf(id, OWNER_ID, "%016" PRIx64, number);
}

static int make_random_id(char id[OWNER_ID]) {
  uint64_t number;
  if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
    return ls_fail(LS_FAILED, "the system has no random numbers");
  }
  format_id(id, number);
  return LS_OK;
}

static int make_id_of_job(char id[OWNER_ID], const ls_job *job) {
  char *text = NULL;
  int status = ls_job_essence(&text, job);
  if (status == LS_OK) format_id(id, XXH3_64bits(text, strlen(text)));
  free(text);
  return status;
}

/* Reads the id of an open results file, "" if it has none. */
static int read_id(char id[OWNER_ID], hid_t file) {
  char *text = NULL;
  id[0] = '\0';
  if (!ls_h5_has_attribute(file, ".", "id")) return LS_OK;
  int status = ls_h5_get_text(file, ".", "id", &text);
  if (status == LS_OK) snprintf(id, OWNER_ID, "%s", text);
  free(text);
  return status;
}

/* The id of a slice: that of the job's results file, or that of the job. */
static int choose_id_of_slice(char id[OWNER_ID], const ls_results_plan *plan) {
  hid_t file = -1;
  id[0] = '\0';
  if (access(plan->whole, F_OK) == 0) {
    int status = ls_h5_open(&file, plan->whole);
    if (status == LS_OK) status = structure_check_job(file, plan->whole, plan->job);
    if (status == LS_OK) status = read_id(id, file);
    ls_h5_close(&file);
    if (status != LS_OK || *id) return status;
  }
  return make_id_of_job(id, plan->job);
}

/* ---- Checking and claiming ------------------------------------------------------------------- */

int owner_begin(char id[OWNER_ID], const ls_results_plan *plan) {
  char owner[OWNER_ID], *folder = NULL;
  int status =
      slices_include(plan->path, plan->whole) ? choose_id_of_slice(id, plan) : make_random_id(id);
  if (status != LS_OK || !plan->whole) return status;
  status = ls_models_folder(&folder, plan->whole);
  if (status == LS_OK) status = read_owner(owner, folder);
  if (status == LS_OK && strcmp(owner, id) != 0 && (*owner || has_trials(folder))) {
    status = fail_owned(plan, folder);
  }
  free(folder);
  return status;
}

int owner_continue(char id[OWNER_ID], hid_t file, const ls_results_plan *plan) {
  char owner[OWNER_ID], *folder = NULL;
  int status = read_id(id, file);
  if (status != LS_OK || !plan->whole) return status;
  status = ls_models_folder(&folder, plan->whole);
  if (status == LS_OK) status = read_owner(owner, folder);
  if (status == LS_OK && *id && *owner && strcmp(owner, id) != 0) {
    status = fail_owned(plan, folder);
  } else if (status == LS_OK && !*id && *owner) {
    strcpy(id, owner);
  } else if (status == LS_OK && !*id) {
    status = make_random_id(id);
  }
  free(folder);
  return status;
}

int owner_claim(const char *id, const ls_results_plan *plan) {
  char owner[OWNER_ID], *folder = NULL;
  if (!plan->whole) return LS_OK;
  int status = ls_models_folder(&folder, plan->whole);
  if (status == LS_OK) status = read_owner(owner, folder);
  if (status == LS_OK && strcmp(owner, id) == 0) {
    status = remove_unfinished(folder);
  } else if (status == LS_OK) {
    status = ls_make_directories(folder);
    if (status == LS_OK) status = write_owner(folder, id);
  }
  free(folder);
  return status;
}
