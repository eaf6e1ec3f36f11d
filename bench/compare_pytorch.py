#!/usr/bin/python3
"""Compares the training speed of Lockstep with PyTorch's on this machine, run by run in turn.

usage: bench/compare_pytorch.py LOCKSTEP [ROUNDS [EXPERIMENT...]]

For the MLPs of experiments A1 (784-64-64-10) and A2 (784-500-300-10) at a global batch of 128, with
momentum and L2: images per second of one process with one thread, of two ranks on one trial against
DistributedDataParallel over gloo and against two independent processes with the same local batch
side by side, and of two independent trainings side by side.

For the convolutional networks of experiments A3 (the last of its six), B7 and C3, with their
batches and without momentum: images per second of one process with one thread, PyTorch with either
order of an image's elements in memory.

Start-up and validation are left out. Each figure is the median over the rounds; ratios are medians
of the ratios within a round.

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
MLPS = {"A1": [784, 64, 64, 10], "A2": [784, 500, 300, 10]}
CNNS = {  # layers, batch
    "A3": ("""
  - conv2d: {filters: 32, kernel_size: 3, activation: relu}
  - conv2d: {filters: 64, kernel_size: 3, activation: relu}
  - max_pooling2d
  - dropout: 0.5
  - flatten
  - dense: {units: 128, activation: relu}
  - dropout: 0.5
""", 128),
    "B7": ("""
  - gaussian_noise: 0.1
  - conv2d: {filters: 45, kernel_size: 5, activation: relu, kernel_regularizer: {l2: 1.0e-4}}
  - max_pooling2d
  - conv2d: {filters: 60, kernel_size: 5, activation: relu}
  - max_pooling2d
  - flatten
""", 128),
    "C3": ("""
  - conv2d: {filters: 32, kernel_size: 5, padding: same, activation: sigmoid}
  - max_pooling2d
  - conv2d: {filters: 64, kernel_size: 5, padding: same, activation: sigmoid}
  - max_pooling2d
  - flatten
  - dense: {units: 100, activation: sigmoid}
""", 300),
}
CNN_SAMPLES = 2400  # of an epoch
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"}
ENVIRONMENT.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")


def mlp_layers(sizes):
    return "".join(
        f"  - dense: {{units: {n}, activation: relu, kernel_regularizer: {{l2: 1.0e-4}}}}\n"
        for n in sizes[1:-1]
    )


def write_job(folder, layers, momentum, epochs, samples):
    """A job of these layers and an output, with next to no validation, as the file job.yaml."""
    path = pathlib.Path(folder) / "job.yaml"
    path.write_text(
        "name: bench\n"
        f"dataset: {{name: mnist, validation: 0.001, subset: {{train: {samples}}}}}\n"
        f"model:\n{layers}  - dense: {{units: 10, activation: softmax}}\n"
        "train:\n"
        f"  epochs: {epochs}\n"
        "  batch_size: 128\n"
        f"  optimizer: {{sgd: {{learning_rate: 0.1, momentum: {momentum}}}}}\n"
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


def pytorch(arguments, copies=1, tuned=False):
    # OpenBLAS's own threads, which torch.set_num_threads doesn't know of, would wait spinning.
    environment = {**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1",
                   **({"OPENBLAS_CORETYPE": "SkylakeX"} if tuned else {})}
    command = [sys.executable, str(HERE / "pytorch_step.py"), *map(str, arguments)]
    return side_by_side([command] * copies, environment, float)


def compare(runs, rounds):
    """Prints a line for each way to train, (name, peer, how), with the ratio to Lockstep's way
    `peer`."""
    figures = {name: [] for name, _, _ in runs}
    for _ in range(rounds):
        for name, _, run in runs:
            figures[name].append(run())
    for name, peer, _ in runs:
        ratio = statistics.median(a / b for a, b in zip(figures[peer], figures[name]))
        print(f"  {name:36} {statistics.median(figures[name]):10,.0f} images/s   "
              f"{peer} is {ratio:.2f} times that", flush=True)


def mlp_runs(program, folder, sizes):
    job = write_job(folder, mlp_layers(sizes), momentum=0.9, epochs=5, samples=60000)
    network = ["--sizes", *sizes]
    alone, pair, both = "lockstep, 1 process", "lockstep, 2 ranks", "lockstep, 2 processes"
    return [
        (alone, alone, lambda: lockstep(program, job)),
        ("PyTorch, 1 thread", alone, lambda: pytorch(network)),
        ("PyTorch, 1 thread, tuned", alone, lambda: pytorch(network, tuned=True)),
        (pair, pair, lambda: lockstep(program, job, ranks=2)),
        ("PyTorch DDP, 2 ranks", pair, lambda: pytorch([*network, "--ranks", 2])),
        ("PyTorch DDP, 2 ranks, tuned", pair,
         lambda: pytorch([*network, "--ranks", 2], tuned=True)),
        ("lockstep, 2 processes, batch 64", pair,
         lambda: lockstep(program, job, batch=64, copies=2)),
        (both, both, lambda: lockstep(program, job, copies=2)),
        ("PyTorch, 2 processes", both, lambda: pytorch(network, copies=2)),
        ("PyTorch, 2 processes, tuned", both, lambda: pytorch(network, copies=2, tuned=True)),
    ]


def cnn_runs(program, folder, name):
    layers, batch = CNNS[name]
    job = write_job(folder, layers.lstrip("\n"), momentum=0, epochs=4, samples=CNN_SAMPLES)
    network = ["--network", name.lower(), "--batch", batch, "--momentum", 0, "--samples", CNN_SAMPLES,
               "--steps", CNN_SAMPLES // batch]
    last = [*network, "--channels-last"]
    alone = "lockstep, 1 process"
    return [
        (alone, alone, lambda: lockstep(program, job, batch=batch)),
        ("PyTorch, 1 thread", alone, lambda: pytorch(network)),
        ("PyTorch, 1 thread, tuned", alone, lambda: pytorch(network, tuned=True)),
        ("PyTorch, channels last", alone, lambda: pytorch(last)),
        ("PyTorch, channels last, tuned", alone, lambda: pytorch(last, tuned=True)),
    ]


def main(program, rounds, experiments):
    for name in experiments:
        with tempfile.TemporaryDirectory() as folder:
            print(name, "-".join(map(str, MLPS.get(name, []))))
            compare(mlp_runs(program, folder, MLPS[name]) if name in MLPS
                    else cnn_runs(program, folder, name), rounds)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[3:]) <= {*MLPS, *CNNS}:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3, sys.argv[3:] or [*MLPS, *CNNS])
