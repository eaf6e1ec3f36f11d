"""lockstep report: the table, the CSV file, and the page in a browser.

Usage: report_test.py PATH_TO_LOCKSTEP [unittest options]"""

import csv
import io
import os
import re
import subprocess
import sys
import unittest
from xml.etree import ElementTree

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import make_results
from figures import Drawing
from pages import BROWSER, Page, drawn_sizes


class ReportTest(common.ProgramTest):
    def make(self, kind, **changes):
        path = self.path(kind + ".h5")
        make_results.write(path, **{**make_results.KINDS[kind], **changes})
        return path

    def run_report(self, *arguments, status=0, environment=None):
        done = subprocess.run(
            [common.LOCKSTEP, "report", *arguments], capture_output=True, text=True, env=environment
        )
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def page(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_table(self):
        out = self.run_report(self.make("l2")).stdout
        self.assertRegex(out, r"15 trials \(5 points x 3 replicates\) of up to 40 epochs: 15 done")
        rows = re.findall(r"^(\*?) +(\S+)  (0\.\d{5}) ± (0\.\d{5})  3 ", out, re.M)
        values = ["1e-06", "5.62e-06", "3.16e-05", "0.000178", "0.001"]
        self.assertEqual([row[1] for row in rows], values)
        best = max(rows, key=lambda row: row[2])
        self.assertEqual([row for row in rows if row[0]], [best])
        self.assertIn(f"Best: l2 = {best[1]}, val_accuracy {best[2]} ± {best[3]} (n = 3", out)
        self.assertEqual(len(re.findall(
            r"(?m)^ +val_accuracy +\S+ +0\.9847 +0\.98\d+ ± 0\.\d+( ▼)? +3  Simard <2003> & al\.$", out)), 5)
        self.assertLessEqual(max(len(line) for line in out.splitlines() if "/" not in line), 100)

    def test_long_table_is_cut(self):
        path = self.make("many")
        out = self.run_report(path).stdout
        self.assertIn("The best 20 of 450 points", out)
        self.assertLess(len(out.splitlines()), 55)
        self.assertIn("The best 20 of 450 points; unfold for all",
                      self.page(self.path("many.html")))
        self.assertGreater(len(self.run_report(path, "--all").stdout.splitlines()), 450)

    def test_all_columns(self):
        """What the terminal has no room for is named, and printed with --all."""
        path = self.make("many", sweep={f"variable_{i}": (np.arange(2.0), None) for i in range(6)})
        out = self.run_report(path).stdout
        self.assertRegex(out, r"\n[2-9] more columns are in the page and in --csv; --all shows all")
        self.assertNotIn("seconds", out)
        out = self.run_report(path, "--all").stdout
        self.assertNotIn("--all", out)
        header = next(line for line in out.splitlines() if "variable_0" in line)
        self.assertRegex(header, " seconds$")

    def test_single_trial(self):
        out = self.run_report(self.make("single")).stdout
        self.assertRegex(out, r"(?m)^ +status +done$")
        self.assertRegex(out, r"(?m)^ +weights hash +[0-9a-f]{16}$")

    def test_csv_against_numpy(self):
        path = self.make("folds")
        out = self.run_report(path, "--csv", "-").stdout
        rows = list(csv.DictReader(io.StringIO(out)))
        with h5py.File(path) as file:
            final = file["val_accuracy"][..., -1].reshape(5, -1)
            l2 = file["l2"][:]
        column = lambda name: np.array([float(row[name]) for row in rows])
        np.testing.assert_array_equal(column("l2"), l2)
        np.testing.assert_allclose(column("val_accuracy_mean"), final.mean(1), rtol=1e-14)
        np.testing.assert_allclose(column("val_accuracy_std"), final.std(1, ddof=1), rtol=1e-10)
        np.testing.assert_array_equal(column("val_accuracy_max"), final.max(1))
        np.testing.assert_array_equal(column("done"), 10)

    def test_intervals_and_tests_against_numpy(self):
        """Three replicates: Student's t of two degrees of freedom is 4.30265 (tables)."""
        path = self.make("l2")
        out = self.run_report(path, "--csv", self.path("x.csv")).stdout
        with h5py.File(path) as file, open(self.path("x.csv")) as text:
            final = file["val_accuracy"][..., -1]
            rows = list(csv.DictReader(text))
        column = lambda name: np.array([float(row[name] or "nan") for row in rows])
        quantile, best = 4.302652729911275, final.mean(1).argmax()
        half = quantile * final.std(1, ddof=1) / np.sqrt(3)
        np.testing.assert_allclose(column("val_accuracy_ci95_low"), final.mean(1) - half, rtol=1e-12)
        np.testing.assert_allclose(column("val_accuracy_ci95_high"), final.mean(1) + half, rtol=1e-12)
        pairs = final - final[best]
        error = pairs.std(1, ddof=1) / np.sqrt(3)
        others = np.arange(5) != best
        np.testing.assert_allclose(column("difference")[others], pairs.mean(1)[others], rtol=1e-9)
        t = (pairs.mean(1)[others] / error[others])
        np.testing.assert_allclose(column("t")[others], t, rtol=1e-9)
        p = 1 - np.abs(t) / np.sqrt(2 + t**2)  # two degrees of freedom
        np.testing.assert_allclose(column("p")[others], p, rtol=1e-6)
        holm = np.maximum.accumulate(np.sort(p) * [4, 3, 2, 1])
        np.testing.assert_allclose(np.sort(column("p_holm")[others]), np.minimum(holm, 1), rtol=1e-6)
        np.testing.assert_array_equal(column("pairs")[others], 3)
        self.assertEqual(rows[best]["difference"], "")
        inside = final.mean(1) >= final[best].mean() - final[best].std(ddof=1) / np.sqrt(3)
        np.testing.assert_array_equal(column("within_one_standard_error"), inside)
        self.assertEqual(len(re.findall(r"(?m)^ +\S+ +[+-]0\.\d{5}  0\.\d{5} +3 ", out)), 4)

    def test_points_that_repeat_others(self):
        """Two points of the same weights are one in the correction, and have the same p. Equal
        values alone, or those of trials that have not finished, are no repetition."""
        path = self.make("l2")
        with h5py.File(path, "r+") as file:
            best = file["val_accuracy"][..., -1].mean(1).argmax()
            a, b, c = [i for i in range(5) if i != best][:3]
            file["weights_hash"][...] = np.arange(15).reshape(5, 3)
            file["weights_hash"][b] = file["weights_hash"][a]
            for point in (b, c):
                file["val_accuracy"][point] = file["val_accuracy"][a]
        note = "of which 1 points with the same weights as others count once:"
        self.assertIn(note, self.run_report(path, "--csv", self.path("x.csv")).stdout)
        with open(self.path("x.csv")) as text:
            rows = list(csv.DictReader(text))
        p, holm = ([float(row[name] or "nan") for row in rows] for name in ("p", "p_holm"))
        order = sorted(p[i] for i in range(5) if i not in (best, b))
        largest = max(3 * order[0], 2 * order[1], order[2])
        np.testing.assert_allclose(np.nanmax(holm), min(largest, 1))
        self.assertEqual(holm[a], holm[b])
        self.assertIn("1 of the points have the same weights as others, and count once.",
                      self.page(self.path("l2.html")))
        with h5py.File(path, "r+") as file:
            file["status"][b, 0] = 1
        self.assertNotIn("count once", self.run_report(path).stdout)

    def test_one_standard_error(self):
        """The simplest of those within it, by what the file says of the variable."""
        path = self.make("l2", simpler={"l2": "higher"})
        with h5py.File(path, "a") as file:
            file["val_accuracy"][:, :, -1] = [[0.90, 0.91, 0.92], [0.95, 0.97, 0.96],
                                              [0.96, 0.95, 0.96], [0.96, 0.955, 0.955], [0.9, 0.9, 0.9]]
        out = self.run_report(path).stdout
        self.assertIn("Within one standard error of the best (from 0.9542): 2 other points: "
                      "l2 = 3.16e-05; l2 = 0.000178. The simplest (largest l2): l2 = 0.000178, "
                      "val_accuracy 0.9567 ± 0.0029.", out)
        self.assertIn("Within one standard error", self.page(self.path("l2.html")))

    def test_too_few_for_statistics(self):
        out = self.run_report(self.make("grid"), "--csv", self.path("x.csv")).stdout
        self.assertIn("One trial for each point: no deviations, intervals or tests.", out)
        self.assertNotIn("Differences", out)
        with open(self.path("x.csv")) as file:
            row = next(csv.DictReader(file))
        self.assertEqual([row["val_accuracy_ci95_low"], row["p"]], ["", ""])
        path = self.make("l2")
        with h5py.File(path, "a") as file:
            file["val_accuracy"][0] = file["val_accuracy"][2] - 0.5  # by the same amount in each replicate
        out = self.run_report(path).stdout
        self.assertRegex(out, r"(?m)^ +1e-06 +-0\.50000 +- +3 +- +- +- +no$")

    def side_by_side(self, *paths):
        self.run_report(*paths, "--csv", self.path("x.csv"), "-o", self.path("sides.html"))
        with open(self.path("x.csv")) as file:
            return list(csv.DictReader(file))

    def write(self, name, **arguments):
        make_results.write(self.path(name), **arguments)
        return self.path(name)

    def test_side_by_side_paired(self):
        """Files in which replicates have the same seeds, one with more of them."""
        a = self.make("l2")
        b = self.write("b.h5", sweep=make_results.LOG_L2, replicates=4, better=2e-3)
        out = self.run_report(a, b).stdout
        self.assertIn(f"Page: {self.path('l2_vs_b.html')}", out)
        self.assertRegex(out, r"(?m)^  point +l2 +n  b +n  difference +95 % ±  test +t +p  p \(Holm\)$")
        rows = self.side_by_side(a, b)
        with h5py.File(a) as first, h5py.File(b) as second:
            x, y = (file["val_accuracy"][..., -1] for file in (first, second))
        pairs = y[:, :3] - x
        for i, row in enumerate(rows):
            self.assertEqual((row["test"], row["pairs"], row["df"]), ("paired", "3", "2"))
            self.assertAlmostEqual(float(row["difference"]), pairs[i].mean(), 12)
            self.assertAlmostEqual(float(row["b_mean"]), y[i].mean(), 12)
            half = 4.302652729911275 * pairs[i].std(ddof=1) / np.sqrt(3)
            self.assertAlmostEqual(float(row["difference_ci95_high"]), pairs[i].mean() + half, 10)
        back = self.side_by_side(b, a)  # only the sign changes
        for row, other in zip(rows, back):
            self.assertEqual(float(row["t"]), -float(other["t"]))
            self.assertEqual(row["p_holm"], other["p_holm"])

    def test_side_by_side_independent(self):
        a = self.make("l2")
        b = self.write("b.h5", sweep=make_results.LOG_L2, replicates=5, seed=10)
        rows = self.side_by_side(a, b)
        with h5py.File(a) as first, h5py.File(b) as second:
            x, y = (file["val_accuracy"][..., -1] for file in (first, second))
        error = np.sqrt(x.var(1, ddof=1) / 3 + y.var(1, ddof=1) / 5)
        t = (y.mean(1) - x.mean(1)) / error
        np.testing.assert_allclose([float(row["t"]) for row in rows], t, rtol=1e-9)
        self.assertEqual({(row["test"], row["pairs"]) for row in rows}, {("Welch", "")})
        # With the same seeds, but of folds that one of them lacks:
        c = self.write("c.h5", sweep=make_results.LOG_L2, replicates=3, folds=2)
        self.assertEqual({row["test"] for row in self.side_by_side(a, c)}, {"Welch"})

    def test_side_by_side_matches(self):
        """Points match where shared variables agree; one file may have others."""
        few = {"l2": ([1e-6, 0.5, 1e-3], "linear")}
        rows = self.side_by_side(self.make("l2"), self.write("few.h5", sweep=few, replicates=3))
        self.assertEqual([row["point"] for row in rows], ["l2 = 1e-06", "l2 = 0.001"])
        one = self.write("one.h5", replicates=3)
        rows = self.side_by_side(one, self.make("l2"), self.write("other.h5", replicates=3, seed=2))
        self.assertEqual([row["b"] for row in rows], ["l2"] * 5 + ["other"])
        self.assertEqual(rows[5]["point"], "")
        self.assertEqual(rows[1]["point"], "l2 = 5.62e-06")
        page = Page(self.page(self.path("sides.html")))
        self.assertIn("one, l2 and other: val_accuracy", page.text)
        self.assertEqual(page.tags.count("figure"), 1)
        # One point of each, with different values:
        a = self.write("a.h5", sweep={"units": ([64.0], "linear")}, replicates=3)
        b = self.write("b.h5", sweep={"units": ([128.0], "linear")}, replicates=3, seed=9)
        out = self.run_report(a, b).stdout
        self.assertRegex(out, r"(?m)^a: .*, units = 64, 3 trials")
        self.assertRegex(out, r"(?m)^b: .*, units = 128, 3 trials")
        [row] = self.side_by_side(a, b)
        self.assertEqual((row["point"], row["test"]), ("", "Welch"))
        rows = self.side_by_side(self.make("single"), self.make("single"))
        self.assertEqual([rows[0][key] for key in ("difference", "p", "test")], ["0", "", ""])

    def test_side_by_side_of_tests(self):
        """What is compared is what the first file's reference is of."""
        a = self.make("l2", tested=True, reference_metric="test_accuracy")
        rows = self.side_by_side(a, self.write("b.h5", **make_results.KINDS["l2"], tested=True))
        self.assertEqual({row["metric"] for row in rows}, {"test_accuracy"})
        with h5py.File(a) as file:
            self.assertAlmostEqual(float(rows[0]["a_mean"]), file["test_accuracy"][0].mean(), 12)

    def figure(self, path, name):
        self.run_report(path, "--svg", self.path("figures"))
        root = ElementTree.parse(os.path.join(self.path("figures"), name + ".svg")).getroot()
        texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
        return [text.strip() for text in texts]

    def test_heat_map(self):
        """Each cell has its value, or why there is none."""
        path = self.make("grid", diverged=[3])
        texts = self.figure(path, "all_points")
        with h5py.File(path) as file:
            final = file["val_accuracy"][..., -1].flatten()
        for i, value in enumerate(final):
            if i != 3:
                self.assertIn(f"{value:.4f}", texts)
        self.assertEqual(texts.count("diverged"), 1)
        for title in ("hidden_units", "learning_rate_0", "final val_accuracy"):
            self.assertIn(title, texts)

    def test_texts_and_close_values(self):
        """Values of a sweep are drawn literally; seeds that agree in nine digits differ."""
        names = ["20%", "a%gb", "'it''s", "{b}_c^2"]
        path = self.make("text", sweep={"drop": (names, None)})
        texts = self.figure(path, "val_accuracy_vs_drop")
        for name in names:
            self.assertIn(name, texts)
        seeds = [20260101001.0, 20260101002.0, 20260101003.0]
        path = self.make("grid", sweep={"seed_of_data": (seeds, "linear")})
        texts = self.figure(path, "val_accuracy_vs_seed_of_data")
        for seed in seeds:
            self.assertIn(f"{seed:.0f}", [text.removesuffix(".0") for text in texts])

    def test_equal_values(self):
        """Losses that differ by 1e-11 or not at all are in the middle of a frame whose tics are
        different numbers close to them."""
        path = self.make("l2", monitor="val_loss", reference=None)
        with h5py.File(path, "a") as file:
            file["val_loss"][...] = 0.3 + 1e-11 * np.arange(file["val_loss"][...].size).reshape(
                file["val_loss"].shape)
            file["loss"][...] = 0.5
        self.figure(path, "val_loss_vs_l2")
        drawing = Drawing(self.path("figures/val_loss_vs_l2.svg"))
        tics = {float(text): y for text, x, y, anchor in drawing.texts
                if anchor == "end" and x < drawing.points[0][0]}
        numbers = sorted(tics)
        self.assertGreater(len(numbers), 2)
        self.assertEqual(len(numbers), len(set(tics.values())))
        self.assertLess(numbers[-1] - numbers[0], 1e-5)
        self.assertTrue(numbers[0] < 0.3 < numbers[-1])
        self.assertEqual(len(drawing.points), 5 + 5 + 15)  # means, their bars, trials
        for _, y, _ in drawing.points:
            self.assertAlmostEqual(y, np.interp(0.3, numbers, [tics[n] for n in numbers]), delta=8)

    def test_first_epoch_of_a_short_run(self):
        """It is within the frame."""
        path = self.make("single", epochs=10)
        with h5py.File(path, "a") as file:
            for name in ("loss", "val_loss"):
                file[name][...] = np.append([10], np.linspace(1, 0.5, 9))
        tics = self.figure(path, "learning_curves")
        self.assertGreater(tics.count("10"), 2)  # once on each axis of epochs, and as a loss

    def test_legend_without_constant_variables(self):
        sweep = {"units": ([64.0], "linear"), "activation": (["relu", "tanh"], None)}
        texts = self.figure(self.make("text", sweep=sweep), "learning_curves")
        self.assertIn("activation = relu", texts)
        self.assertFalse([text for text in texts if text.startswith("units =")])

    def test_heat_maps_of_three_variables(self):
        path = self.make("three")
        texts = self.figure(path, "all_points")
        self.assertTrue({"hidden = one", "hidden = two", "activation", "lambda"} < set(texts))
        with h5py.File(path) as file:
            final = file["val_accuracy"][..., -1]
        for value in final.mean(-1).flat:
            self.assertIn(f"{value:.5f}", texts)
        for value in final.std(-1, ddof=1).flat:
            self.assertIn(f"±{value:.5f}", texts)

    def test_parallel_coordinates(self):
        texts = self.figure(self.make("many"), "all_points")
        axes = {"l2", "hidden_units", "learning_rate_0", "activation", "final val_accuracy"}
        self.assertTrue(axes | {"relu", "tanh", "1000"} < set(texts))

    def test_large_sweep(self):
        """The page stays small."""
        sweep = {name: (list(range(1, 16)), "linear") for name in ("a", "b", "c")}
        path = self.write("large.h5", sweep=sweep, replicates=2, epochs=2)
        self.run_report(path)
        page = self.page(self.path("large.html"))
        self.assertIn("The best 2000 of 3375 points; --all shows all", page)
        self.assertLess(len(page), 2.5e6)
        self.run_report(path, "--all")
        rows = self.page(self.path("large.html")).count("<tr") - page.count("<tr")
        self.assertEqual(rows % (3375 - 2000), 0)
        self.assertGreater(rows, 0)

    def test_csv_to_a_file_and_texts(self):
        self.run_report(self.make("text"), "--csv", self.path("x.csv"))
        with open(self.path("x.csv")) as file:
            names = [row["optimizer"] for row in csv.DictReader(file)]
        self.assertEqual(names, make_results.KINDS["text"]["sweep"]["optimizer"][0])

    def test_unfinished_trials_are_counted(self):
        path = self.make("running")
        out = self.run_report(path, "--csv", self.path("x.csv")).stdout
        self.assertIn("6 pending, 1 running, 6 done, 1 diverged, 1 failed", out)
        with open(self.path("x.csv")) as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["failed"] for row in rows], ["1", "0", "0", "0", "0"])
        self.assertEqual(rows[4]["val_accuracy_mean"], "")

    def test_first_epochs_of_a_job(self):
        path = self.make("l2", pending=14, reference=None)
        with h5py.File(path, "a") as file:
            file["epochs_run"][0, 0] = 2
            for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
                file[name][0, 0, 2:] = np.nan
            file["val_loss"][...] = np.nan  # as if it were still being written
        self.run_report(path)
        self.assertEqual(self.page(self.path("l2.html")).count("<figure"), 1)

    def test_all_failed(self):
        out = self.run_report(self.make("all_failed")).stdout
        self.assertIn("5 failed", out)
        self.assertIn("No trial has a final val_accuracy.", out)
        self.assertNotIn("<figure", self.page(self.path("all_failed.html")))

    def test_loss_as_monitor(self):
        out = self.run_report(self.make("l2", monitor="val_loss", reference=None)).stdout
        rows = re.findall(r"^(\*| ) +\S+  (\S+) ± ", out, re.M)
        self.assertEqual(len(rows), 5)
        self.assertEqual(min(rows, key=lambda row: float(row[1]))[0], "*")

    def test_pages(self):
        for kind in make_results.KINDS:
            with self.subTest(kind):
                self.run_report(self.make(kind), "-o", self.path("page.html"))
                text = self.page(self.path("page.html"))
                page = Page(text)
                self.assertEqual(len(page.ids), len(set(page.ids)), "ids are unique")
                self.assertNotIn("b", page.tags)
                self.assertIn("<b>not bold</b>", page.text)
                self.assertIn("lockstep run jobs/hinton_l2.yaml -o", page.text)
                self.assertNotIn("script", page.tags)
                self.assertFalse(re.search(r"(src|href)=[\"'](?!#|data:)", text), "self-contained")
                self.assertLess(len(text), 1e6)

    @unittest.skipUnless(BROWSER, "no browser")
    def test_figures_in_a_browser(self):
        for kind, figures in {"l2": 2, "grid": 4, "three": 5, "many": 6, "single": 2, "running": 2}.items():
            with self.subTest(kind):
                self.run_report(self.make(kind), "-o", self.path("page.html"))
                sizes = drawn_sizes(self, self.path("page.html"), self.path("browser"))
                self.assertEqual(len(sizes), figures)
                for size in sizes:
                    self.assertGreater(min(size), 100)

    def test_restored_weights(self):
        """Where the best epoch's weights were restored its values are the final ones."""
        path = self.make("l2", restored=True)
        self.run_report(path, "--csv", self.path("x.csv"))
        with open(self.path("x.csv")) as file, h5py.File(path) as results:
            means = [float(row["val_loss_mean"]) for row in csv.DictReader(file)]
            self.assertEqual(set(results["best_epoch"][()].flat), {38})
            np.testing.assert_allclose(means, results["val_loss"][..., 37].mean(-1), rtol=1e-14)

    def test_svg_files(self):
        self.run_report(self.make("l2"), "--svg", self.path("figures/of/it"))
        names = sorted(os.listdir(self.path("figures/of/it")))
        self.assertEqual(names, ["learning_curves.svg", "val_accuracy_vs_l2.svg"])
        for name in names:
            root = ElementTree.parse(self.path("figures/of/it/" + name)).getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            self.assertEqual(len(list(root.iter("{http://www.w3.org/2000/svg}title"))), 1)
        root = ElementTree.parse(self.path("figures/of/it/val_accuracy_vs_l2.svg"))
        texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("final val_accuracy", texts)
        self.assertIn("reference 0.9847: Simard <2003> & al.", texts)

    def test_learning_rate_only_where_it_changes(self):
        self.run_report(self.make("single"), "--svg", self.path("changing"))
        self.run_report(self.make("single", decay=1.0), "--svg", self.path("constant"))
        self.assertEqual(os.listdir(self.path("constant")), ["learning_curves.svg"])
        self.assertIn("learning_rate.svg", os.listdir(self.path("changing")))

    def test_without_gnuplot(self):
        done = self.run_report(self.make("l2"), status=1, environment={"PATH": self.folder})
        self.assertIn("Best: l2", done.stdout)
        self.assertRegex(done.stderr, r"\Alockstep: cannot run gnuplot: .*\n\Z")

    def test_bad_input(self):
        text = self.path("letters.h5")
        with open(text, "w") as file:
            file.write("not HDF5")
        other = self.path("other.h5")
        with h5py.File(other, "w") as file:
            file["x"] = [1.0]
        other_metric = self.path("other_metric.h5")
        make_results.write(other_metric, **make_results.KINDS["l2"])
        with h5py.File(other_metric, "a") as file:
            del file["val_accuracy"]
            file.attrs["monitor"] = "val_loss"
        nothing_shared = self.path("nothing_shared.h5")
        make_results.write(nothing_shared, sweep={"l2": ([0.5, 0.7], "linear")})
        broken = self.make("running")
        with h5py.File(broken, "a") as file:
            del file["status"]
            file["status"] = np.zeros(3, "i1")
        for arguments, expected in {
            (): "no results file given",
            (self.make("grid"), self.path("none.h5")): "No such file",
            (self.make("grid"), self.make("text")): "grid sweeps over hidden_units and text over opt",
            (self.make("l2"), other_metric): "other_metric.h5: has no val_accuracy to compare",
            (self.make("l2"), nothing_shared): "l2 and nothing_shared have no point in common",
            (self.make("grid"), self.make("l2"), "-o", self.path("l2.h5")): "is an input",
            ("--cvs", "x", "a.h5"): "'--cvs'",
            (broken, "-o", broken): "is an input",
            ("a.h5", "--csv"): "lacks its value",
            ("--summary",): "no results file given",
            ("--summary", "--all", "a.h5"): "--summary goes with -o and --svg alone",
            ("--summary", text, "a.h5"): "cannot open as HDF5",
            ("--summary", broken, "-o", broken): "is an input",
            (self.path("none.h5"),): "No such file",
            (text,): "cannot open as HDF5",
            (other,): "is not a results file: it has no attribute 'axes'",
            (broken,): "/status: is not laid out over the trials",
        }.items():
            with self.subTest(arguments):
                done = self.run_report(*arguments, status=2)
                self.assertRegex(done.stderr, r"\Alockstep: .*\n\Z")
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_help(self):
        self.assertIn("RESULTS.h5", self.run_report("--help").stdout)


if __name__ == "__main__":
    common.main()
