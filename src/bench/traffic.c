/* What the reduction by messages asks of the network, all of it behind backward (see predict.h), as
 * Open MPI 4.1 carries it out. Its choices of algorithms, by ranks and bytes, are those of
 * ompi/mca/coll/tuned/coll_tuned_decision_fixed.c. */
#include "lockstep/parts.h"
#include "lockstep/predict.h"
#include "lockstep/real.h"
#include "lockstep/reduce.h"

#include <stdbool.h>
#include <stdint.h>

/* The rounds in which one becomes n by doubling. */
static double doublings(size_t n) {
  double rounds = 0;
  for (size_t reached = 1; reached < n; reached *= 2) rounds++;
  return rounds;
}

/* A message of so many bytes, in latencies. */
static double waits_of(double bytes, size_t eager) {
  return bytes > (double)eager ? 3 : 1;
}

/* ---- The slices of all gradients, to where they are added up -----------------------------------
 */

/* Whether MPI_Alltoallv goes partner by partner, else all messages are on their way at once. */
static bool goes_pairwise(size_t ranks) {
  return ranks < 4 || (ranks >= 64 && ranks < 128) || (ranks >= 256 && ranks < 1024) ||
         ranks >= 8192;
}

/* Every sum of a rank's shards goes to all ranks in slices of whole blocks. What comes into a node
 * is the slices that it adds up, of all sums from elsewhere. */
static void add_scattering(ls_traffic *t, const ls_step *s, size_t eager) {
  size_t ranks = s->nodes * s->ranks, shards = s->shards > 0 ? s->shards : ranks, most, all;
  size_t blocks = ls_part_most(s->params, LS_BLOCK);
  double block = LS_BLOCK * sizeof(ls_real), slice = (double)ls_part_most(blocks, ranks) * block;
  bool pairwise = goes_pairwise(ranks);
  double others = (double)(ranks - 1), partners = blocks < ranks ? (double)blocks : others;
  ls_reducer_sums(shards, ranks, &most, &all);
  t->waits += (double)most * (pairwise ? others : 1) * waits_of(slice, eager);
  t->messages += (double)most * (pairwise ? others : partners);
  double elsewhere = (double)all * (double)(s->nodes - 1) / (double)s->nodes;
  t->crossing += (double)ls_part_most(blocks, s->nodes) * block * elsewhere;
}

/* ---- The slices of the weights, to all ranks ---------------------------------------------------
 */

typedef enum gathering { DEFAULT, BRUCK, RING, NEIGHBOURS, PAIR } gathering;

/* From so many ranks on, and so many bytes of a rank, until the next line. */
static const struct {
  size_t ranks, bytes;
  gathering how;
} choices[] = {
    {2, 0, RING},
    {2, 2048, PAIR},
    {2, 4096, RING},
    {2, 8192, PAIR},
    {3, 0, DEFAULT},
    {3, 256, NEIGHBOURS},
    {3, 4096, RING},
    {3, 8192, NEIGHBOURS},
    {3, 16384, BRUCK},
    {3, 262144, NEIGHBOURS},
    {8, 0, DEFAULT},
    {8, 1024, BRUCK},
    {16, 0, DEFAULT},
    {16, 128, BRUCK},
    {16, 262144, RING},
    {32, 0, DEFAULT},
    {32, 256, BRUCK},
    {32, 8192, RING},
    {64, 0, DEFAULT},
    {64, 256, BRUCK},
    {64, 4096, RING},
    {128, 0, BRUCK},
    {128, 1024, NEIGHBOURS},
    {128, 65536, RING},
    {256, 0, BRUCK},
    {256, 1024, RING},
    {512, 0, BRUCK},
    {512, 512, DEFAULT},
    {512, 1024, BRUCK},
    {512, 4096, NEIGHBOURS},
    {512, 1048576, RING},
    {1024, 0, BRUCK},
    {1024, 4096, NEIGHBOURS},
};

static gathering choose(size_t ranks, size_t bytes) {
  size_t chosen = 0;
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    if (choices[i].ranks > ranks) break;
    if (choices[i].ranks > choices[chosen].ranks || choices[i].bytes <= bytes) chosen = i;
  }
  return choices[chosen].how == NEIGHBOURS && ranks % 2 ? RING : choices[chosen].how;
}

/* Round by round each rank sends what it has, at most what is missing, to the rank that is twice as
 * far away as before. Of a node, those send over the link whose partner is elsewhere. */
static void add_bruck(ls_traffic *t, const ls_step *s, double slice, size_t eager) {
  size_t ranks = s->nodes * s->ranks;
  for (size_t distance = 1; distance < ranks; distance *= 2) {
    size_t slices = distance < ranks - distance ? distance : ranks - distance;
    size_t over = distance < s->ranks ? distance : s->ranks;
    t->waits += waits_of((double)slices * slice, eager);
    t->crossing += (double)(over * slices) * slice;
  }
  t->messages += doublings(ranks);
}

static void add_gathering(ls_traffic *t, const ls_step *s, size_t eager) {
  size_t ranks = s->nodes * s->ranks, blocks = ls_part_most(s->params, LS_BLOCK);
  double block = LS_BLOCK * sizeof(ls_real), all = (double)blocks * block;
  double slice = all / (double)ranks, others = (double)(ranks - 1), rounds;
  double largest = (double)ls_part_most(blocks, ranks) * block;
  switch (choose(ranks, (size_t)slice)) {
  case BRUCK:
    add_bruck(t, s, slice, eager);
    return;
  case RING: /* each slice goes from rank to rank, over each link once */
    t->waits += others * waits_of(largest, eager);
    t->messages += others;
    t->crossing += all - slice;
    return;
  case NEIGHBOURS: /* two slices at a time, to either neighbour by turns */
    t->waits += waits_of(largest, eager) + (double)(ranks / 2 - 1) * waits_of(2 * largest, eager);
    t->messages += (double)(ranks / 2);
    t->crossing += all - slice;
    return;
  case PAIR:
    t->waits += waits_of(largest, eager);
    t->messages += 1;
    t->crossing += largest;
    return;
  case DEFAULT: /* to rank 0, and from there down a tree */
    rounds = doublings(ranks);
    t->waits += waits_of(largest, eager) + rounds * waits_of(all, eager);
    t->messages += 1 + rounds;
    t->crossing += all * doublings(s->nodes);
    return;
  }
}

ls_traffic ls_predict_traffic(const ls_step *s, size_t eager) {
  ls_traffic t = {0};
  if (s->nodes <= 1) return t;
  t.waits = doublings(s->nodes); /* the word: recursive doubling, in memory within a node */
  t.messages = doublings(s->nodes * s->ranks);
  add_scattering(&t, s, eager);
  add_gathering(&t, s, eager);
  return t;
}
