#!/usr/bin/python3
"""Measures the goals for the speed of training steps, and prints them beside the results.

In each round everything is measured once, interleaved: `lockstep bench` for the fractions of peak,
and the ways of compare.py to train each network with a batch of 128: Lockstep on one rank and on
one per core, independent trainings, one shard, bfloat16; PyTorch and JAX with one thread and with
one per core. A round before the others measures all variants of a peer (compiled, channels last,
tuned) on one core; the others measure only its fastest one, and no peer that took more than four
times as long as the best. Results are medians over the rounds, of times and of ratios within a
round. Five rounds take about 25 minutes on two idle cores.

Prints three Markdown tables: the goals; the times, with the layout of the table in README.md; and
the fractions of peak of the products. PyTorch and JAX are those of the Pythons given by --python,
or else of /usr/bin/python3."""
import argparse
import collections
import re
import statistics
import subprocess
import sys
import tempfile

import compare
import networks
import tables
import ways

BATCH, SMALL_BATCH = 128, 32
BENCHED = ["A2", "D1", "wide", "A3", "B7"]
CONVOLUTIONAL = [name for name in networks.NETWORKS if networks.is_convolutional(name)]
ONE, ALL = "one core", "all cores"
PEERS = ("PyTorch", "JAX")


class Results:
    """Values of each round, by what they are of."""

    def __init__(self):
        self.values = collections.defaultdict(dict)

    def add(self, key, number, value):
        """Keeps the least value of a round: that of a peer's fastest variant."""
        found = self.values[key].get(number)
        self.values[key][number] = value if found is None else min(value, found)

    def median(self, key):
        found = self.values.get(key)
        return statistics.median(found.values()) if found else None

    def ratio(self, key, base):
        """The median of the ratios within a round; None without both."""
        found, bases = self.values.get(key, {}), self.values.get(base, {})
        ratios = [found[number] / bases[number] for number in found if number in bases]
        return statistics.median(ratios) if ratios else None


def variant_of(cell, way):
    """What round 0 chooses from: the same for any number of threads."""
    return cell.network, cell.batch, way.peer, way.variant


def ways_of(cell, pythons):
    """(what is measured, the way) for one network with a batch."""
    one = cell.lockstep_way("1 rank", ONE, cell.job, 1)
    yield "Lockstep", one
    yield "one shard", cell.lockstep_way("1 rank", ONE, cell.job, 1, setting="train.shards=1")
    if cell.batch != BATCH:
        return
    if cell.network in ("A2", "A3"):
        yield "bfloat16", cell.lockstep_way("1 rank", ONE, cell.job, 1,
                                            setting="train.precision=bfloat16")
    cores = cell.args.cores
    if cores > 1:
        yield "Lockstep", cell.lockstep_way(f"{cores} ranks", ALL, cell.job, cores)
        share = cell.make_job(cell.steps, cell.epochs, max(1, cell.batch // cores))
        yield "independent", cell.lockstep_way("processes", ALL, share, 1, cores)
    for python in pythons:
        for way in cell.peer_ways(python):
            if way.group in (ONE, ALL) and " thread" in way.how and "bfloat16" not in way.how:
                yield way.peer.split()[0], way


class Measurement:
    """The cells, their ways, and the results."""

    def __init__(self, args, pythons, data, folder):
        self.args, self.results, self.skipped = args, Results(), set()
        self.cells = []
        for network in args.networks:
            for batch in (BATCH, SMALL_BATCH):
                if batch == SMALL_BATCH and network in CONVOLUTIONAL:
                    continue
                cell = compare.Cell(args, pythons, data, folder, network, batch)
                self.cells.append((cell, [*ways_of(cell, pythons)]))
        self.jobs = {name: networks.write_job(folder, name, f"file: {data}", BATCH)
                     for name in BENCHED if name in args.networks}

    def train(self, number):
        """Round 0 is the one that chooses the variants of peers."""
        for cell, measured in self.cells:
            for what, way in measured:
                variant = variant_of(cell, way)
                preliminary = way.group == ONE and (what in PEERS or way is measured[0][1])
                if variant in self.skipped or number == 0 and not preliminary:
                    continue
                row = cell.measure(way)
                text = row.get("error") or f"{row['milliseconds']} ms"
                print(number, cell.network, cell.batch, way.group, way.name, text, file=sys.stderr,
                      flush=True)
                if "error" not in row:
                    milliseconds = float(row["milliseconds"])
                    for key in ((cell.network, cell.batch, way.group, what), variant):
                        self.results.add(key, number, milliseconds)
                elif what in PEERS:
                    self.skipped.add(variant)

    def bench(self, number):
        """Fractions of peak of the step and of its products, in percent."""
        for network, job in self.jobs.items():
            text = ways.ask([self.args.lockstep, "bench", job, "--seconds", "0.2"],
                            ways.ENVIRONMENT)
            reached = re.search(r"^plain products at peak: .*reached: ([\d.]+)", text, re.M)[1]
            self.results.add(("step", network), number, float(reached))
            for name, m, n, k, fraction in re.findall(
                    r"^(\w+ \w+) +(\d+) +(\d+) +(\d+) +\d+ +\S+ +\S+ +(\S+)$", text, re.M):
                key = ("product", network, name, int(m), int(n), int(k))
                self.results.add(key, number, float(fraction))

    def choose(self):
        """After round 0: leaves out slow variants and slow peers."""
        for cell, measured in self.cells:
            times = {}
            for what, way in measured:
                found = self.results.median(variant_of(cell, way))
                if what in PEERS and found is not None:
                    times[variant_of(cell, way)] = (what, found)
            for variant, (what, time) in times.items():
                own = min(other for peer, other in times.values() if peer == what)
                best = min(other for _, other in times.values())
                if time > own or time > 4 * best:
                    self.skipped.add(variant)


class Goals:
    """Rows of the table of goals."""

    def __init__(self, results, names):
        self.results, self.names, self.rows = results, names, []

    def add(self, title, goal, value, unit="", least=True):
        """`least`: the goal is a lower bound."""
        measured, met = "not measured", ""
        if value is not None:
            measured = f"{value:.3g}{unit}"
            met = "yes" if (value >= goal if least else value <= goal) else "no"
        bound = "at least" if least else "at most"
        self.rows.append([title, f"{bound} {goal:g}{unit}", measured, met])

    def products(self):
        found = {key: self.results.median(key) for key in self.results.values
                 if key[0] == "product" and key[1] in ("A2", "D1", "wide") and min(key[3:]) >= 64}
        large = [value for key, value in found.items() if sorted(key[3:])[-2:] == [4096, 4096]]
        other = [value for key, value in found.items() if sorted(key[3:])[-2:] != [4096, 4096]]
        self.add("products of dense layers, least fraction of peak", 93, min(other, default=None),
                 " %")
        self.add("products of 4096 x 4096 weights, the same", 80, min(large, default=None), " %")

    def steps(self):
        for network, goal in {"A2": 83, "D1": 80, "wide": 78, "A3": 110, "B7": 110}.items():
            if network in self.names:
                self.add(f"step of {network}, fraction of peak by plain products", goal,
                         self.results.median(("step", network)), " %")

    def peers(self, group, goals, title):
        for network in self.names:
            ratios = [self.results.ratio((network, BATCH, group, peer),
                                         (network, BATCH, group, "Lockstep"))
                      for peer in PEERS]
            known = [ratio for ratio in ratios if ratio is not None]
            self.add(f"{network}, {title}", goals.get(network, 1), min(known, default=None),
                     " times")

    def efficiency(self):
        for network in self.names:
            goal = {"A1": 85, "A2": 92}.get(network, 96 if network in CONVOLUTIONAL else None)
            ratio = self.results.ratio((network, BATCH, ALL, "independent"),
                                       (network, BATCH, ALL, "Lockstep"))
            if goal:
                self.add(f"{network}, ranks of one trial against independent runs", goal,
                         ratio and 100 * ratio, " %")

    def shards(self):
        for network in self.names:
            for batch, goal in ((BATCH, 5), (SMALL_BATCH, 10)):
                ratio = self.results.ratio((network, batch, ONE, "Lockstep"),
                                           (network, batch, ONE, "one shard"))
                if ratio or batch == BATCH:
                    self.add(f"{network}, default shards against one, batch {batch}: slower by",
                             goal, ratio and 100 * (ratio - 1), " %", least=False)

    def precision(self):
        for network in ("A2", "A3"):
            if network in self.names:
                self.add(f"{network}, float32 against bfloat16", 1.7,
                         self.results.ratio((network, BATCH, ONE, "Lockstep"),
                                            (network, BATCH, ONE, "bfloat16")), " times")


def table_of_goals(results, names):
    goals = Goals(results, names)
    goals.products()
    goals.steps()
    goals.peers(ONE, {"A1": 1.5, "A2": 1.25, "D1": 1.25, "wide": 1.3,
                      **dict.fromkeys(CONVOLUTIONAL, 3)},
                "the best of PyTorch and JAX against Lockstep, one core")
    goals.peers(ALL, {"wide": 1.2}, "the same, all cores")
    goals.efficiency()
    goals.shards()
    goals.precision()
    return tables.markdown(["", "goal", "measured", "met"], goals.rows)


def times_of(results, network, group):
    """Lockstep's milliseconds, and the ratios of PyTorch and JAX to it."""
    own = (network, BATCH, group, "Lockstep")
    milliseconds = results.median(own)
    ratios = [results.ratio((network, BATCH, group, peer), own) for peer in PEERS]
    return [f"{milliseconds:.3g} ms" if milliseconds else "",
            *(f"{ratio:.3g}" if ratio else "" for ratio in ratios)]


def table_of_times(results, names, cores):
    rows = [[networks.NETWORKS[name][0], *times_of(results, name, ONE),
             *(times_of(results, name, ALL) if cores > 1 else [])] for name in names]
    header = ["", "1 rank", "PyTorch", "JAX",
              *([f"{cores} ranks", "PyTorch", "JAX"] if cores > 1 else [])]
    return tables.markdown(header, rows)


def table_of_products(results):
    rows = [[network, name, f"{m} x {n} x {k}", f"{results.median(key):.1f}"]
            for key in results.values if key[0] == "product"
            for _, network, name, m, n, k in [key]]
    return tables.markdown(["network", "product", "m x n x k", "% peak"], rows)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lockstep", type=ways.program)
    compare.add_arguments(parser, rounds=5, seconds=0.5)
    # What compare.Cell reads besides.
    parser.set_defaults(peers=["PyTorch", "JAX"], set=[])
    return parser.parse_args()


def main():
    args = read_arguments()
    ways.stop_cleanly()
    compare.EPOCH_SECONDS = args.seconds / 4
    with tempfile.TemporaryDirectory() as folder:
        data = ways.make_dataset(args.lockstep, folder, compare.MOST_SAMPLES, 10)
        pythons, instructions = ways.find(args.lockstep, args.python, data, folder)
        pythons = pythons[1:] or pythons  # Debian's is older
        measurement = Measurement(args, pythons, data, folder)
        print(f"{ways.machine()}; Lockstep with {instructions}; "
              + ", ".join(filter(None, (name for python in pythons
                                        for name in (python.pytorch, python.jax)))) + "\n")
        measurement.train(0)
        measurement.choose()
        for number in range(1, args.rounds + 1):
            measurement.bench(number)
            measurement.train(number)
        results = measurement.results
        print(table_of_goals(results, args.networks), end="")
        print(table_of_times(results, args.networks, args.cores), end="")
        print(table_of_products(results), end="")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(str(error))
