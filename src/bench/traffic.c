/* What the reduction by messages asks of the network (comm/exchange.c) as Open MPI 4.1 carries it
 * out. Its choices of algorithms, by ranks and bytes, are those of
 * ompi/mca/coll/tuned/coll_tuned_decision_fixed.c. */
#include "lockstep/parts.h"
#include "lockstep/predict.h"
#include "lockstep/real.h"
#include "lockstep/reduce.h"

#include <stdbool.h>
#include <stdint.h>

static const double block_bytes = LS_BLOCK * sizeof(ls_real);

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

/* ---- Gradients, to where they are added up -----------------------------------------------------
 */

/* Every sum of a rank's shards goes to all ranks, run by run. What comes into a node are the runs
 * that it adds up, of all sums from elsewhere. */
ls_traffic ls_predict_gradients(const ls_step *s, size_t eager) {
  ls_traffic t = {0};
  if (s->nodes <= 1) return t;
  size_t ranks = s->nodes * s->ranks, shards = s->shards > 0 ? s->shards : ranks, most, all, run;
  ls_reducer_buckets(s->params, ranks, &run);
  ls_reducer_sums(shards, ranks, &most, &all);
  size_t blocks = ls_part_most(s->params, LS_BLOCK), runs = ls_part_most(blocks, run);
  double elsewhere = (double)all * (double)(s->nodes - 1) / (double)s->nodes;
  t.waits = waits_of((double)run * block_bytes, eager);
  t.messages = (double)(most * (runs - runs / ranks));
  t.crossing = (double)ls_part_most(blocks, s->nodes) * block_bytes * elsewhere;
  return t;
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

/* One call, for so many blocks. */
static void add_gathering(ls_traffic *t, const ls_step *s, size_t blocks, size_t eager) {
  size_t ranks = s->nodes * s->ranks;
  double all = (double)blocks * block_bytes, slice = all / (double)ranks, rounds;
  double others = (double)(ranks - 1), largest = (double)ls_part_most(blocks, ranks) * block_bytes;
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

/* All buckets but the last in one piece, then that. */
ls_traffic ls_predict_weights(const ls_step *s, size_t eager) {
  ls_traffic t = {0};
  if (s->nodes <= 1) return t;
  size_t ranks = s->nodes * s->ranks, run, blocks = ls_part_most(s->params, LS_BLOCK);
  size_t whole = (ls_reducer_buckets(s->params, ranks, &run) - 1) * run * ranks;
  t.waits = doublings(s->nodes); /* the word: recursive doubling, in memory within a node */
  t.messages = doublings(ranks);
  if (whole > 0) add_gathering(&t, s, whole, eager);
  add_gathering(&t, s, blocks - whole, eager);
  return t;
}
