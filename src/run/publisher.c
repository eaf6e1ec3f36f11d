/* The thread that publishes, and the parts of the document. */
#include "run/publisher.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/periodic.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "status/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double least_interval = 2, share_of_time = 1e-3; /* seconds; of a processor */

struct publisher {
  char *path, *temporary;
  ls_text header;
  node_table *table; /* may be NULL; borrowed */

  /* Of the thread that trains. */
  double set, set_interval; /* seconds by the clock */

  /* Of the thread that publishes. */
  ls_periodic thread;
  double interval; /* seconds until the next update */

  pthread_mutex_t lock; /* of what follows */
  ls_text progress;
  ls_node_status *nodes; /* with room for their ranks; the first one is this node */
  size_t node_count;
  double nodes_read; /* when the ages of the others were right, seconds by the clock */
};

/* Seconds of a processor that this thread has used. */
static double thread_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The interval at which an update that takes `seconds` is cheap. */
static double interval_for(double seconds) {
  return fmax(least_interval, seconds / share_of_time);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool write_all(int file, const char *data, size_t length) {
  while (length > 0) {
    ssize_t written = write(file, data, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    length -= (size_t)written;
  }
  return true;
}

/* Replaces the file as a whole, without synchronizing it: nothing depends on it after a loss of
 * power. */
static void replace(const publisher *p, const ls_text *document) {
  unlink(p->temporary);
  int file = open(p->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return;
  bool written = write_all(file, document->data, document->length);
  if (close(file) != 0) written = false;
  if (!written || rename(p->temporary, p->path) != 0) unlink(p->temporary);
}

/* Brings the nodes up to date: this one's ranks, the ages of the others. */
static void update_nodes(publisher *p) {
  double now = ls_clock_seconds();
  if (p->node_count > 0) nodes_read_own(p->table, p->nodes);
  for (size_t i = 1; i < p->node_count; i++) p->nodes[i].age += now - p->nodes_read;
  p->nodes_read = now;
}

/* Writes the document with the members of `life`. */
static void write_document(publisher *p, ls_run_status *life) {
  ls_text document = {0};
  life->updated = ls_clock_date();
  ls_text_add(&document, "{\n%s,\n", p->header.data);
  pthread_mutex_lock(&p->lock);
  update_nodes(p);
  life->nodes = p->nodes;
  life->node_count = life->ended ? 0 : p->node_count;
  ls_text_add(&document, "%s,\n", p->progress.data);
  ls_status_add_life(&document, life);
  pthread_mutex_unlock(&p->lock);
  ls_text_add(&document, "\n}\n");
  if (!document.failed) replace(p, &document);
  ls_text_free(&document);
}

/* ---- The thread ------------------------------------------------------------------------------ */

static double publish(void *context) {
  publisher *p = context;
  double before = thread_seconds();
  write_document(p, &(ls_run_status){.interval = p->interval});
  p->interval = interval_for(thread_seconds() - before);
  return p->interval;
}

/* ---- Interface ------------------------------------------------------------------------------- */

static int make_paths(publisher *p, const char *results) {
  ls_text temporary = {0};
  int status = ls_status_path(&p->path, results);
  if (status != LS_OK) return status;
  ls_text_add(&temporary, "%s.tmp", p->path);
  p->temporary = ls_text_take(&temporary);
  return p->temporary ? LS_OK : LS_FAILED;
}

static int make_nodes(publisher *p) {
  p->node_count = nodes_count(p->table);
  p->nodes = ls_new(p->node_count, sizeof *p->nodes);
  for (size_t i = 0; p->nodes && i < p->node_count; i++) {
    p->nodes[i].ranks = ls_new(nodes_ranks(p->table, i), sizeof *p->nodes[i].ranks);
    if (!p->nodes[i].ranks) return LS_FAILED;
  }
  if (!p->nodes) return LS_FAILED;
  nodes_read_others(p->table, p->nodes);
  p->nodes_read = ls_clock_seconds();
  return LS_OK;
}

static void free_nodes(publisher *p) {
  for (size_t i = 0; p->nodes && i < p->node_count; i++) free(p->nodes[i].ranks);
  free(p->nodes);
}

int publisher_create(publisher **out, const char *results, const ls_run_status *header,
                     node_table *nodes) {
  publisher *p = *out = ls_new(1, sizeof *p);
  if (!p) return LS_FAILED;
  p->table = nodes;
  p->set = -INFINITY;
  p->interval = least_interval;
  pthread_mutex_init(&p->lock, NULL);
  int status = make_paths(p, results);
  if (status == LS_OK) status = make_nodes(p);
  ls_status_add_header(&p->header, header);
  ls_status_add_progress(&p->progress, header);
  if (status == LS_OK && (p->header.failed || p->progress.failed)) {
    status = ls_fail(LS_FAILED, "out of memory for the status file");
  }
  if (status == LS_OK) {
    status = ls_periodic_start(&p->thread, "the thread of the status file", 0, publish, p);
  }
  if (status != LS_OK) publisher_end(out, NULL);
  return status;
}

bool publisher_is_due(const publisher *p) {
  return ls_clock_seconds() - p->set > p->set_interval;
}

void publisher_set(publisher *p, const ls_run_status *status) {
  double before = thread_seconds();
  ls_text progress = {0};
  ls_status_add_progress(&progress, status);
  if (!progress.failed) {
    pthread_mutex_lock(&p->lock);
    ls_text old = p->progress;
    p->progress = progress;
    progress = old;
    nodes_read_others(p->table, p->nodes);
    p->nodes_read = ls_clock_seconds();
    pthread_mutex_unlock(&p->lock);
  }
  ls_text_free(&progress);
  p->set = ls_clock_seconds();
  p->set_interval = interval_for(thread_seconds() - before);
}

void publisher_end(publisher **out, const ls_run_status *final) {
  publisher *p = *out;
  if (!p) return;
  ls_periodic_stop(&p->thread);
  if (final) {
    ls_run_status life = *final;
    life.ended = true;
    write_document(p, &life);
  }
  pthread_mutex_destroy(&p->lock);
  ls_text_free(&p->header);
  ls_text_free(&p->progress);
  free(p->path);
  free(p->temporary);
  free_nodes(p);
  free(p);
  *out = NULL;
}
