#!/usr/bin/python3
"""Compares predicted with measured training steps on 1, 2 and 4 nodes.

usage: bench/nodes.py LOCKSTEP [ROUNDS [SECONDS [NETWORK...]]]

The nodes are those of cluster.py, with one rank each.

`lockstep bench` runs on all nodes. It measures the cost of a pass, an update and messages with as
many ranks at work, predicts the step from these costs, and measures it. Nodes share the machine's
cores: if there are more nodes than cores, passes take longer, in the prediction as well.

The networks (A1, A2 and A3) and numbers of nodes alternate in each round (3); each quantity is
measured for SECONDS (1) per round. Prints medians over the rounds; the exit status is 1 if a
prediction is off by more than 15 %."""
import statistics
import sys
import tempfile

import networks
import ways
from cluster import Cluster

NODES = [1, 2, 4]
BATCH = 128
NETWORKS = ["A1", "A2", "A3"]


def main(program, rounds=3, seconds=1, *names):
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        dataset = ways.make_digits(program, folder, train=12800, test=100)
        jobs = {name: networks.write_job(folder, name, f"file: {dataset}", BATCH)
                for name in names or NETWORKS}
        for _ in range(int(rounds)):
            for nodes in NODES:
                with Cluster(nodes, folder, program.parent) as cluster:
                    for name, job in jobs.items():
                        results.setdefault((name, nodes), []).append(
                            cluster.bench(program, job, seconds))
    print(f"{'network':16} {'nodes':>5} {'predicted ms':>13} {'measured ms':>12} {'off by':>8}  "
          "messages")
    worst = 0
    for (name, nodes), measured in sorted(results.items()):
        predicted = statistics.median(x.predicted for x in measured)
        step = statistics.median(x.step for x in measured)
        off = statistics.median(x.predicted / x.step - 1 for x in measured)
        worst = max(worst, abs(off))
        print(f"{name:16} {nodes:5} {predicted:13.3f} {step:12.3f} {off:8.1%}  "
              f"{measured[-1].messages}")
    sys.exit(worst > 0.15)


if __name__ == "__main__":
    ways.start(main, __doc__)
