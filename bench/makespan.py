#!/usr/bin/python3
"""Measures how long sweeps take when ranks without a trial join those that have one.

usage: bench/makespan.py LOCKSTEP RANKS JOB [ROUNDS [EPOCHS]]

Runs the job, with generated digits in place of MNIST, with `train.shards` of RANKS and one rank per
trial, alternately with --spread=never and --spread=auto. Prints the time from the start of the
first trial to the end of the last one, as medians over the rounds (3), and the lower bound: the
total time of all trials without spreading, divided by the ranks. Fails if the two do not give the
same bits."""
import pathlib
import re
import statistics
import sys
import tempfile

import h5py

import ways


def run(program, ranks, job, epochs, spread, environment):
    """Seconds of the run, total seconds of all trials, their hashes."""
    with tempfile.TemporaryDirectory() as folder:
        results = pathlib.Path(folder) / "r.h5"
        command = ["mpirun", "-n", str(ranks), program, "run", job, "-o", str(results),
                   "--progress", "lines", f"--spread={spread}", "--set", f"train.shards={ranks}",
                   "--set", "sweep.ranks_per_trial=1", *ways.DIGITS]
        if epochs:
            command += ["--set", f"train.epochs={epochs}"]
        said = ways.ask(command, environment)
        with h5py.File(results, "r") as file:
            seconds = file["trial_seconds"][()].sum()
            hashes = file["weights_hash"][()].tobytes()
        return float(re.search(r"trials done.* in ([\d.]+) s$", said, re.M)[1]), seconds, hashes


def main(program, ranks, job, rounds=3, epochs=0):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environment = ways.with_digits(program, folder)
        for _ in range(int(rounds)):
            never, work, hashes = run(program, ranks, job, epochs, "never", environment)
            auto, _, same = run(program, ranks, job, epochs, "auto", environment)
            if hashes != same:
                sys.exit("the weights are not the same bits")
            rows.append((never, auto, work / int(ranks)))
            print("without {:.1f} s, with {:.1f} s, lower bound {:.1f} s".format(*rows[-1]),
                  flush=True)
    without, joined, bound = map(statistics.median, zip(*rows))
    print(f"medians: without {without:.1f} s ({without / bound:.3f} of the bound), "
          f"with {joined:.1f} s ({joined / bound:.3f})")


if __name__ == "__main__":
    ways.start(main, __doc__)
