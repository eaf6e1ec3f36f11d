#!/usr/bin/python3
"""Compares Lockstep's training steps with those of its peers on this machine.

The ways to train each network of networks.py with each batch alternate, round by round: Lockstep on
one rank, on one rank per core, and as many trainings side by side as there are cores; PyTorch with
one thread, with all, as DistributedDataParallel over gloo, and side by side; Keras and JAX with one
thread and with all. Layers, optimizer, penalties and loss are the same, as are the samples in
memory and the numbers of steps and epochs; a run with other parameters, steps or samples than
Lockstep's counts as failed. The time of a step is the median over all epochs but the first, without
start-up, validation and shuffling.

Writes into the folder: raw.csv, every run; table.md, medians over the rounds of the times and of
the ratios to Lockstep within a round; figure.svg, the ratios.

PyTorch is the one of /usr/bin/python3 and of every Python given by --python, Keras and JAX those of
the latter; what is missing is reported and skipped. JAX runs an epoch as one compiled lax.scan over
the minibatches. PyTorch also runs compiled (torch.compile), PyTorch and JAX also in bfloat16. On
processors newer than itself OpenBLAS selects slow kernels for PyTorch (Lockstep selects others);
there PyTorch also runs `tuned`, with OPENBLAS_CORETYPE set to those of the processor. Convolutional
networks also run with Lockstep's order of the elements of images, `channels last`."""
import argparse
import csv
import fnmatch
import itertools
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import agreement
import networks
import tables
import ways
from ways import Failed, Way

MOST_SAMPLES = 60000
# Of PyTorch and JAX: names and options.
PRECISIONS = [("", []), (", bfloat16", ["--bfloat16"])]
EPOCH_SECONDS = 0.25  # of Lockstep on one rank
COLUMNS = ["round", "network", "batch", "group", "peer", "how", "variant", "milliseconds",
           "start_and_end", "megabytes", "error"]


class Cell:
    """A network with a batch, and the ways to train it."""

    def __init__(self, args, pythons, data, folder, network, batch):
        self.network, self.batch, self.args, self.folder = network, batch, args, folder
        self.data = data
        self.fit(*self.once())
        self.ways = [*self.lockstep_ways(), *(way for python in pythons
                                              for way in self.peer_ways(python))]

    def make_job(self, steps, epochs, batch=None):
        """The number of steps is the same for any batch."""
        batch = batch or self.batch
        folder = pathlib.Path(self.folder) / f"batch_{batch}"
        folder.mkdir(exist_ok=True)
        return networks.write_job(
            folder, self.network, f"file: {self.data}, subset: {{train: {steps * batch}}}", batch,
            epochs, validation="test")

    def once(self):
        """Steps to try, and the milliseconds of one."""
        steps = min(20, MOST_SAMPLES // self.batch)
        job = self.make_job(steps, 3)
        run = ways.run(self.lockstep_way("", "", job, 1))
        return steps, min(epoch_times(run.outputs[0])) * 1e3 / steps

    def fit(self, tried, milliseconds):
        """Sets steps and epochs, so that Lockstep trains for the wanted time on one rank."""
        most = MOST_SAMPLES // self.batch
        self.steps = min(max(2, round(EPOCH_SECONDS * 1e3 / milliseconds)), most)
        epoch = self.steps * milliseconds / 1e3
        self.epochs = 1 + max(3, round(self.args.seconds / epoch))
        self.job = self.make_job(self.steps, self.epochs)
        said = subprocess.run([self.args.lockstep, "check", self.job], text=True, check=True,
                              env=ways.ENVIRONMENT, stdout=subprocess.PIPE).stdout
        self.expected = {
            "parameters": re.search(r"^all +([\d,]+)", said, re.M)[1].replace(",", ""),
            "steps": re.search(r"; (\d+) steps of", said)[1],
            "samples": re.search(r": (\d+) samples to train", said)[1]}

    def lockstep_way(self, how, group, job, ranks, copies=1, setting=""):
        return Way("Lockstep", f"{how}, {setting}" if setting else how, group, "", [
            *ways.launch(ranks), self.args.lockstep, "run", job, "-o", "{folder}/results.h5",
            "--progress", "lines", "--set", f"sweep={{ranks_per_trial: {ranks}}}",
            *(["--set", setting] if setting else [])], copies=copies)

    def lockstep_ways(self):
        """The others of a group are compared with the first."""
        cores = self.args.cores
        for setting in ["", *self.args.set]:
            yield self.lockstep_way("1 rank", "one core", self.job, 1, setting=setting)
            if cores > 1:
                yield self.lockstep_way(f"{cores} ranks", "all cores", self.job, cores,
                                        setting=setting)
                yield self.lockstep_way(f"{cores} processes", "side by side", self.job, 1, cores,
                                        setting)
        if cores > 1:
            job = self.make_job(self.steps, self.epochs, max(1, self.batch // cores))
            yield self.lockstep_way(f"{cores} processes with a rank's share of the batch each",
                                    "all cores", job, 1, cores)

    def peer_way(self, python, script, how, group, variant, options, environment, copies=1):
        command = python.command(script, self.network, self.batch, "--data", self.data.parent,
                                 "--steps", self.steps, "--epochs", self.epochs, *options)
        peer = {"keras.py": python.keras, "jax_scan.py": python.jax}.get(script, python.pytorch)
        return Way(peer, how, group, variant, command, environment, copies)

    def pytorch_ways(self, python):
        """OpenBLAS has threads of its own, which PyTorch's setting does not control."""
        cores = self.args.cores
        layouts = [("", [])]
        if networks.is_convolutional(self.network):
            layouts.append(("channels last", ["--channels-last"]))
        if python.compiles:
            layouts += [(", ".join(filter(None, ("compiled", layout))), [*options, "--compile"])
                        for layout, options in layouts]
        for tuning, tuned in python.tunings:
            single = {**tuned, "OPENBLAS_NUM_THREADS": "1"}
            many = {**tuned, "OPENBLAS_NUM_THREADS": str(cores)}
            for (layout, options), (precision, mixed) in itertools.product(layouts, PRECISIONS):
                variant = ", ".join(filter(None, (tuning, layout)))

                def way(how, group, environment, *more, copies=1):
                    return self.peer_way(python, "pytorch.py", how + precision, group, variant,
                                         [*options, *mixed, *more], environment, copies)

                yield way("1 thread", "one core", single)
                if cores > 1:
                    yield way(f"{cores} threads", "all cores", many, "--threads", cores)
                    yield way(f"DDP, {cores} ranks", "all cores", single, "--ranks", cores)
                    yield way(f"{cores} processes", "side by side", single, copies=cores)

    def keras_ways(self, python):
        environment = {"KERAS_BACKEND": python.backend}
        for threads in sorted({1, self.args.cores}):
            yield self.peer_way(python, "keras.py", f"{threads} thread" + "s" * (threads > 1),
                                "all cores" if threads > 1 else "one core", "",
                                ["--threads", threads], environment)

    def jax_ways(self, python):
        for threads in sorted({1, self.args.cores}):
            for precision, mixed in PRECISIONS:
                how = f"{threads} thread" + "s" * (threads > 1) + precision
                yield self.peer_way(python, "jax_scan.py", how,
                                    "all cores" if threads > 1 else "one core", "",
                                    ["--threads", threads, *mixed], {})

    def peer_ways(self, python):
        found = [*(self.pytorch_ways(python) if python.pytorch else []),
                 *(self.keras_ways(python) if python.keras else []),
                 *(self.jax_ways(python) if python.jax else [])]
        return [way for way in found
                if any(fnmatch.fnmatch(way.name.lower(), f"*{pattern.lower()}*")
                       for pattern in self.args.peers)]

    def epoch_times(self, way, output):
        """Seconds of each epoch of one copy."""
        if way.peer == "Lockstep":
            return epoch_times(output)
        for key, value in self.expected.items():
            if ways.read(output, key) != value:
                raise Failed(f"has {ways.read(output, key)} {key}, Lockstep has {value}")
        return [float(x) for x in words(ways.read(output, "epochs"))]

    def measure(self, way):
        """Adds the results of a run to its row; of several copies, the mean speed."""
        try:
            run = ways.run(way)
            times = [self.epoch_times(way, output) for output in run.outputs]
        except Failed as error:
            return {"error": str(error)}
        medians = [statistics.median(each[1:]) for each in times]
        speed = statistics.mean(self.steps / median for median in medians)
        # By what the first epoch takes longer, programs still start.
        trained = max(sum(each[1:]) + median for each, median in zip(times, medians))
        return {"milliseconds": f"{1e3 / speed:.6g}", "megabytes": f"{run.megabytes:.0f}",
                "start_and_end": f"{run.seconds - trained:.3f}"}


def epoch_times(output):
    times = [float(x) for x in re.findall(r" epoch_seconds=(\S+)", output)]
    if len(times) < 2:
        raise Failed(f"printed no epochs: {output[-200:]}")
    return times


def compare(args, pythons, about, data, folder):
    output = pathlib.Path(args.output)
    output.mkdir(parents=True, exist_ok=True)
    cells = []
    for network in args.networks:
        for batch in args.batches:
            cells.append(Cell(args, pythons, data, folder, network, batch))
    if args.peers != ["none"] and all(way.peer == "Lockstep" for c in cells for way in c.ways):
        print("no peer to compare with", file=sys.stderr)
    with open(output / "raw.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for number in range(args.rounds):
            for cell in cells:
                for way in cell.ways:
                    row = {"round": number + 1, "network": cell.network, "batch": cell.batch,
                           "group": way.group, "peer": way.peer, "how": way.how,
                           "variant": way.variant, **cell.measure(way)}
                    writer.writerow(row)
                    file.flush()
                    tell(row)
            tables.write(output, about)
    print(f"{output / 'table.md'}, {output / 'figure.svg'}")


def tell(row):
    words = (row[key] for key in ("round", "network", "batch", "peer", "how", "variant"))
    result = f"{row['milliseconds']} ms" if "milliseconds" in row else f"FAILED: {row['error']}"
    print(*words, result, flush=True)


def words(text):
    return text.split(",")


def add_arguments(parser, rounds, seconds):
    """Adds what each measurement of steps may be told, with these defaults."""
    parser.add_argument("--rounds", type=int, default=rounds, help=f"{rounds}")
    parser.add_argument("--networks", type=words, default=[*networks.NETWORKS],
                        help=",".join(networks.NETWORKS))
    parser.add_argument("--python", type=ways.name_and_path, action="append", default=[],
                        metavar="NAME=PATH",
                        help="an environment with PyTorch, Keras or JAX; may be repeated")
    parser.add_argument("--cores", type=int, default=ways.cores(),
                        help=f"ranks, threads and trainings side by side ({ways.cores()})")
    parser.add_argument("--seconds", type=float, default=seconds,
                        help=f"how long Lockstep trains in a run on one rank ({seconds})")


def read_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lockstep", type=ways.program)
    parser.add_argument("output", nargs="?", help="the folder for what is written")
    add_arguments(parser, rounds=3, seconds=1)
    parser.add_argument("--batches", type=lambda text: [*map(int, words(text))],
                        default=[32, 128, 512], help="32,128,512")
    parser.add_argument("--peers", type=words, default=["*"], metavar="PATTERN,...",
                        help="only those whose names, as table.md has them, contain one of these; "
                             "none: Lockstep alone")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE",
                        help="also run Lockstep with this key of the job, as a peer")
    parser.add_argument("--check", action="store_true",
                        help="time nothing: compare the losses of some steps from the same weights")
    args = parser.parse_args()
    unknown = [name for name in args.networks if name not in networks.NETWORKS]
    if unknown:
        parser.error(f"--networks: no network {unknown[0]}")
    if not args.output and not args.check:
        parser.error("which folder to write to?")
    return args


def main():
    args = read_arguments()
    ways.stop_cleanly()
    with tempfile.TemporaryDirectory() as folder:
        data = ways.make_dataset(args.lockstep, folder, MOST_SAMPLES, 10)
        pythons, instructions = ways.find(args.lockstep, args.python, data, folder)
        if args.check:
            sys.exit(agreement.check(args.lockstep, args.networks, pythons, data, folder))
        for what in ("pytorch", "compiles", "keras", "jax"):
            if not any(getattr(python, what) for python in pythons):
                name = {"pytorch": "PyTorch", "compiles": "torch.compile", "keras": "Keras",
                        "jax": "JAX"}[what]
                print(f"skipped: {name} is in none of the Python environments", file=sys.stderr)
        about = [ways.machine(), f"Lockstep with {instructions}",
                 *(name for python in pythons
                   for name in (python.pytorch, python.keras, python.jax) if name)]
        compare(args, pythons, about, data, folder)


if __name__ == "__main__":
    main()
