"""Makes table.md and figure.svg from the runs in raw.csv. A ratio is the time of a step divided by
that of Lockstep's way of the same group in the same round."""
import csv
import pathlib
import statistics
import subprocess

import networks

COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8B6B3E", "#999999"]


class Ways:
    """The results: for each network, batch, group, peer, how and variant, its rounds."""

    def __init__(self, rows):
        bases, self.rounds = {}, {}
        for row in rows:
            milliseconds = float(row["milliseconds"] or "nan")
            place = (row["round"], row["network"], row["batch"], row["group"])
            base = bases.setdefault(place, milliseconds)
            key = tuple(row[k] for k in ("network", "batch", "group", "peer", "how", "variant"))
            found = self.rounds.setdefault(key, [])
            if milliseconds > 0 and base > 0:
                found.append((milliseconds, milliseconds / base,
                              float(row["start_and_end"]), float(row["megabytes"])))

    def list(self, *positions):
        """The values of these parts of the keys, in the order of the runs."""
        return list(dict.fromkeys(tuple(key[p] for p in positions) for key in self.rounds))

    def medians(self, key):
        """Milliseconds, ratio, seconds of start and end, megabytes; None if all rounds failed."""
        return [statistics.median(x) for x in zip(*self.rounds[key])] or None

    def fastest(self, network, batch, group, peer, how):
        """The medians of the fastest variant and its name, or None."""
        found = [(self.medians(key), key[5]) for key in self.rounds
                 if key[:5] == (network, batch, group, peer, how) and self.rounds[key]]
        return min(found, key=lambda pair: pair[0][0], default=None)

    def columns(self, group):
        """Peer and how, Lockstep's way first, to which the others are compared."""
        return [(peer, how) for g, peer, how in self.list(2, 3, 4) if g == group]


def markdown(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines) + "\n"


def summary_of(found, group):
    columns = found.columns(group)
    rows = []
    for network, batch in found.list(0, 1):
        cells = []
        for number, column in enumerate(columns):
            best = found.fastest(network, batch, group, *column)
            if not best:
                cells.append("failed")
                continue
            (milliseconds, ratio, *_), variant = best
            cells.append(f"{milliseconds:.4g}" + (f", {ratio:.2f}" if number > 0 else "")
                         + (f" ({variant})" if variant else ""))
        rows.append([f"{network}: {networks.NETWORKS[network][0]}", batch, *cells])
    return markdown(["network", "batch", *(", ".join(column) for column in columns)], rows)


def details_of(found):
    rows = []
    for key, rounds in found.rounds.items():
        network, batch, group, *way = key
        if not rounds:
            rows.append([network, batch, group, ", ".join(filter(None, way)), *["failed"] * 5])
            continue
        milliseconds, ratio, seconds, megabytes = found.medians(key)
        ratios = [each[1] for each in rounds]
        rows.append([network, batch, group, ", ".join(filter(None, way)), f"{milliseconds:.4g}",
                     f"{ratio:.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}", f"{seconds:.2f}",
                     f"{megabytes:.0f}"])
    return markdown(["network", "batch", "group", "way", "ms", "ratio", "in all rounds",
                     "start and end, s", "memory, MiB"], rows)


def table(found, about):
    text = "# Training steps\n\n" + "".join(f"- {line}\n" for line in about)
    text += ("\nMilliseconds of a step and, after them, how many times Lockstep's of the first "
             "column that is: above 1 Lockstep is faster. Of a peer's variants the fastest.\n\n")
    for group, in found.list(2):
        text += f"## {group.capitalize()}\n\n{summary_of(found, group)}"
    text += ("## All ways\n\nStart and end: from the command to its end, without the steps. "
             "Memory: of the largest process.\n\n")
    return text + details_of(found)


def panel(found, group):
    """Commands for one group's bars, from 1 to the ratio."""
    cells, columns = found.list(0, 1), found.columns(group)[1:]
    width = 0.8 / max(1, len(columns))
    plots, data = [], []
    for number, column in enumerate(columns):
        title = ", ".join(column).replace("'", "''")
        bars = []
        for place, cell in enumerate(cells):
            best = found.fastest(*cell, group, *column)
            left = place - 0.4 + number * width
            if best:
                ratio = best[0][1]
                bars.append(f"{left + width / 2} 1 {left} {left + 0.9 * width} "
                            f"{min(1, ratio)} {max(1, ratio)}")
        if bars:
            plots.append(f"'-' with boxxyerror lc rgb '{COLORS[number % len(COLORS)]}' "
                         f"title '{title}'")
            data += [*bars, "e"]
    if not plots:
        return []
    tics = ", ".join(f"'{network}, {batch}' {place}"
                     for place, (network, batch) in enumerate(cells))
    return [f"set title '{group.capitalize()}'", f"set xtics ({tics}) rotate by -45 nomirror",
            f"set xrange [-0.7:{len(cells) - 0.3}]",
            "plot " + ", ".join([*plots, "1 lc 0 notitle"]), *data]


def draw(found, path):
    panels = [commands for group, in found.list(2) if (commands := panel(found, group))]
    if not panels:
        return
    width = max(600, 150 + 50 * len(found.list(0, 1)))
    commands = [
        f"set terminal svg size {width},{420 * len(panels)} font 'sans,12' background 'white'",
        f"set output '{path}'", f"set multiplot layout {len(panels)},1",
        "set style fill solid noborder", "set logscale y 2", "set grid ytics lc rgb '#dddddd'",
        "set ylabel 'Time of a step / Lockstep''s'", "set key outside below Left reverse",
        *(command for commands in panels for command in commands), "unset multiplot"]
    subprocess.run(["gnuplot"], input="\n".join([*commands, ""]), text=True, check=True)


def write(folder, about):
    folder = pathlib.Path(folder)
    with open(folder / "raw.csv", newline="", encoding="utf-8") as file:
        found = Ways(csv.DictReader(file))
    (folder / "table.md").write_text(table(found, about), encoding="utf-8")
    draw(found, folder / "figure.svg")
