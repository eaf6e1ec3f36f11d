#!/usr/bin/python3
"""Compares the memory that `lockstep check` estimates with the memory of runs.

usage: bench/memory.py LOCKSTEP RANKS JOB...

Each job runs, with generated digits in place of MNIST, for up to SECONDS on RANKS ranks, all on one
trial. The memory of a rank is its proportional set size (Pss in proc(5)), the maximum over the run,
the mean of all ranks."""
import os
import re
import subprocess
import tempfile
import time

import ways

SECONDS = 15
UNITS = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}


def estimate(program, ranks, job, sets, environment):
    said = ways.ask([program, "check", job, "--ranks", str(ranks), *sets], environment)
    value, unit = re.search(r"^memory per rank: ([\d.]+) (\w+)", said, re.M).groups()
    return float(value) * UNITS[unit]


def share(pid, folder):
    """MiB of a process, or 0 if it is gone or not one of those that write to the folder."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            words = file.read()
        if folder not in words or words.startswith("mpirun"):
            return 0
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
            return int(re.search(r"^Pss: +(\d+)", file.read(), re.M)[1]) / 1024
    except (OSError, TypeError):
        return 0


def measure(program, ranks, job, sets, environment):
    with tempfile.TemporaryDirectory() as folder:
        command = ["mpirun", "--oversubscribe", "-n", str(ranks), program, "run", job, "-o",
                   f"{folder}/r.h5", "--progress", "none", *sets]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        most, end = 0, time.monotonic() + SECONDS
        while running.poll() is None:
            if time.monotonic() > end:
                running.terminate()
                running.wait()
                break
            total = sum(share(pid, folder) for pid in os.listdir("/proc") if pid.isdigit())
            most = max(most, total / ranks)
            time.sleep(0.02)
        return most


def main(program, ranks, job, *more):
    ranks = int(ranks)
    print(f"{'job':40} {'estimate':>9} {'measured':>9}  MiB per rank, {ranks} ranks")
    sets = ["--set", f"sweep.ranks_per_trial={ranks}", *ways.DIGITS]
    with tempfile.TemporaryDirectory() as folder:
        environment = ways.with_digits(program, folder)
        for job in [job, *more]:
            expected = estimate(program, ranks, job, sets, environment)
            real = measure(program, ranks, job, sets, environment)
            print(f"{job:40} {expected:9.1f} {real:9.1f}  {100 * (expected / real - 1):+.1f} %",
                  flush=True)


if __name__ == "__main__":
    ways.start(main, __doc__)
