"""lockstep report: the table, the CSV file, and the page in a browser.

Usage: report_test.py PATH_TO_LOCKSTEP [unittest options]"""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from xml.etree import ElementTree

import h5py
import numpy as np

import make_results

LOCKSTEP = os.path.abspath(sys.argv.pop(1))
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
VOID = {"meta", "link", "br", "img", "hr"}

# Put at the end of a copy of the page: notes the drawn size of every figure in the document.
MEASURE = """<script>
for (const svg of document.querySelectorAll("figure svg")) {
  const box = svg.getBoundingClientRect(), drawn = svg.getBBox();
  const note = document.createElement("p");
  note.className = "measured";
  note.textContent = [box.width, box.height, drawn.width, drawn.height].join(" ");
  document.body.append(note);
}
</script>"""


class Page(HTMLParser):
    """Collects ids, tags and text, and checks that elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.tags, self.open, self.text = [], [], [], ""
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        self.text += data


class ReportTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, kind, **changes):
        path = self.path(kind + ".h5")
        make_results.write(path, **{**make_results.KINDS[kind], **changes})
        return path

    def run_report(self, *arguments, status=0, environment=None):
        done = subprocess.run(
            [LOCKSTEP, "report", *arguments], capture_output=True, text=True, env=environment
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
        difference = float(best[2]) - 0.9847
        self.assertIn(f"0.9847 (Simard <2003> & al.), difference {difference:+.5f}.", out)
        self.assertLessEqual(max(len(line) for line in out.splitlines() if "/" not in line), 100)

    def test_long_table_is_cut(self):
        path = self.make("many")
        out = self.run_report(path).stdout
        self.assertIn("The best 20 of 450 points", out)
        self.assertLess(len(out.splitlines()), 35)
        self.assertGreater(len(self.run_report(path, "--all").stdout.splitlines()), 450)
        self.assertIn("all 450 points", self.page(self.path("many.html")))

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
                self.assertFalse(re.search(r"(src|href)=[\"'](?!#|data:,)", text), "self-contained")
                self.assertLess(len(text), 2e6)

    @unittest.skipUnless(BROWSER, "no browser")
    def test_figures_in_a_browser(self):
        for kind, figures in {"l2": 2, "grid": 3, "single": 2, "running": 2}.items():
            with self.subTest(kind):
                self.run_report(self.make(kind), "-o", self.path("page.html"))
                with open(self.path("page.html"), "a", encoding="utf-8") as file:
                    file.write(MEASURE)
                options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
                options += ["--enable-logging=stderr", "--v=0"]
                options += ["--user-data-dir=" + self.path("browser")]
                done = subprocess.run(
                    [BROWSER, *options, "file://" + self.path("page.html")],
                    capture_output=True,
                    text=True,
                    timeout=120,
                )
                self.assertNotIn("CONSOLE", done.stderr)
                sizes = re.findall(r'<p class="measured">([^<]*)</p>', done.stdout)
                self.assertEqual(len(sizes), figures)
                for size in sizes:
                    self.assertTrue(all(float(x) > 100 for x in size.split()), size)

    def test_references_and_tests(self):
        """A reference for each point, a final value on test samples, in the table and the CSV."""
        reference = [0.99, np.nan, 0.985, 0.98, 0.97]
        path = self.make("l2", reference=reference, tested=True)
        out = self.run_report(path, "--csv", self.path("x.csv")).stdout
        self.assertRegex(out, r"l2 +val_accuracy +n +best +reference +test_accuracy ")
        self.assertRegex(out, r"(?m)^. +1e-06 .* 0\.99000 +0\.97\d{3} ")
        self.assertNotIn("Reference:", out)
        with open(self.path("x.csv")) as file, h5py.File(path) as results:
            rows = list(csv.DictReader(file))
            np.testing.assert_allclose(
                [float(row["test_accuracy_mean"]) for row in rows],
                results["test_accuracy"][()].mean(-1),
                rtol=1e-14,
            )
        self.assertEqual([row["reference"] for row in rows], ["0.99", "", "0.985", "0.98", "0.97"])
        out = self.run_report(
            self.make("l2", tested=True, reference_metric="test_accuracy")
        ).stdout
        self.assertRegex(out, r"Reference: 0\.9847 for test_accuracy \(.*\), difference -0\.0")

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
        text = self.path("text.h5")
        with open(text, "w") as file:
            file.write("not HDF5")
        other = self.path("other.h5")
        with h5py.File(other, "w") as file:
            file["x"] = [1.0]
        broken = self.make("l2")
        with h5py.File(broken, "a") as file:
            del file["status"]
            file["status"] = np.zeros(3, "i1")
        for arguments, expected in {
            (): "no results file given",
            ("a.h5", "b.h5"): "too many arguments, from 'b.h5' on",
            ("--cvs", "x", "a.h5"): "'--cvs'",
            (broken, "-o", broken): "is the results file",
            ("a.h5", "--csv"): "lacks its value",
            ("--summary",): "no results file given",
            ("--summary", "--all", "a.h5"): "--summary goes with -o alone",
            ("--summary", text, "a.h5"): "cannot open as HDF5",
            ("--summary", broken, "-o", broken): "is the results file",
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

    def summary(self, *paths):
        """The page's tables, as lists of cells, by the heading before them."""
        tables, heading = {}, ""
        for line in self.run_report("--summary", *paths).stdout.splitlines():
            if line.startswith("#"):
                heading = line.strip("# ")
            elif line.startswith("|"):
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                tables.setdefault(heading, []).append(cells)
        for table in tables.values():
            self.assertEqual({len(row) for row in table}, {len(table[0])})
        return tables

    def test_summary(self):
        reference = [0.99, np.nan, 0.985, 0.98, 0.97]
        a = self.make("l2", reference=reference, tested=True, job_file="jobs/report_a/a2.yaml")
        b = self.make("text", reference=0.5, job_file="/x/jobs/report_b/b.yaml")
        c = self.make("running", sweep={"x|y": (["a<b"] * 5, None)}, job_file="jobs/report_b/c.yaml")
        tables = self.summary(a, b, c)
        self.assertEqual(list(tables), ["report_a", "report_b", "Runs"])
        rows = tables["report_a"][2:]
        with h5py.File(a) as file:
            final, tests = file["val_accuracy"][..., -1], file["test_accuracy"][()]
            seconds, samples = file["epoch_seconds"][()], file["train_samples"][()]
        for i, (job, setting, metric, reported, ours, test, trials, speed, time) in enumerate(rows):
            self.assertEqual((job, metric, trials, time), ("l2", "val_accuracy", "3", "34 s"))
            self.assertEqual(setting, "l2 = " + ["1e-06", "5.62e-06", "3.16e-05", "0.000178", "0.001"][i])
            self.assertEqual(reported, ["0.99", "", "0.985", "0.98", "0.97"][i])
            mean, deviation = final[i].mean(), final[i].std(ddof=1)
            mark = " ▼" if mean < reference[i] - deviation else ""
            self.assertEqual(ours, f"{mean:.5f} ± {deviation:.5f}{mark}")
            self.assertEqual(test.split(" ± ")[0], f"{tests[i].mean():.5f}")
            expected = np.mean(samples[i] * 40 / seconds[i].sum(-1))
            self.assertEqual(speed, f"{expected:.0f}")
        self.assertEqual([row[4].endswith("▼") for row in rows], [True, False, False, False, False])
        rows = tables["report_b"][2:]
        self.assertEqual([row[0] for row in rows], ["text"] * 7 + ["running"] * 5)
        self.assertEqual(rows[7][1], r"x\|y = a&lt;b")
        self.assertEqual(rows[7][6], "2 of 3: 1 failed")
        self.assertEqual(rows[11][4:9], ["", "", "0 of 3: 3 pending", "", ""])
        runs = tables["Runs"][2:]
        self.assertEqual(runs[0][1], "hinton_l2: a &lt;synthetic> job & its results")
        self.assertEqual(runs[2][3], "6 of 15: 6 pending, 1 running, 1 diverged, 1 failed")
        self.assertEqual(runs[0][4:], ["2", "2026-01-31T23:59:00Z", "119 min", "1"])

    def test_summary_of_losses(self):
        """Less is better of a loss, and a metric of the test samples stands for itself."""
        a = self.make("l2", monitor="val_loss", reference=[1.0, 0.01, 1.0, 1.0, 0.01])
        rows = self.summary(a)["jobs"][2:]
        self.assertEqual([row[4].endswith("▼") for row in rows], [False, True, False, False, True])
        b = self.make("l2", tested=True, reference_metric="test_accuracy")
        rows = self.summary(b)["jobs"][2:]
        self.assertEqual({row[5] for row in rows}, {""})
        self.assertTrue(all(row[4].endswith("▼") for row in rows))

    def test_summary_to_a_file(self):
        path = self.make("single")
        done = self.run_report("--summary", path, "-o", self.path("page.md"))
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.page(self.path("page.md")), self.run_report("--summary", path).stdout)
        self.assertIn("Made-up processor", self.page(self.path("page.md")))

    def test_help(self):
        self.assertIn("RESULTS.h5", self.run_report("--help").stdout)


if __name__ == "__main__":
    unittest.main()
