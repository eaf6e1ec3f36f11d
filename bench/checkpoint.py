#!/usr/bin/python3
"""Measures the time to write checkpoints, and compares it with the speed of the disk.

usage: bench/checkpoint.py LOCKSTEP FOLDER [RANKS [ROUNDS]]

The model has 13 million weights with momentum; checkpoints also keep those of the best epoch: 200
MB, in a new folder within FOLDER. The time of a checkpoint is a sixth of the difference between 8
and 2 epochs of one step each, with a checkpoint after each epoch, less the same difference without
checkpoints. It includes writing, reading back, comparing, checksums, fsync and rename. The disk's
speed is that of writing as many bytes to a new file, in blocks of 8 MiB, and fsync. Prints medians
over the rounds (3)."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import ways

PIECE = bytes(range(256)) * (8 << 12)
JOB = """name: job
dataset: {{file: {dataset}, validation: test}}
model:
  - dense: {{units: 3200, activation: relu}}
  - dense: {{units: 3200, activation: relu}}
  - dense: {{units: 10, activation: softmax}}
train:
  epochs: 8
  batch_size: 64
  optimizer: {{sgd: {{learning_rate: 0.001, momentum: 0.9}}}}
  loss: categorical_crossentropy
"""
EPOCHS = 2, 8


def train(program, folder, ranks, epochs, every):
    """Seconds, and the bytes of the largest checkpoint."""
    command = ["mpirun", "-n", str(ranks), program, "run", folder / "job.yaml", "-o",
               folder / "results.h5", "--set", f"train.epochs={epochs}", "--checkpoint-every", every]
    (folder / "results.h5").unlink(missing_ok=True)
    shutil.rmtree(folder / "results", ignore_errors=True)
    size = 0
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ways.ENVIRONMENT) as run:
        while run.poll() is None:
            size = max([size, *(path.stat().st_size for path in folder.glob("results/*/last.h5"))])
            time.sleep(0.01)
    if run.returncode != 0:
        sys.exit(f"{command} failed")
    return time.perf_counter() - start, size


def write(path, size):
    """Seconds."""
    start = time.perf_counter()
    with open(path, "xb", buffering=0) as file:
        while size > 0:
            size -= file.write(PIECE[:size])
        os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    path.unlink()
    return seconds


def main(program, where, ranks=2, rounds=3):
    with tempfile.TemporaryDirectory(dir=where) as folder:
        folder = pathlib.Path(folder)
        dataset = ways.make_digits(program, folder, train=64, test=10)
        (folder / "job.yaml").write_text(JOB.format(dataset=dataset))
        takes, own = [], []
        for _ in range(int(rounds)):
            (few, _), (many, size) = (train(program, folder, ranks, n, "1epoch") for n in EPOCHS)
            (few_without, _), (many_without, _) = (train(program, folder, ranks, n, "1000000s")
                                                   for n in EPOCHS)
            takes.append((many - few - many_without + few_without) / (EPOCHS[1] - EPOCHS[0]))
            own.append(statistics.median(write(folder / "piece", size) for _ in range(3)))
    share = statistics.median(b / a for a, b in zip(takes, own))
    print(f"checkpoint of {size / 1e6:.0f} MB: {statistics.median(takes):.3f} s; the disk alone: "
          f"{statistics.median(own):.3f} s, {size / 1e6 / statistics.median(own):.0f} MB/s; "
          f"share of its speed: {share:.0%}")


if __name__ == "__main__":
    ways.start(main, __doc__)
