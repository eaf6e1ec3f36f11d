#!/usr/bin/python3
"""Compares a whole sweep by Lockstep with the same sweep by PyTorch, from start to end.

The sweep is that of jobs/hinton_l2.yaml: five L2 factors of an MLP with three replicates each,
validated after each epoch, on as many generated digits as MNIST has. Lockstep trains it in one run
with a rank per core, and also writes results and checkpoints. PyTorch has three ways to use the
cores, see peers/pytorch_sweep.py: a queue of trials for processes of one thread, one trial after
the other by all threads, or by DistributedDataParallel.

All ways alternate in each round. Prints the medians over the rounds of the time and of its ratio to
Lockstep's in the same round; and the mean accuracy of all trials after their last epoch, which must
be about the same."""
import argparse
import json
import math
import pathlib
import statistics
import sys
import tempfile

import ways
from ways import Failed, Way

JOB = pathlib.Path(__file__).resolve().parent.parent / "jobs" / "hinton_l2.yaml"


def replace(node, name, value):
    """The tree with $name replaced."""
    if isinstance(node, dict):
        return {key: replace(item, name, value) for key, item in node.items()}
    if isinstance(node, list):
        return [replace(item, name, value) for item in node]
    return value if node == f"${name}" else node


def read_job(args):
    """The settings of the job that a peer needs."""
    import yaml

    job = yaml.safe_load(JOB.read_text(encoding="utf-8"))
    axis = job["sweep"]["l2"]
    low, high = map(math.log, axis["log_range"])
    factors = [math.exp(low + (high - low) * i / (axis["count"] - 1)) for i in range(axis["count"])]
    trials = [{"l2": factor, "replicate": replicate, "layers": replace(job["model"], "l2", factor)}
              for factor in factors for replicate in range(job["sweep"]["replicates"])]
    return {"trials": trials, "batch": job["train"]["batch_size"],
            "optimizer": job["train"]["optimizer"], "epochs": args.epochs, "train": args.train,
            "test": args.test}


def ways_of(args, data, description, pythons):
    """The first one is Lockstep's."""
    sets = [f"dataset={{file: {data}, validation: test, "
            f"subset: {{train: {args.train}, test: {args.test}}}}}", f"train.epochs={args.epochs}"]
    yield Way("Lockstep", f"{args.cores} ranks", "", "", [
        *ways.launch(args.cores), args.lockstep, "run", JOB, "-o", "{folder}/results.h5",
        "--progress", "lines", *(word for value in sets for word in ("--set", value))])
    names = {"queue": f"queue, {args.cores} processes of 1 thread",
             "threads": f"{args.cores} threads", "ddp": f"DDP, {args.cores} ranks"}
    for python in pythons:
        for variant, tuned in python.tunings if python.pytorch else []:
            for how in args.how:
                # OpenBLAS has threads of its own, of which PyTorch's setting doesn't know.
                threads = args.cores if how == "threads" else 1
                yield Way(python.pytorch, names[how], "", variant, python.command(
                    "pytorch_sweep.py", description, how, args.cores, "--data", data.parent),
                    {**tuned, "OPENBLAS_NUM_THREADS": str(threads)})


def accuracies(way, output):
    """The final accuracy of each trial."""
    if way.peer != "Lockstep":
        return [json.loads(line)["accuracy"] for line in output.splitlines()
                if line.startswith("{")]
    last = {}
    for line in output.splitlines():
        if " val_accuracy=" in line:
            last[ways.read(line, "trial")] = float(ways.read(line, "val_accuracy"))
    return list(last.values())


def measure(way, trials):
    """Seconds and mean accuracy."""
    run = ways.run(way)
    found = accuracies(way, run.outputs[0])
    if len(found) != trials:
        raise Failed(f"trained {len(found)} of {trials} trials")
    return run.seconds, statistics.mean(found)


def compare(found, trials, rounds):
    """Prints each run, then the table."""
    results = {way.name: [] for way in found}
    for number in range(rounds):
        base = None
        for way in found:
            try:
                seconds, accuracy = measure(way, trials)
            except Failed as error:
                print(f"{number + 1} {way.name}: FAILED: {error}", flush=True)
                continue
            if way is found[0]:
                base = seconds
            results[way.name].append((seconds, seconds / base if base else math.nan, accuracy))
            print(f"{number + 1} {way.name}: {seconds:.2f} s, accuracy {accuracy:.4f}", flush=True)
    print("\n| way | seconds | ratio | accuracy |\n| --- | --- | --- | --- |")
    for name, rows in results.items():
        seconds, ratio, accuracy = map(statistics.median, zip(*rows)) if rows else [math.nan] * 3
        print(f"| {name} | {seconds:.2f} | {ratio:.2f} | {accuracy:.4f} |")


def read_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lockstep", type=ways.program)
    parser.add_argument("--rounds", type=int, default=3, help="3")
    parser.add_argument("--epochs", type=int, default=4, help="of each trial (4); the job has 40")
    parser.add_argument("--train", type=int, default=60000, help="training samples (60000)")
    parser.add_argument("--test", type=int, default=10000, help="test samples (10000)")
    parser.add_argument("--how", type=lambda text: text.split(","),
                        default=["queue", "threads", "ddp"], help="queue,threads,ddp")
    parser.add_argument("--python", type=ways.name_and_path, action="append", default=[],
                        metavar="NAME=PATH",
                        help="an environment with PyTorch; may be repeated")
    parser.add_argument("--cores", type=int, default=ways.cores(),
                        help=f"ranks, threads and processes ({ways.cores()})")
    return parser.parse_args()


def main():
    args = read_arguments()
    ways.stop_cleanly()
    with tempfile.TemporaryDirectory() as folder:
        data = ways.make_dataset(args.lockstep, folder, args.train, args.test)
        pythons, library = ways.find(args.lockstep, args.python, data, folder)
        sweep = read_job(args)
        description = pathlib.Path(folder) / "sweep.json"
        description.write_text(json.dumps(sweep), encoding="utf-8")
        found = list(ways_of(args, data, description, pythons))
        print(f"{ways.machine()}\nLockstep with {library}; {len(sweep['trials'])} trials of "
              f"{args.epochs} epochs of {args.train} samples", flush=True)
        if len(found) == 1:
            sys.exit("no Python has PyTorch")
        compare(found, len(sweep["trials"]), args.rounds)


if __name__ == "__main__":
    main()
