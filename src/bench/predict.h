/* Predicts the time of a training step on other numbers of nodes, by a model of one step with
 * measured costs. Local, pure.
 *
 *   step = the pass of a rank's shards + reduction + update
 *
 * On one node the reduction is a barrier, additions and copies in shared memory. Between nodes it
 * also includes gradients and weights, sent during backward (comm/reduce.h). Its time is that of
 * LogGP (Alexandrov et al., "LogGP: incorporating long messages into the LogP model", SPAA 1995):
 * messages that wait for one another times the latency, messages that a rank sends times the gap,
 * and the bytes that cross the link of the busiest node over its bandwidth. Gradients cross as they
 * become complete, weights as soon as their gradients have arrived; the rank waits for what hasn't
 * arrived when the pass ends. */
#ifndef LS_BENCH_PREDICT_H
#define LS_BENCH_PREDICT_H

#include <stddef.h>

/* ---- Input ----------------------------------------------------------------------------------- */

enum { LS_COST_POINTS = 24, LS_COST_STAGES = 16 };

/* Seconds measured on one rank, while the other cores are as busy as they will be in training. */
typedef struct ls_costs {
  size_t points;               /* at least 2 */
  size_t rows[LS_COST_POINTS]; /* samples of a rank, ascending */
  double pass[LS_COST_POINTS]; /* reading, forward and backward of such samples */
  double left[LS_COST_STAGES]; /* fraction of a pass that remains when the last (k + 1) /
                                  LS_COST_STAGES of the gradient are complete */
  double update;               /* updating one weight */
  double sum;                  /* adding one number of a gradient to that of another shard */
  double barrier;              /* of all ranks of a node */
} ls_costs;

/* A network between nodes. */
typedef struct ls_network {
  const char *name;
  double latency;   /* seconds from one rank to another, of a short message */
  double gap;       /* seconds of a rank's time that each message takes */
  double bandwidth; /* bytes per second of a node's link, each way */
  size_t eager;     /* bytes of a message above which a handshake takes two more latencies */
} ls_network;

/* ethernet or infiniband; NULL: there is none of that name. `all` (may be NULL) is set to the
 * list of names, for messages. */
const ls_network *ls_network_find(const char *name, const char **all);

/* The layout of a trial. */
typedef struct ls_step {
  size_t params;       /* weights */
  size_t batch;        /* samples of the minibatch */
  size_t shards;       /* of the minibatch */
  size_t nodes, ranks; /* ranks of each node */
} ls_step;

/* ---- Predictions ----------------------------------------------------------------------------- */

/* The network traffic of one step; all 0 on one node. */
typedef struct ls_traffic {
  double waits;    /* consecutive latencies */
  double messages; /* that a rank sends */
  double crossing; /* bytes that go through the busiest node's link one way */
} ls_traffic;

/* Of the gradients; of the weights. */
ls_traffic ls_predict_gradients(const ls_step *step, size_t eager);
ls_traffic ls_predict_weights(const ls_step *step, size_t eager);

/* Seconds. */
typedef struct ls_step_time {
  double compute; /* the pass of a rank's shards */
  double reduce;  /* barriers, waiting for messages, adding the ranks' sums */
  double update;
  double total;
} ls_step_time;

/* Seconds of the pass of `rows` samples: linear between the measured points and beyond.
 */
double ls_predict_pass(const ls_costs *costs, size_t rows);

ls_step_time ls_predict_step(const ls_costs *costs, const ls_network *network, const ls_step *step);

/* The time on one rank over ranks times the time on all of them. */
double ls_predict_efficiency(const ls_costs *costs, const ls_network *network, const ls_step *step);

/* The most ranks, 1, 2, 4, ... to all of one node or all of 2, 4, ... up to `step->nodes` nodes, on
 * which a step has at least that efficiency. */
size_t ls_predict_ranks(const ls_costs *costs, const ls_network *network, const ls_step *step,
                        double efficiency);

/* The smallest batch up to `most` that is a multiple of the shards and has at least that efficiency
 * on all ranks; 0: none has. */
size_t ls_predict_batch(const ls_costs *costs, const ls_network *network, const ls_step *step,
                        double efficiency, size_t most);

#endif
