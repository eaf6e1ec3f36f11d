#!/usr/bin/python3
"""Measures what sending gradients and weights adds to training steps on two nodes.

usage: bench/exposed.py LOCKSTEP [ROUNDS [NETWORK:BATCH...]]

The nodes are those of cluster.py, with one rank each. For each network (A3:128 and A2:512) it times
steps of Lockstep that send gradients during backward, steps that reduce them with MPI_Allreduce
afterwards, and steps of PyTorch's DistributedDataParallel over gloo. The exposed time is the time
of a step less that of computation alone. For Lockstep the latter is what `lockstep bench` measures
for passes and updates, for PyTorch a step of one rank with its half of the batch. Each round
measures everything once; prints medians over the rounds (3).
"""
import re
import statistics
import tempfile

import networks
import ways
from cluster import HERE, Cluster

SENDING = {"during backward": "exchange", "MPI_Allreduce": "allreduce"}
CASES = ["A3:128", "A2:512"]
STEPS = 40


def pytorch(cluster, folder, name, batch, ranks):
    """Milliseconds of a step, on the slowest rank."""
    script = ("GLOO_SOCKET_IFNAME=eth0 OPENBLAS_NUM_THREADS=1"
              f" exec /usr/bin/python3 {HERE}/peers/pytorch.py {name} {batch}"
              f" --data {folder} --steps {STEPS} --epochs 3 --ranks {ranks} --channels-last"
              f" --rank $(({ranks} > 1 ? SLURM_PROCID : 0)) --meeting {folder}/meeting")
    (folder / "meeting").unlink(missing_ok=True)
    said = cluster.on_all("sh", "-c", script)
    return max(map(float, re.findall(r"milliseconds=([\d.]+)", said)))


def measure(cluster, program, dataset, name, batch):
    """{way: (milliseconds of a step, exposed milliseconds)}"""
    folder = dataset.parent
    job = networks.write_job(folder, name, f"file: {dataset}", batch)
    measured = {how: cluster.bench(program, job, 1, "--set", f"train.reduction={reduction}")
                for how, reduction in SENDING.items()}
    alone = next(iter(measured.values())).alone
    times = {how: (bench.step, bench.step - alone) for how, bench in measured.items()}
    alone = pytorch(cluster, folder, name, batch // 2, 1)
    together = pytorch(cluster, folder, name, batch, 2)
    times["PyTorch, gloo"] = together, together - alone
    return times


def main(program, rounds=3, *cases):
    with tempfile.TemporaryDirectory() as folder:
        dataset = ways.make_dataset(program, folder, train=25600, test=100)
        with Cluster(2, folder, program.parent) as cluster:
            for case in cases or CASES:
                name, batch = case.split(":")
                measured = [measure(cluster, program, dataset, name, int(batch))
                            for _ in range(int(rounds))]
                print(f"{name + ', batch ' + batch:26}  step, ms  exposed, ms")
                for way in measured[0]:
                    step, exposed = (statistics.median(m[way][i] for m in measured)
                                     for i in range(2))
                    print(f"  {way:24} {step:10.1f} {exposed:12.1f}", flush=True)


if __name__ == "__main__":
    ways.start(main, __doc__)
