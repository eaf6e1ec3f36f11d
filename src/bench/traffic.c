/* Messages and bytes that the reduction sends between nodes: those of comm/exchange.c. */
#include "base/partition.h"
#include "bench/predict.h"
#include "comm/reduce.h"
#include "lockstep/types.h"

static const double block_bytes = LS_BLOCK * sizeof(ls_real);

/* The traffic of a step with `messages` messages from rank to rank for each other node and bucket,
 * and `blocks` blocks received by the busiest node. */
static ls_traffic traffic_of(const ls_step *s, size_t eager, size_t messages, double blocks) {
  size_t range, buckets = ls_reducer_buckets(s->params, s->nodes * s->ranks, s->nodes, &range);
  return (ls_traffic){.waits = (double)range * block_bytes > (double)eager ? 3 : 1,
                      .messages = (double)(messages * buckets * (s->nodes - 1)),
                      .crossing = blocks * block_bytes};
}

/* Every node sends its sums of the other nodes' blocks. */
ls_traffic ls_predict_gradients(const ls_step *s, size_t eager) {
  const size_t ranks = s->nodes * s->ranks;
  size_t most, all;
  if (s->nodes <= 1) return (ls_traffic){0};
  ls_reducer_sums(s->shards, ranks, s->ranks, &most, &all);
  const double others = (double)all * (double)(s->nodes - 1) / (double)s->nodes;
  const size_t blocks = ls_partition_largest(ls_partition_largest(s->params, LS_BLOCK), s->nodes);
  return traffic_of(s, eager, most, others * (double)blocks);
}

/* A node receives the weights that it doesn't update itself. */
ls_traffic ls_predict_weights(const ls_step *s, size_t eager) {
  const size_t blocks = ls_partition_largest(s->params, LS_BLOCK);
  if (s->nodes <= 1) return (ls_traffic){0};
  return traffic_of(s, eager, 1, (double)(blocks - blocks / s->nodes));
}
