"""lockstep report: results beside what was reported elsewhere, and the summary of many jobs.

Usage: report_reported_test.py PATH_TO_LOCKSTEP [unittest options]"""

import csv
import os
import re
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import make_results
from pages import Page


class ReportedTest(common.ProgramTest):
    def make(self, kind, **changes):
        path = self.path(kind + ".h5")
        make_results.write(path, **{**make_results.KINDS[kind], **changes})
        return path

    def run_report(self, *arguments, status=0):
        return self.lockstep("report", *arguments, status=status)

    def page(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_references_and_tests(self):
        """A reference for each point, a final value on test samples, in the table and the CSV."""
        reference = [0.99, np.nan, 0.985, 0.98, 0.97]
        path = self.make("l2", reference=reference, tested=True)
        out = self.run_report(path, "--csv", self.path("x.csv")).stdout
        self.assertRegex(out, r"l2 +val_accuracy +n +95 % ± +best +test_accuracy ")
        self.assertRegex(out, r"(?m)^  metric +l2 +reported +ours +n +source *$")
        self.assertEqual(re.findall(r"(?m)^  val_accuracy +(\S+) +(0\.\d+) +0\.98\d+ ± ", out),
                         [("1e-06", "0.99"), ("3.16e-05", "0.985"), ("0.000178", "0.98"), ("0.001", "0.97")])
        with open(self.path("x.csv")) as file, h5py.File(path) as results:
            rows = list(csv.DictReader(file))
            np.testing.assert_allclose(
                [float(row["test_accuracy_mean"]) for row in rows],
                results["test_accuracy"][()].mean(-1),
                rtol=1e-14,
            )
        self.assertEqual([row["reported_val_accuracy"] for row in rows],
                         ["0.99", "", "0.985", "0.98", "0.97"])
        out = self.run_report(
            self.make("l2", tested=True, reference_metric="test_accuracy")
        ).stdout
        self.assertRegex(out, r"(?m)^  test_accuracy +1e-06 +0\.9847 +0\.97\d+ ± \S+ ▼ ")

    def test_several_references(self):
        """Of several metrics, final or best, with bounds; claims that hold and that do not."""
        nan = np.nan
        references = [
            ([0.99, nan, 0.5, nan, nan], {"metric": "val_accuracy", "label": "A", "comment": "Other | images."}),
            ([0.06, 0.06, nan, nan, nan], {"metric": "val_loss", "of": "best", "label": "B & C", "comment": "Other | images."}),
            ([1.0, nan, nan, nan, nan], {"metric": "trial_seconds"}),
            ([nan, nan, 0.999, nan, nan], {"metric": "val_accuracy", "bound": "lower"}),
        ]
        orderings = [
            ([1, 2, 2, 2, 2], ["l2"], {"metric": "val_accuracy", "long_name": "l2 = 1e-06 best"}),
            ([2, 2, 1, 2, 2], ["l2"], {"metric": "val_loss", "long_name": "l2 = 3.16e-05 best",
                                       "label": "A", "comment": "Rates below 0.1."}),
        ]
        path = self.make("l2", reference=None, references=references, orderings=orderings)
        with h5py.File(path, "a") as file:
            file["val_accuracy"][:, :, -1] = np.array([[0.9, 0.96, 0.98, 0.95, 0.9]]).T + [0, 0.01, 0.02]
            file["val_loss"][...] = 0.5 + np.array([4, 3, 0, 3, 4])[:, None, None] + np.zeros((5, 3, 40))
            file["val_loss"][:, :, 7] = 0.05
        out = self.run_report(path, "--csv", self.path("x.csv")).stdout
        table = out.split("Reported elsewhere, and here:\n")[1]
        rows = re.findall(r"(?m)^  ((?:best )?val_\w+|trial_seconds) +(\S+) +((?:≥ )?[0-9.]+) +(\S+) ± \S+( ▼)? ", table)
        self.assertEqual(rows, [
            ("val_accuracy", "1e-06", "0.99", "0.9100", " ▼"),
            ("val_accuracy", "3.16e-05", "0.5", "0.9900", ""),
            ("best val_loss", "1e-06", "0.06", "0.0500", ""),
            ("best val_loss", "5.62e-06", "0.06", "0.0500", ""),
            ("trial_seconds", "1e-06", "1", "34.000", ""),
            ("val_accuracy", "3.16e-05", "≥ 0.999", "0.9900", ""),
        ])
        self.assertRegex(table, r"l2 = 1e-06 best +val_accuracy  does not hold ▼  0\.9100 ± 0\.0100 "
                                r"\(l2 = 1e-06\), 0\.9900 ± 0\.0100 \(l2 = 3\.16e-05\)")
        self.assertRegex(table, r"l2 = 3\.16e-05 best +val_loss +holds +0\.5000 ")
        self.assertRegex(table, r"(?m)^  comment\s+Other \| images\.\s+Rates below 0\.1\.\s*$")
        self.assertIn("▼ marks what is worse than reported by more than a standard deviation", table)
        with open(self.path("x.csv")) as file:
            header = next(csv.reader(file))
        self.assertEqual(header[-4:], ["reported_val_accuracy", "reported_best_val_loss",
                                       "reported_trial_seconds", "reported_val_accuracy_2"])
        page = Page(self.page(self.path("l2.html")))
        for text in ("Reported elsewhere", "l2 = 1e-06 best", "does not hold ▼", "B & C", "Other | images.", "Rates below 0.1."):
            self.assertIn(text, page.text)
        tables = self.summary(path)
        self.assertEqual([row[1:4] for row in tables["jobs"][2:7]], [
            ["l2 = 1e-06", "val_accuracy", "0.99"], ["l2 = 1e-06", "best val_loss", "0.06"],
            ["l2 = 1e-06", "trial_seconds", "1"], ["l2 = 5.62e-06", "best val_loss", "0.06"],
            ["l2 = 3.16e-05", "val_accuracy", "0.5"]])
        self.assertEqual([row[7] for row in tables["jobs"][2:5]], ["3", "", ""])
        self.assertEqual([row[1:4] for row in tables["jobs claims"][2:]], [
            ["l2 = 1e-06 best", "val_accuracy", "does not hold ▼"],
            ["l2 = 3.16e-05 best", "val_loss", "holds"]])
        self.assertEqual(tables["jobs claims comments"][2:],
                         [["l2", r"Other \| images."], ["l2", r"Rates below 0.1."]])

    def test_references_of_single_trials(self):
        """Compared without deviations, which the report says."""
        path = self.make("grid", references=[([0.99] * 45, {"metric": "val_accuracy"})],
                         orderings=[([1] + [2] * 44, ["hidden_units", "learning_rate_0"],
                                     {"metric": "val_accuracy", "long_name": "the first best"})])
        out = self.run_report(path).stdout
        self.assertIn("There is one trial for each point: values are compared without deviations.", out)
        self.assertRegex(out, r"the first best +val_accuracy  does not hold ▼")
        self.assertIn("20 of 45 rows; --all shows all.", out)
        self.assertNotIn("--all", self.run_report(path, "--all").stdout)

    def test_bad_references(self):
        for name, data in {"references/0001": np.zeros(4), "orderings/0001": np.array([1, 6, 2, 2, 2])}.items():
            path = self.make("l2", orderings=[([1, 2, 2, 2, 2], ["l2"], {})], references=[([1] * 5, {})])
            with h5py.File(path, "a") as file:
                attributes = dict(file[name].attrs)
                del file[name]
                file[name] = data
                file[name].attrs.update(attributes)
            self.assertIn(f"/{name}: ", self.run_report(path, status=2).stderr)

    def summary(self, *paths):
        """The page's tables, as lists of cells, by the heading before them; one of claims with
        " claims" behind it."""
        tables, heading = {}, ""
        for line in self.run_report("--summary", *paths).stdout.splitlines():
            if line.startswith("#"):
                heading = line.strip("# ")
            elif line.startswith("|"):
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                if cells[1] == "claim":
                    heading += " claims"
                if cells[1] == "comment":
                    heading += " comments"
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
        for i, (job, setting, metric, reported, ours, test, source, trials, speed, time) in enumerate(rows):
            self.assertEqual((job, metric, trials, time), ("l2", "val_accuracy", "3", "34 s"))
            self.assertEqual(setting, "l2 = " + ["1e-06", "5.62e-06", "3.16e-05", "0.000178", "0.001"][i])
            self.assertEqual(reported, ["0.99", "", "0.985", "0.98", "0.97"][i])
            self.assertEqual(source, "" if i == 1 else "Simard \\<2003> & al.")
            mean, deviation = final[i].mean(), final[i].std(ddof=1)
            mark = " ▼" if mean < reference[i] - deviation else ""
            self.assertEqual(ours, f"{mean:.5f} ± {deviation:.5f}{mark}")
            self.assertEqual(test.split(" ± ")[0], f"{tests[i].mean():.5f}")
            expected = np.mean(samples[i] / np.median(seconds[i], -1))
            self.assertEqual(speed, f"{expected:.0f}")
        self.assertEqual([row[4].endswith("▼") for row in rows], [True, False, False, False, False])
        rows = tables["report_b"][2:]
        self.assertEqual([row[0] for row in rows], ["text"] * 7 + ["running"] * 5)
        self.assertEqual(rows[7][1], r"x\|y = a\<b")
        self.assertEqual(rows[7][7], "2 of 3: 1 failed")
        self.assertEqual(rows[11][4:10], ["", "", "", "0 of 3: 3 pending", "", ""])
        runs = tables["Runs"][2:]
        self.assertEqual(runs[0][1], "hinton_l2: a \\<synthetic> job & its results")
        self.assertEqual(runs[2][2], "6 of 15: 6 pending, 1 running, 1 diverged, 1 failed")
        self.assertEqual(runs[0][3:], ["2", "2026-01-31T23:59:00Z", "119 min", "1"])

    def test_summary_of_constant_variables(self):
        """Variables of one value are shown once for each job."""
        path = self.make("text", sweep={"units": ([64.0], "linear"), **make_results.ACTIVATIONS})
        tables = self.summary(path)
        self.assertEqual([row[1] for row in tables["jobs"][2:]],
                         ["activation = relu", "activation = sigmoid", "activation = tanh"])
        self.assertRegex(tables["Runs"][2][1], "; units = 64$")
        text = self.run_report("--summary", path).stdout
        self.assertIn("1. lockstep 0.1.0, Made-up processor, on node01, node02\n", text)

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

    def test_summary_with_figures(self):
        """The figures that jobs describe, as files to which the page refers."""
        described, other = self.make("l2"), self.make("text")
        with h5py.File(described, "a") as file:
            file.attrs["job"] += "figures:\n  - {metric: val_accuracy, x: l2}\n"
        os.mkdir(self.path("pages"))
        self.run_report("--summary", described, other, "-o", self.path("pages/page.md"),
                        "--svg", self.path("pages/figures/"))
        page = self.page(self.path("pages/page.md"))
        self.assertEqual(re.findall(r"(?m)^!\[(.*?)\]\(<(.*?)>\)\n\n(.*)\n", page.replace("\\", "")),
                         [("Final val_accuracy against l2", "figures/l2_val_accuracy_vs_l2.svg",
                           "Final val_accuracy (after the last epoch) against l2. Mean ± 1 standard "
                           "deviation over up to 3 trials, the dots.")])
        self.assertEqual(os.listdir(self.path("pages/figures")), ["l2_val_accuracy_vs_l2.svg"])


if __name__ == "__main__":
    common.main()
