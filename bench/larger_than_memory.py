#!/usr/bin/python3
"""Training from a dataset that is larger than memory, against the same training in memory.

    larger_than_memory.py LOCKSTEP [--gib 2] [--limit-mib 512] [--ranks 1] [--folder .]

Writes a dataset of random images, trains three epochs without a limit and with one, set by a
control group (cgroup v2 or v1, which needs root), and prints the samples per second of the epochs
after the first. The dataset is removed from the system's cache before each run, and remains in
--folder, for the next time."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

import ways

SIDE = 64
GROUP = "lockstep-larger-than-memory"


def write_dataset(path, gib):
    """Random bytes: nothing that could be compressed."""
    count = int(gib * 2**30) // (SIDE * SIDE)
    if os.path.exists(path):
        with h5py.File(path, "r") as file:
            if file["train/x"].shape[0] == count:
                return count
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        x = file.create_dataset("train/x", (count, SIDE, SIDE, 1), "u1")
        for first in range(0, count, 4096):
            end = min(count, first + 4096)
            x[first:end] = random.integers(0, 256, (end - first, SIDE, SIDE, 1), "u1")
        file["train/y"] = random.integers(0, 10, count, "i4")
        file["test/x"] = random.integers(0, 256, (1000, SIDE, SIDE, 1), "u1")
        file["test/y"] = random.integers(0, 10, 1000, "i4")
    return count


def forget(path):
    """Removes the file from the system's cache."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


@contextlib.contextmanager
def control_group(limit):
    """The folder of a new control group with a limit of memory, in bytes."""
    if os.path.exists("/sys/fs/cgroup/memory"):
        folder, name = f"/sys/fs/cgroup/memory/{GROUP}", "memory.limit_in_bytes"
    else:
        folder, name = f"/sys/fs/cgroup/{GROUP}", "memory.max"
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(str(limit))
    try:
        yield folder
    finally:
        os.rmdir(folder)


def train(options, path, count, group=None):
    """Returns the samples per second of the epochs after the first, the seconds of each epoch, and
    the hash of the weights."""
    job = {"name": "larger", "dataset": {"file": path, "shuffle_buffer_size": options.buffer},
           "model": ["flatten", {"dense": {"units": options.units, "activation": "relu"}},
                     {"dense": {"units": 10, "activation": "softmax"}}],
           "train": {"epochs": 3, "batch_size": 256, "optimizer": {"sgd": {"learning_rate": 0.01}},
                     "loss": "categorical_crossentropy"}}

    def enter():
        if group:
            with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write(str(os.getpid()))

    forget(path)
    with tempfile.TemporaryDirectory() as folder:
        text = os.path.join(folder, "job.yaml")
        with open(text, "w", encoding="ascii") as file:
            json.dump(job, file)
        results = os.path.join(folder, "r.h5")
        subprocess.run(["mpirun", "--oversubscribe", "-n", str(options.ranks), options.lockstep,
                        "run", text, "-o", results, "--progress", "none"],
                       check=True, preexec_fn=enter, env=ways.ENVIRONMENT)
        with h5py.File(results, "r") as file:
            seconds = file["epoch_seconds"][()].ravel()
            hash_ = int(file["weights_hash"][()])
    return count * (len(seconds) - 1) / seconds[1:].sum(), seconds, hash_


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("lockstep")
    parser.add_argument("--gib", type=float, default=2, help="size of the dataset")
    parser.add_argument("--limit-mib", type=int, default=512, help="limit of memory")
    parser.add_argument("--buffer", type=int, default=16384, help="shuffle_buffer_size")
    parser.add_argument("--units", type=int, default=128, help="of the hidden layer")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--folder", default=".")
    options = parser.parse_args()
    options.lockstep = os.path.abspath(options.lockstep)
    path = os.path.abspath(os.path.join(options.folder, "larger_than_memory.h5"))
    count = write_dataset(path, options.gib)
    whole, seconds, hash_ = train(options, path, count)
    print(f"in memory:           {whole:10.0f} samples/s, epochs of {np.round(seconds, 2)} s")
    with control_group(options.limit_mib * 2**20) as group:
        limited, seconds, other = train(options, path, count, group)
    print(f"limit of {options.limit_mib:4} MiB:   {limited:10.0f} samples/s, epochs of "
          f"{np.round(seconds, 2)} s: {100 * limited / whole:.0f} %")
    print("weights:", "the same" if hash_ == other else "DIFFERENT")
    return hash_ != other


if __name__ == "__main__":
    sys.exit(main())
