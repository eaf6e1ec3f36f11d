#!/usr/bin/python3
"""Compares the training speed of Lockstep with PyTorch's on this machine, run by run in turn.

usage: bench/compare_pytorch.py LOCKSTEP [ROUNDS]

For the networks of experiments A1 (784-64-64-10) and A2 (784-500-300-10) at a global batch of 128,
with momentum and L2: images per second of one process with one thread, of two ranks on one trial
against DistributedDataParallel over gloo, and of two ranks against two independent processes with
the same local batch running side by side. Start-up and validation are left out. Each figure is the
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


def lockstep(program, job, ranks=1, batch=128, copies=1):
    """Images per second of one run, or the sum over independent copies side by side."""
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for copy in range(copies):
            results = pathlib.Path(folder) / f"{copy}.h5"
            command = lockstep_command(program, job, results, ranks, batch)
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                            env=ENVIRONMENT))
        outputs = [process.communicate()[0] for process in running]
        if any(process.returncode for process in running):
            sys.exit("lockstep failed")
        return sum(rate_of(output) for output in outputs)


def pytorch(sizes, ranks=1, tuned=False):
    environment = dict(ENVIRONMENT)
    if tuned:
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    command = [sys.executable, str(HERE / "pytorch_step.py"), "--ranks", str(ranks), "--sizes"]
    return float(subprocess.run(command + [str(n) for n in sizes], env=environment, check=True,
                                capture_output=True, text=True).stdout)


def main(program, rounds):
    with tempfile.TemporaryDirectory() as folder:
        for name, sizes in NETWORKS.items():
            job = write_job(folder, sizes)
            runs = {
                "lockstep, 1 process": lambda: lockstep(program, job),
                "PyTorch, 1 thread": lambda: pytorch(sizes),
                "PyTorch, 1 thread, tuned": lambda: pytorch(sizes, tuned=True),
                "lockstep, 2 ranks": lambda: lockstep(program, job, ranks=2),
                "PyTorch DDP, 2 ranks": lambda: pytorch(sizes, ranks=2),
                "PyTorch DDP, 2 ranks, tuned": lambda: pytorch(sizes, ranks=2, tuned=True),
                "lockstep, 2 independent, batch 64": lambda: lockstep(program, job, batch=64,
                                                                      copies=2),
            }
            figures = {key: [] for key in runs}
            for _ in range(rounds):
                for key, run in runs.items():
                    figures[key].append(run())
            print(name)
            for key, values in figures.items():
                own = figures["lockstep, 2 ranks" if "2" in key else "lockstep, 1 process"]
                ratio = statistics.median(a / b for a, b in zip(own, values))
                print(f"  {key:36} {statistics.median(values):10,.0f} images/s   "
                      f"lockstep is {ratio:.2f} times that", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
