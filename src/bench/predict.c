/* The predicted time of a step, and the layouts that follow from it. */
#include "bench/predict.h"

#include "base/partition.h"
#include "comm/reduce.h"
#include "data/layout.h"
#include "lockstep/types.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- Networks -------------------------------------------------------------------------------- */

/* Latency, and the gap as 1 byte over the bandwidth of 1-byte messages sent in a row: OSU
 * micro-benchmarks (osu_latency, osu_bw) of Open MPI over InfiniBand (0.91 us; 5.53 MB/s) and MPICH
 * over TCP (25.4 us; 0.23 MB/s) between two nodes of a university's cluster,
 * gist.github.com/jfgrimm/3af692a5475bdd4ed836b5a18197a209, 2021. Bandwidth: ethernet, 10 Gbit/s
 * times 1460 / 1538, the data in a frame of TCP over the length of the frame with its gap;
 * infiniband, EDR, 100 Gbit/s times 4096 / 4160 for packets of 4096 bytes. Eager: the defaults of
 * Open MPI (btl_tcp_eager_limit) and UCX (about 8 KiB, which it determines itself). */
static const ls_network networks[] = {
    {"ethernet", 25.4e-6, 4.3e-6, 1.187e9, 65536},
    {"infiniband", 0.91e-6, 0.18e-6, 12.3e9, 8192},
};

const ls_network *ls_network_find(const char *name, const char **all) {
  if (all) *all = "ethernet or infiniband";
  for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
    if (strcmp(name, networks[i].name) == 0) return &networks[i];
  }
  return NULL;
}

/* ---- A step ---------------------------------------------------------------------------------- */

double ls_predict_pass(const ls_costs *c, size_t rows) {
  size_t i = 1;
  if (rows == 0) return 0;
  while (i + 1 < c->points && c->rows[i] < rows) i++;
  double slope = (c->pass[i] - c->pass[i - 1]) / (double)(c->rows[i] - c->rows[i - 1]);
  double seconds = c->pass[i] + slope * ((double)rows - (double)c->rows[i]);
  return seconds > 0 ? seconds : 0;
}

static size_t ranks_of(const ls_step *s) {
  return s->nodes * s->ranks;
}

/* The most samples that a rank has. */
static size_t samples_of(const ls_step *s) {
  const ls_layout layout = {s->batch, s->batch, s->shards, ranks_of(s)};
  return ls_layout_largest_rank(&layout);
}

/* Sending one part of the vector. */
typedef struct transfer {
  double ready; /* to be sent, INFINITY: not yet known */
  bool done;
} transfer;

/* Returns the transfer that can start first, or NULL if all are done. */
static transfer *next_of(transfer *transfers, size_t count) {
  transfer *next = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!transfers[i].done && (!next || transfers[i].ready < next->ready)) next = &transfers[i];
  }
  return next;
}

/* Seconds from the end of the pass without communication to the end of all transfers. Gradients
 * cross the link as they become complete, in as many parts as there are buckets, LS_COST_STAGES at
 * most; as soon as a part has arrived its weights follow. Messages cost time of the rank: during
 * the pass they delay that, afterwards they overlap with the link's transfer of the part before. */
static double exposed(const ls_costs *c, const ls_step *s, double pass, const ls_network *network) {
  const ls_traffic kinds[] = {ls_predict_gradients(s, network->eager),
                              ls_predict_weights(s, network->eager)};
  size_t blocks, parts = ls_reducer_buckets(s->params, ranks_of(s), s->nodes, &blocks);
  transfer transfers[2 * LS_COST_STAGES] = {{0}}, *next;
  double link = -pass, own = -pass, pass_end = 0, end = 0;
  if (parts > LS_COST_STAGES) parts = LS_COST_STAGES;
  for (size_t k = 0; k < parts; k++) {
    transfers[k].ready = -c->left[(k + 1) * LS_COST_STAGES / parts - 1] * pass;
    transfers[parts + k].ready = INFINITY;
  }
  while ((next = next_of(transfers, 2 * parts))) {
    const bool back = next >= transfers + parts;
    const ls_traffic *kind = &kinds[back];
    const double gap = kind->messages * network->gap / (double)parts;
    const double ready = next->ready + (back ? 0 : pass_end);
    own = fmax(own, ready) + gap;
    if (ready < pass_end) pass_end += gap;
    link = fmax(link, own) + kind->crossing / network->bandwidth / (double)parts;
    const double arrived = link + kind->waits * network->latency;
    next->done = true;
    if (!back) next[parts].ready = arrived;
    end = fmax(end, fmax(arrived, fmax(own, pass_end)));
  }
  return end;
}

/* Seconds of adding the sums of ranks and nodes, and of copying weights within a node, which takes
 * as long per element. */
static double within_nodes(const ls_costs *c, const ls_step *s, double own_count) {
  const size_t ranks = ranks_of(s), shards = s->shards;
  const double node_range = (double)s->params / (double)s->ranks,
               others = (double)s->params - node_range;
  size_t most, all, all_of_nodes;
  ls_reducer_sums(shards, ranks, 1, &most, &all);
  if (s->nodes == 1) return ((double)(all - 1) * own_count + others) * c->sum;
  ls_reducer_sums(shards, ranks, s->ranks, &most, &all_of_nodes);
  return ((double)(all - all_of_nodes) / (double)s->nodes * node_range +
          (double)(all_of_nodes - 1) * own_count + others) *
         c->sum;
}

ls_step_time ls_predict_step(const ls_costs *c, const ls_network *network, const ls_step *s) {
  ls_step_time t = {0};
  size_t ranks = ranks_of(s), blocks = ls_partition_largest(s->params, LS_BLOCK);
  double slice = (double)(ls_partition_largest(blocks, ranks) * LS_BLOCK);
  if (ranks == 1) slice = (double)s->params;
  double pass = ls_predict_pass(c, samples_of(s));
  t.compute = pass;
  t.update = slice * c->update;
  t.reduce = within_nodes(c, s, slice);
  if (s->ranks > 1) t.reduce += c->barrier;
  if (s->nodes > 1) t.reduce += exposed(c, s, pass, network);
  t.total = t.compute + t.reduce + t.update;
  return t;
}

double ls_predict_efficiency(const ls_costs *c, const ls_network *network, const ls_step *s) {
  ls_step alone = *s;
  alone.nodes = alone.ranks = 1;
  double one = ls_predict_step(c, network, &alone).total;
  return one / ((double)ranks_of(s) * ls_predict_step(c, network, s).total);
}

/* ---- Advice ---------------------------------------------------------------------------------- */

size_t ls_predict_ranks(const ls_costs *c, const ls_network *network, const ls_step *s,
                        double efficiency) {
  size_t best = 1;
  ls_step tried = *s;
  tried.nodes = 1;
  for (size_t ranks = 2; ranks < 2 * s->ranks; ranks *= 2) {
    tried.ranks = ranks < s->ranks ? ranks : s->ranks;
    if (ls_predict_efficiency(c, network, &tried) >= efficiency) best = ranks_of(&tried);
  }
  tried.ranks = s->ranks;
  for (size_t nodes = 2; nodes < 2 * s->nodes; nodes *= 2) {
    tried.nodes = nodes < s->nodes ? nodes : s->nodes;
    if (ls_predict_efficiency(c, network, &tried) >= efficiency) best = ranks_of(&tried);
  }
  return best;
}

size_t ls_predict_batch(const ls_costs *c, const ls_network *network, const ls_step *s,
                        double efficiency, size_t most) {
  /* Samples of a shard: too few, enough, the most there may be. */
  size_t shards = s->shards, low = 0, high = 1, limit = most / shards;
  ls_step tried = *s;
  for (;; high = 2 * high < limit ? 2 * high : limit) {
    tried.batch = high * shards;
    if (high > limit) return 0;
    if (ls_predict_efficiency(c, network, &tried) >= efficiency) break;
    if (high == limit) return 0;
    low = high;
  }
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    tried.batch = middle * shards;
    if (ls_predict_efficiency(c, network, &tried) >= efficiency) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high * shards;
}
