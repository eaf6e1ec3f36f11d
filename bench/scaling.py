#!/usr/bin/python3
"""Draws the predicted scaling of training steps to 1,024 nodes.

usage: bench/scaling.py LOCKSTEP OUTPUT.svg [RANKS [BATCH]]

For three networks and two interconnects: efficiency against nodes, with RANKS ranks per node (1)
and a global batch of BATCH samples (1024), as `lockstep check --nodes` predicts them from the speed
of this machine. Also prints its advice."""
import re
import subprocess
import tempfile

import networks
import ways

MOST_NODES = 1024
NETWORKS = ["A1", "A2", "A3"]
LINKS = {"ethernet": "10 Gbit/s Ethernet", "infiniband": "100 Gbit/s InfiniBand"}
COLORS = ["#0072B2", "#D55E00", "#009E73"]


def predict(program, job, ranks, link):
    """[(nodes, milliseconds, efficiency in %)], and the advice."""
    said = subprocess.run([program, "check", job, "--nodes", str(MOST_NODES), "--ranks", str(ranks),
                           "--network", link], check=True, text=True, capture_output=True).stdout
    rows = re.findall(r"^ +(\d+) +\d+ +([\d.]+) .* ([\d.]+) % +\S+$", said, re.M)
    return [tuple(map(float, row)) for row in rows], re.search(r"^advised: .*", said, re.M)[0]


def draw(path, curves, ranks, batch):
    commands = [
        "set terminal svg size 1000,500 font 'sans,13'", f"set output '{path}'",
        "set logscale x 2", "set logscale y 10", f"set xrange [1:{MOST_NODES}]",
        "set xlabel 'Nodes'", "set grid lc rgb '#dddddd'",
        "set key outside below maxcols 2 spacing 1.2",
        f"set multiplot layout 1,2 title 'Predicted steps: batch {batch}, ranks per node: {ranks}'"]
    for column, title in ((1, "Milliseconds of a step"), (2, "Efficiency (%)")):
        plots, data = [], []
        for number, ((name, link), rows) in enumerate(curves.items()):
            dash = 1 if link == "ethernet" else 2
            color = COLORS[number // len(LINKS) % len(COLORS)]
            plots.append(f"'-' with linespoints lw 2 pt {6 + dash} ps 0.6 dt {dash} "
                         f"lc rgb '{color}' title '{name}, {LINKS[link]}'")
            data += [f"{row[0]} {row[column]}" for row in rows] + ["e"]
        axis = ["unset logscale y", "set yrange [0:*]"] if column == 2 else []
        commands += [*axis, f"set ylabel '{title}'", "plot " + ", ".join(plots), *data]
    subprocess.run(["gnuplot"], input="\n".join([*commands, "unset multiplot", ""]), text=True,
                   check=True)


def main(program, output, ranks=1, batch=1024):
    curves = {}
    with tempfile.TemporaryDirectory() as folder:
        dataset = ways.make_digits(program, folder, train=60000, test=100)
        for name in NETWORKS:
            job = networks.write_job(folder, name, f"file: {dataset}", batch)
            for link in LINKS:
                curves[name, link], advice = predict(program, job, ranks, link)
                print(f"{name}, {link}: {advice}", flush=True)
    draw(output, curves, ranks, batch)


if __name__ == "__main__":
    ways.start(main, __doc__)
