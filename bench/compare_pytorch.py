#!/usr/bin/python3
"""Compares the training speed of Lockstep with PyTorch's on this machine, run by run in turn.

usage: bench/compare_pytorch.py LOCKSTEP [ROUNDS]

For the networks of experiments A1 (784-64-64-10) and A2 (784-500-300-10) at a global batch of 128,
with momentum and L2: images per second of one process with one thread, of two ranks on one trial
against DistributedDataParallel over gloo and against two independent processes with the same local
batch side by side, and of two independent trainings side by side. Start-up and validation are left out. Each figure is the
median over the rounds; ratios are medians of the ratios within a round.

PyTorch runs with the environment as it is, and once more ("tuned") with OPENBLAS_CORETYPE set to
the kernels that Lockstep uses, since OpenBLAS falls back to slow ones on processors newer than
itself, for which Lockstep makes up and PyTorch does not.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NETWORKS = {"A1 784-64-64-10": [784, 64, 64, 10], "A2 784-500-300-10": [784, 500, 300, 10]}
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
ENVIRONMENT.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")


def write_job(folder, sizes):
    """A job of that network with next to no validation, as the file job.yaml."""
    layers = "".join(
        f"  - dense: {{units: {n}, activation: relu, kernel_regularizer: {{l2: 1.0e-4}}}}\n"
        for n in sizes[1:-1]
    )
    path = pathlib.Path(folder) / "job.yaml"
    path.write_text(
        "name: bench\n"
        "dataset: {name: mnist, validation: 0.001}\n"
        f"model:\n{layers}  - dense: {{units: {sizes[-1]}, activation: softmax}}\n"
        "train:\n"
        "  epochs: 5\n"
        "  batch_size: 128\n"
        "  optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}\n"
        "  loss: categorical_crossentropy\n"
    )
    return path


def rate_of(output):
    """Images per second: the median over all epochs but the first."""
    rates = [float(x) for x in re.findall(r"samples_per_second=(\d+)", output)]
    return statistics.median(rates[1:])


def lockstep_command(program, job, results, ranks, batch):
    launch = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    return launch + [program, "run", str(job), "-o", str(results), "--progress", "lines",
                     "--set", f"train.batch_size={batch}",
                     "--set", f"sweep={{ranks_per_trial: {ranks}}}"]


def side_by_side(commands, environment, rate):
    """Runs the commands at the same time; the sum of what `rate` reads from their outputs."""
    running = [subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL) for command in commands]
    outputs = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        sys.exit(f"{commands[0][0]} failed")
    return sum(rate(output) for output in outputs)


def lockstep(program, job, ranks=1, batch=128, copies=1):
    with tempfile.TemporaryDirectory() as folder:
        commands = [lockstep_command(program, job, pathlib.Path(folder) / f"{i}.h5", ranks, batch)
                    for i in range(copies)]
        return side_by_side(commands, ENVIRONMENT, rate_of)


def pytorch(sizes, ranks=1, copies=1, tuned=False):
    environment = {**ENVIRONMENT, **({"OPENBLAS_CORETYPE": "SkylakeX"} if tuned else {})}
    command = [sys.executable, str(HERE / "pytorch_step.py"), "--ranks", str(ranks), "--sizes"]
    return side_by_side([command + [str(n) for n in sizes]] * copies, environment, float)


def compare(program, job, sizes, rounds):
    """Prints a line for each way to train, with the ratio to Lockstep's way `peer`."""
    alone, pair, both = "lockstep, 1 process", "lockstep, 2 ranks", "lockstep, 2 processes"
    runs = [  # name, peer, how
        (alone, alone, lambda: lockstep(program, job)),
        ("PyTorch, 1 thread", alone, lambda: pytorch(sizes)),
        ("PyTorch, 1 thread, tuned", alone, lambda: pytorch(sizes, tuned=True)),
        (pair, pair, lambda: lockstep(program, job, ranks=2)),
        ("PyTorch DDP, 2 ranks", pair, lambda: pytorch(sizes, ranks=2)),
        ("PyTorch DDP, 2 ranks, tuned", pair, lambda: pytorch(sizes, ranks=2, tuned=True)),
        ("lockstep, 2 processes, batch 64", pair,
         lambda: lockstep(program, job, batch=64, copies=2)),
        (both, both, lambda: lockstep(program, job, copies=2)),
        ("PyTorch, 2 processes", both, lambda: pytorch(sizes, copies=2)),
        ("PyTorch, 2 processes, tuned", both, lambda: pytorch(sizes, copies=2, tuned=True)),
    ]
    figures = {name: [] for name, _, _ in runs}
    for _ in range(rounds):
        for name, _, run in runs:
            figures[name].append(run())
    for name, peer, _ in runs:
        ratio = statistics.median(a / b for a, b in zip(figures[peer], figures[name]))
        print(f"  {name:34} {statistics.median(figures[name]):10,.0f} images/s   "
              f"{peer} is {ratio:.2f} times that", flush=True)


def main(program, rounds):
    with tempfile.TemporaryDirectory() as folder:
        for name, sizes in NETWORKS.items():
            print(name)
            compare(program, write_job(folder, sizes), sizes, rounds)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
