#!/usr/bin/python3
"""Measures the time from the command to the end of a first epoch of a single step.

usage: bench/startup.py LOCKSTEP [ROUNDS]

On 1, 2 and 4 ranks, with a dataset of 60,000 images to load (the epoch has 128 of them); and the
time of mpirun alone, for as many processes that do nothing. Medians over the rounds (7)."""
import statistics
import subprocess
import sys
import tempfile
import time

import networks
import ways

RANKS = [1, 2, 4]


def first_epoch(program, job, ranks):
    """Seconds to the line of the first epoch."""
    results = job.parent / f"{time.monotonic_ns()}.h5"
    command = ["mpirun", "-n", str(ranks), "--oversubscribe", program, "run", job, "-o", results,
               "--progress", "lines"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          env=ways.ENVIRONMENT) as run:
        for line in run.stdout:
            if "epoch=1/1" in line:
                seconds = time.perf_counter() - start
        if run.wait() != 0:
            sys.exit(f"{command} failed")
    return seconds


def alone(ranks):
    """Seconds of mpirun alone."""
    start = time.perf_counter()
    subprocess.run(["mpirun", "-n", str(ranks), "--oversubscribe", "true"], check=True,
                   env=ways.ENVIRONMENT)
    return time.perf_counter() - start


def main(program, rounds=7):
    with tempfile.TemporaryDirectory() as folder:
        dataset = ways.make_digits(program, folder, train=60000, test=100)
        job = networks.write_job(folder, "A2", f"file: {dataset}, subset: {{train: 128}}", 128,
                                 epochs=1, validation="test")
        print("ranks  first epoch, s  mpirun alone, s")
        for ranks in RANKS:
            times = [(first_epoch(program, job, ranks), alone(ranks)) for _ in range(int(rounds))]
            print(f"{ranks:5} {statistics.median(t[0] for t in times):15.3f} "
                  f"{statistics.median(t[1] for t in times):16.3f}", flush=True)


if __name__ == "__main__":
    ways.start(main, __doc__)
