/* The slots of the nodes. */
#include "run/nodes.h"

#include "base/clock.h"
#include "base/memory.h"
#include "comm/shared_counter.h"
#include "lockstep/error.h"

#include <stdlib.h>

static const double seconds_between_posts = 2;

typedef struct node {
  int first;          /* its first rank in the world */
  size_t count;       /* of ranks */
  double posts, seen; /* number of the last post, and when that was first read */
} node;

/* A slot. */
typedef struct node_post {
  double posts; /* how many there have been */
  hang_rank ranks[];
} node_post;

struct node_table {
  watchdog *dog;
  ls_shared_counter *slots;
  node *nodes;
  size_t count, own;  /* of nodes; the number of this one */
  bool posts;         /* this rank does */
  double posted;      /* seconds by the clock */
  node_post *post;    /* one slot */
  hang_rank *checked; /* [rank of this node], for the thread that publishes */
};

static size_t slot_bytes(size_t ranks) {
  return sizeof(node_post) + ranks * sizeof(hang_rank);
}

/* Collective: lists the nodes in the order of their first ranks; *most is the number of ranks of
 * the largest. */
static int list_nodes(node_table *t, const ls_group *world, size_t *most) {
  const int own[2] = {watchdog_node_rank(t->dog), (int)watchdog_node_ranks(t->dog)};
  int(*all)[2] = ls_new((size_t)world->size, sizeof *all);
  t->nodes = ls_new((size_t)world->size, sizeof *t->nodes);
  int status = ls_group_agree(world, all && t->nodes ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_group_allgather(world, own, sizeof own, all);
  for (int rank = 0; status == LS_OK && rank < world->size; rank++) {
    if (all[rank][0] != 0) continue;
    if (rank == world->rank) t->own = t->count;
    t->nodes[t->count++] = (node){.first = rank, .count = (size_t)all[rank][1]};
    if ((size_t)all[rank][1] > *most) *most = (size_t)all[rank][1];
  }
  t->posts = own[0] == 0 && world->rank != 0;
  free(all);
  return status;
}

int nodes_create(node_table **out, watchdog *dog, const ls_group *world) {
  *out = NULL;
  if (!dog) return LS_OK;
  node_table *t = ls_new(1, sizeof *t);
  int status = ls_group_agree(world, t ? LS_OK : LS_FAILED);
  if (status != LS_OK) {
    free(t);
    return status;
  }
  *out = t;
  t->dog = dog;
  size_t most = 0;
  status = list_nodes(t, world, &most);
  if (status == LS_OK) {
    t->post = ls_new(1, slot_bytes(most));
    t->checked = ls_new(most, sizeof *t->checked);
    status = ls_group_agree(world, t->post && t->checked ? LS_OK : LS_FAILED);
  }
  if (status == LS_OK) {
    status = ls_shared_counter_create(&t->slots, world, t->count, slot_bytes(most));
  }
  if (status != LS_OK) nodes_free(out);
  return status;
}

void nodes_post(node_table *t) {
  if (!t || !t->posts) return;
  double now = ls_clock_seconds();
  if (now - t->posted < seconds_between_posts) return;
  t->posted = now;
  t->post->posts++;
  watchdog_read(t->dog, t->post->ranks);
  ls_shared_counter_post(t->slots, t->own, t->post);
}

size_t nodes_count(const node_table *t) {
  return t ? t->count : 0;
}

size_t nodes_ranks(const node_table *t, size_t i) {
  return t->nodes[i].count;
}

static void show(ls_node_status *out, const hang_rank *ranks, size_t count) {
  out->count = count;
  for (size_t i = 0; i < count; i++) out->ranks[i] = hang_status(&ranks[i]);
}

void nodes_read_own(node_table *t, ls_node_status *out) {
  watchdog_read(t->dog, t->checked);
  out->host = watchdog_host(t->dog, t->nodes[0].first);
  show(out, t->checked, t->nodes[0].count);
}

void nodes_read_others(node_table *t, ls_node_status *out) {
  double now = ls_clock_seconds();
  for (size_t i = 1; t && i < t->count; i++) {
    node *n = &t->nodes[i];
    ls_shared_counter_read(t->slots, i, t->post);
    if (t->post->posts != n->posts || n->seen == 0) n->seen = now;
    n->posts = t->post->posts;
    out[i].host = watchdog_host(t->dog, n->first);
    out[i].age = now - n->seen;
    show(&out[i], t->post->ranks, n->posts > 0 ? n->count : 0);
  }
}

void nodes_free(node_table **out) {
  node_table *t = *out;
  if (!t) return;
  ls_shared_counter_free(&t->slots);
  free(t->nodes);
  free(t->post);
  free(t->checked);
  free(t);
  *out = NULL;
}
