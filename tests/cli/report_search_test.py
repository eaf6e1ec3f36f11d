"""lockstep report of a search: best so far, rungs, importance of variables, pairs, and the test values
of the chosen point only.

Usage: report_search_test.py PATH_TO_LOCKSTEP [unittest options]"""

import csv
import html
import os
import re
import sys
from xml.etree import ElementTree

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import make_results
from pages import Page

COUNT = 27
RANDOM = np.random.default_rng(3)
RATES = np.exp(RANDOM.uniform(np.log(1e-3), 0, COUNT))
POINTS = {
    "momentum": (RANDOM.uniform(0, 1, COUNT), None),
    "rate": (RATES, "log"),
    "layers": (RANDOM.choice(["one", "two & <three>"], COUNT).tolist(), None),
    "units_2": (np.where(RANDOM.random(COUNT) < 0.5, np.nan, RANDOM.integers(4, 64, COUNT)), None),
}
DISTANCE = np.log10(RATES / 0.03) ** 2 / 2 + 0.02 * POINTS["momentum"][0]
FIGURES = ["best_so_far", "rungs", "importance", "pairs"]


class ReportSearchTest(common.ProgramTest):
    def make(self, rungs=(1, 3, 9), **changes):
        path = self.path("search.h5")
        settings = {"points": POINTS, "distance": DISTANCE, "replicates": 2, "epochs": 9,
                    "tested": True, **changes}
        make_results.write(path, **settings)
        if rungs:
            make_results.add_search(path, rungs)
        return path

    def report(self, path, *arguments, status=0):
        """What is printed, and the page as a text and as its parts."""
        done = self.lockstep("report", path, *arguments, status=status)
        if status:
            return done.stderr
        with open(path[:-3] + ".html", encoding="utf-8") as file:
            page = file.read()
        Page(page)
        return done.stdout, page

    def captions(self, page):
        found = re.findall(r"<figcaption>(.*?)</figcaption>", page, re.S)
        return [html.unescape(one) for one in found]

    def rows(self, page, heading):
        """The cells of the first table below a heading."""
        table = page.split(f"<h2>{heading}</h2>")[1].split("</table>")[0]
        return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in table.split("<tr")[1:]]

    def test_rungs(self):
        """The table has what the file records; the diagram all points."""
        path = self.make()
        _, page = self.report(path, "--svg", self.path("svg"))
        title, *rows = self.rows(page, "Search")
        self.assertEqual(title, ["bracket", "epochs", "points", "promoted", "pruned", "completed",
                                 "undecided", "needed", "best", "median"])
        self.assertEqual([row[:7] for row in rows], [["1", "1", "27", "9", "18", "0", "0"],
                                                     ["1", "3", "9", "3", "6", "0", "0"],
                                                     ["1", "9", "3", "0", "0", "3", "0"]])
        with h5py.File(path) as file:
            values, needed = file["search/value"][:], file["search/threshold"][:]
        for k, row in enumerate(rows):
            self.assertAlmostEqual(float(row[8]), np.nanmax(values[:, k]), 4)
            self.assertAlmostEqual(float(row[9]), np.nanmedian(values[:, k]), 4)
        self.assertAlmostEqual(float(rows[0][7]), np.nanmin(needed[:, 0]), 4)
        self.assertEqual(rows[2][7], "-")
        self.assertIn("Points were compared at rungs", page)
        drawn = ElementTree.parse(self.path("svg/rungs.svg")).getroot()
        texts = {"".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text")}
        self.assertLessEqual({"best", "pruned", "trained to the end", "value needed to continue"},
                             {text.strip() for text in texts})

    def test_order_of_the_table(self):
        """Points that were trained to the end come first, the best at the top; the CSV has the
        order of the sweep. Columns of numbers of which some are missing are columns of numbers."""
        path = self.make()
        printed, page = self.report(path, "--csv", self.path("x.csv"))
        title, *rows = self.rows(page, "Results")
        column = title.index("val_accuracy")
        means = [float(row[column].split()[0]) for row in rows if row[column] != "-"]
        self.assertEqual(len(means), 3)
        self.assertEqual([row[column] == "-" for row in rows], 3 * [False] + 24 * [True])
        self.assertEqual(means, sorted(means, reverse=True))
        with open(self.path("x.csv")) as file:
            rates = [float(row["rate"]) for row in csv.DictReader(file)]
        np.testing.assert_allclose(rates, RATES)
        units = [line[:line.index("0.9")].rstrip() for line in printed.splitlines()
                 if re.search(r" ± 0\.\d+ +2 ", line)]
        self.assertEqual(len({len(line) for line in units}), 1, units)  # aligned at the right

    def test_simplest(self):
        """Networks of which only some have a second layer are not compared by their widths."""
        nan = float("nan")
        points = {"units": ([30, 10, 20, 40], None), "units_2": ([nan, 5, nan, nan], None)}
        simpler = {"units": "lower", "units_2": "lower"}
        path = self.make((), points=points, distance=[0, 0, 0, 5], simpler=simpler)
        with h5py.File(path, "r+") as file:
            file["val_accuracy"][:3, :, -1] = [[0.97, 0.99], [0.97, 0.98], [0.97, 0.98]]
        self.assertIn("The simplest (smallest units, then smallest units_2, of those with the "
                      "variables of the best): units = 20, val_accuracy", self.report(path)[0])
        with h5py.File(path, "r+") as file:
            file["val_accuracy"][:3, :, -1] = [[0.97, 0.98], [0.97, 0.99], [0.97, 0.98]]
            file["units_2"][2], file["units"][2] = 4, 10
        self.assertIn("units = 10, units_2 = 4, val_accuracy", self.report(path)[0])

    def test_figures(self):
        """Each figure is in the page, and a file of its own."""
        _, page = self.report(self.make(), "--svg", self.path("svg"))
        files = set(os.listdir(self.path("svg")))
        self.assertLessEqual({name + ".svg" for name in FIGURES}, files)
        titles = re.findall(r"<title[^>]*>(.*?)</title>", page)[1:5]
        self.assertEqual(titles, ["Best so far against the epochs trained", "Rungs of the search",
                                  "Importance of the variables", "Pairs of variables"])

    def test_epochs(self):
        """Epochs of all trials: 2 x (18 of 1, 6 of 3 and 3 of 9 epochs)."""
        _, page = self.report(self.make())
        self.assertIn(": 126 of the 486 of all points.", self.captions(page)[0])

    def test_importance(self):
        """The rate matters most; values at the rung with most points are compared."""
        _, page = self.report(self.make(), "--svg", self.path("svg"))
        drawn = ElementTree.parse(self.path("svg/importance.svg")).getroot()
        texts = ["".join(one.itertext()).strip()
                 for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
        bars = [float(text) for text in texts if re.fullmatch(r"\d\.\d\d", text)]
        self.assertEqual([text for text in texts if text in POINTS][-1], "rate")
        self.assertGreater(max(bars), 0.4)
        caption = self.captions(page)[2]
        self.assertIn("for the val_accuracy after epoch 1: the fraction of its variance", caption)
        self.assertIn("on 27 points", caption)

    def test_same_again(self):
        """The same page each time."""
        path = self.make()
        self.assertEqual(self.report(path)[1], self.report(path)[1])

    def test_test_values_once(self):
        """Those of the chosen point stand in one sentence, and nowhere else; the CSV has all."""
        path = self.make()
        printed, page = self.report(path, "--csv", self.path("x.csv"))
        with h5py.File(path) as file:
            best = np.nanargmax(np.where(file["epochs_run"][:, 0] == 9,
                                         file["val_accuracy"][:, :, -1].mean(1), np.nan))
            mean = file["test_accuracy"][best].mean()
        for text in (printed, page):
            found = re.findall(r"test_accuracy (\S+) ±", text)
            self.assertEqual(len(found), 1)
            self.assertAlmostEqual(float(found[0]), mean, 4)
            self.assertNotIn("test_accuracy", text.replace("it was not chosen: test_accuracy", ""))
        with open(self.path("x.csv")) as file:
            rows = list(csv.DictReader(file))
        self.assertAlmostEqual(float(rows[best]["test_accuracy_mean"]), mean)

    def test_random_points(self):
        """A sweep of drawn points has the same figures, but for the rungs."""
        printed, page = self.report(self.make(rungs=None, diverged=[3, 4, 5]), "--svg",
                                    self.path("svg"))
        self.assertNotIn("<h2>Search</h2>", page)
        files = os.listdir(self.path("svg"))
        self.assertEqual([name for name in FIGURES if name + ".svg" not in files], ["rungs"])
        captions = " ".join(self.captions(page))
        self.assertIn("Importance of the variables for the final val_accuracy", captions)
        self.assertIn("Points with diverged or failed trials (1) count as the worst value", captions)
        self.assertIn("Points that do not have a variable are not in its panels.", captions)
        self.assertIn("it was not chosen: test_accuracy", printed)

    def test_other_sweeps_stay(self):
        """A grid, and a few points of a table, have none of it."""
        few = {name: (values[:3], spacing) for name, (values, spacing) in POINTS.items()}
        for changes in (make_results.KINDS["l2"], {"points": few, "distance": [0, 1, 2]}):
            path = self.path("other.h5")
            make_results.write(path, **changes, tested=True)
            printed, page = self.report(path, "--svg", self.path("other"))
            self.assertFalse(set(os.listdir(self.path("other"))) & {n + ".svg" for n in FIGURES})
            self.assertNotIn("<h2>Search</h2>", page)
            self.assertIn("test_accuracy", printed)
            self.assertNotIn("it was not chosen", printed)

    def test_many_points(self):
        """Of many points the figures draw some, so that a page stays small."""
        rates = np.geomspace(1e-4, 1, 2700)
        points = {"rate": (rates, "log"), "momentum": (rates[::-1] ** 0.1, None)}
        path = self.make(points=points, distance=np.log10(rates) ** 2 / 9, replicates=0)
        _, page = self.report(path, "--svg", self.path("svg"))
        for name in FIGURES:
            self.assertLess(os.path.getsize(self.path(f"svg/{name}.svg")), 600e3, name)
        captions = self.captions(page)
        self.assertIn(" 600 of 2700 points.", captions[1])
        self.assertIn("on 2000 points", captions[2])
        self.assertIn(" 800 of 2700 points.", captions[3])

    def test_running(self):
        """A search that has begun: nothing is decided at the last rungs."""
        path = self.make()
        with h5py.File(path, "r+") as file:
            for name, none in (("value", np.nan), ("threshold", np.nan), ("decision", 0)):
                file["search/" + name][:, 1:] = none
            file["status"][file["epochs_run"][:] > 1] = 1
            file["epochs_run"][...] = 1
        _, page = self.report(path)
        rows = self.rows(page, "Search")[1:]
        self.assertEqual([row[2] for row in rows], ["27", "0", "0"])
        self.assertEqual(rows[1][7:], ["-", "-", "-"])

    def test_without_values(self):
        """A search of which nothing has run yet."""
        path = self.make(epochs=9)
        with h5py.File(path, "r+") as file:
            for name in ("value", "threshold"):
                file["search/" + name][...] = np.nan
            file["search/decision"][...] = 0
            file["status"][...] = 0
            file["epochs_run"][...] = 0
        printed, _ = self.report(path)
        self.assertIn("No trial has a final val_accuracy.", printed)

    def test_damaged(self):
        def change(name, value):
            def edit(file):
                file["search/" + name][0] = value
            return edit

        def shorten(name):
            def edit(file):
                values = file["search/" + name][:-1]
                del file["search/" + name]
                file["search/" + name] = values
            return edit

        for edit, message in [
            (change("decision", 4), "search/decision"), (change("bracket", 3), "search/bracket"),
            (change("compared", -1), "search/compared"), (change("rung", 0), "search/rung"),
            (change("rung", 5), "/search/rung: is not ascending"),
            (shorten("value"), "/search/value: is not laid out over the points and rungs"),
            (shorten("bracket"), "/search/bracket: is not laid out over the points"),
            (lambda file: file.pop("search/threshold"), "threshold"),
        ]:
            path = self.make()
            with h5py.File(path, "r+") as file:
                edit(file)
            with self.subTest(message):
                self.assertIn(message, self.report(path, status=2))


if __name__ == "__main__":
    common.main()
