"""Successive halving and Hyperband: which points are promoted is a function of the job alone, on any
number of ranks, after kills; trials have the bits of ones that never paused."""

import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time

import h5py
import numpy as np

import common
from common import dense, make_job
from kills import ranks_of

RATES = [1e-4, 0.3, 1e-3, 0.1, 1e-2, 0.03, 3e-4, 3e-3, 1e-5]


def search_job(search="successive_halving", **changes):
    train = {"epochs": 9, "shards": 2, "batch_size": 200,
             "optimizer": {"sgd": {"learning_rate": {"cosine_decay": "$rate"}}}}
    return make_job(model=["flatten", dense(8, activation="relu"), dense(10, activation="softmax")],
                    train={**train, **changes.pop("train", {})},
                    sweep={"rate": RATES, "replicates": 2, **changes.pop("sweep", {})},
                    search=search, **changes)


def decisions(path):
    """The datasets of the search."""
    with h5py.File(path) as file:
        return {name: item[()] for name, item in file["search"].items()}


class SearchTest(common.ProgramTest):
    kept = None  # fields of the results and of the search, of the first run of search_job()

    def reference(self):
        if not SearchTest.kept:
            SearchTest.kept = self.run_search(search_job())
        return SearchTest.kept

    def run_search(self, job, *arguments, **options):
        """The fields of the results and of the search."""
        fields = self.run_job(job, *arguments, **options)
        self.check_status(fields["status"].size)
        return fields, decisions(self.path(f"{self.runs}.h5"))

    def check_status(self, trials):
        """At the end of a run all trials are finished, also those that are trained no further."""
        with open(self.path(f"{self.runs}.status"), encoding="utf-8") as file:
            status = json.load(file)
        self.assertEqual((status["finished"], status["trials"], status["fraction"]),
                         (trials, trials, 1))

    def check_same(self, one, other):
        self.assertEqual(common.differing(one[0], other[0]), [])
        self.assertEqual(common.differing(one[1], other[1]), [])

    def test_decisions(self):
        """The means over replicates decide, and the promoted trials have the bits of ones that are
        trained without a search."""
        fields, search = self.reference()
        whole = self.run_job(make_job(**{key: value for key, value in search_job().items()
                                         if key != "search"}))
        self.assertEqual(list(search["rung"]), [1, 3, 9])
        alive = np.arange(9)
        for rung, (epochs, places) in enumerate([(1, 3), (3, 1), (9, 0)]):
            means = whole["val_accuracy"][alive, :, epochs - 1].mean(1)
            order = alive[np.lexsort((alive, -means))]
            np.testing.assert_allclose(search["value"][alive, rung], means)
            np.testing.assert_array_equal(search["rank"][order, rung], np.arange(1, len(alive) + 1))
            np.testing.assert_array_equal(search["compared"][alive, rung], len(alive))
            np.testing.assert_allclose(search["threshold"][alive, rung],
                                       np.sort(means)[::-1][places - 1] if places else np.nan)
            np.testing.assert_array_equal(search["decision"][order[:places], rung], 1)
            np.testing.assert_array_equal(search["decision"][order[places:], rung],
                                          2 if epochs < 9 else 3)
            alive = np.sort(order[:places]) if places else alive
        states = np.array(common.states(fields)).reshape(9, 2)
        self.assertTrue((states[alive] == "done").all())
        self.assertEqual((states == "pruned").sum(), 16)
        np.testing.assert_array_equal(fields["weights_hash"][alive], whole["weights_hash"][alive])
        for curve in ("loss", "val_accuracy", "learning_rate"):
            known = ~np.isnan(fields[curve])
            self.assertEqual(known.sum(), 2 * (6 * 1 + 2 * 3 + 9))
            np.testing.assert_array_equal(fields[curve][known], whole[curve][known])

    def test_any_ranks(self):
        """The same decisions and the same bits, also in larger groups of ranks."""
        reference = self.reference()
        for ranks, each in ((2, "auto"), (3, 1), (4, 2)):
            with self.subTest(ranks=ranks, each=each):
                self.check_same(reference, self.run_search(
                    search_job(sweep={"ranks_per_trial": each}), "--spread", "always",
                    ranks=ranks))

    def hold(self, job, output):
        """Starts the job on two ranks, of which the second one is stopped soon, in a trial of the
        first rung; returns the process and a function that lets the rank continue."""
        process = self.start("run", job, "-o", output, "--spread", "never", "--progress", "lines",
                             ranks=2)
        for _ in range(5):
            process.stdout.readline()
        held = ranks_of(process)[1]
        os.kill(held, signal.SIGSTOP)
        limit = threading.Timer(60, process.kill) # in case the other rank waits
        limit.start()

        def release():
            limit.cancel()
            os.kill(held, signal.SIGCONT)
        return process, release

    def test_promoted_before_the_rung_is_complete(self):
        """While a group has a trial of a rung, the other one continues with those that are promoted
        whatever the score of this one will be."""
        process, release = self.hold(self.write_job(search_job()), "held.h5")
        line = next((line for line in process.stdout if " epoch=2/9 " in line), None)
        release()
        process.communicate()
        self.assertTrue(line)
        self.assertEqual(process.returncode, 0)
        self.check_same(self.reference(), (common.read(self.path("held.h5")),
                                           decisions(self.path("held.h5"))))

    def test_stop_while_waiting(self):
        """A group that waits for a promoted trial ends on request."""
        job = self.write_job(search_job())
        process, release = self.hold(job, "stopped.h5")
        rank = ranks_of(process)[0]
        ends = list(itertools.islice((line for line in process.stdout if " epoch=3/9 " in line), 4))
        time.sleep(1) # it waits for the rank that is stopped
        os.kill(rank, signal.SIGTERM)
        release()
        process.communicate()
        self.assertEqual(len(ends), 4)
        self.assertEqual(process.returncode, 75)
        self.lockstep("run", job, "-o", "stopped.h5", ranks=2)
        self.check_same(self.reference(), (common.read(self.path("stopped.h5")),
                                           decisions(self.path("stopped.h5"))))

    def test_kills(self):
        """Killed at several moments and run again, it comes to the same decisions."""
        reference = self.reference()
        job = self.write_job(search_job())
        for lines in (3, 8, 14, 30):
            process = self.start("run", job, "-o", "killed.h5", "--checkpoint-every", "1epoch",
                                 "--progress", "lines", ranks=2)
            for _ in range(lines):
                process.stdout.readline()
            for rank in ranks_of(process).values():
                os.kill(rank, signal.SIGKILL)
            process.communicate()
        self.lockstep("run", job, "-o", "killed.h5", ranks=2)
        fields = common.read(self.path("killed.h5"))
        self.check_same(reference, (fields, decisions(self.path("killed.h5"))))
        text = self.lockstep("run", job, "-o", "killed.h5").stdout
        self.assertIn("2 of 18 trials done (18 before), 16 pruned", text)
        with h5py.File(self.path("killed.h5"), "r+") as file: # killed before these were recorded
            states = file["status"][()]
            file["status"][()] = np.where(states == common.STATES.index("pruned"), 0, states)
        text = self.lockstep("run", job, "-o", "killed.h5", ranks=2).stdout
        self.assertIn("2 of 18 trials done (2 before), 16 pruned", text)

    def test_hyperband(self):
        """Brackets begin at later rungs; trials of one that fail are never promoted."""
        job = search_job({"hyperband": {"min_epochs": 1, "reduction_factor": 3}})
        fields, search = self.run_search(job)
        self.assertEqual(list(search["bracket"]), [0] * 5 + [1] * 2 + [2] * 2)
        epochs = fields["epochs_run"].max(1)
        self.assertEqual(sorted(epochs[:5]), [1, 1, 1, 1, 9])
        self.assertEqual(sorted(epochs[5:7]), [3, 9])
        self.assertEqual(list(epochs[7:]), [9, 9])
        self.check_same((fields, search), self.run_search(job, ranks=2))

    def test_median_rule(self):
        """Points are trained while they reach the median of the first ones."""
        job = search_job({"median_stopping": {"startup_points": 3, "interval": 4}})
        fields, search = self.run_search(job)
        self.assertEqual(list(search["rung"]), [1, 5, 9])
        means = fields["val_accuracy"].mean(1)
        alive = np.arange(9)
        for rung, epoch in enumerate([1, 5]):
            median = np.median(means[:3, epoch - 1])
            np.testing.assert_allclose(search["threshold"][alive, rung], median)
            kept = (means[alive, epoch - 1] >= median) | (alive < 3)
            np.testing.assert_array_equal(search["decision"][alive, rung], np.where(kept, 1, 2))
            alive = alive[kept]
        self.assertTrue((fields["epochs_run"][alive] == 9).all())
        self.assertLess(len(alive), 9)
        self.check_same((fields, search), self.run_search(job, ranks=3))

    def test_diverging(self):
        """A point with a trial that diverges is pruned."""
        job = search_job(sweep={"rate": [0.1, 1e30, 0.03]}, train={"epochs": 3})
        job["search"] = {"successive_halving": {"reduction_factor": 2}}
        fields, search = self.run_search(job, status=1)
        self.assertEqual(common.states(fields)[2:4], ["diverged"] * 2)
        self.assertTrue(np.isnan(search["value"][1, 0]))
        self.assertEqual(list(search["decision"][1]), [2, 0, 0])
        self.assertEqual(search["rank"][1, 0], 3)

    def test_page(self):
        """docs/search.md does what it says."""
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/search.md")
        with open(page, encoding="utf-8") as file:
            blocks = re.findall(r"^```(\w*)\n(.*?)^```$", file.read(), re.M | re.S)
        job, part = [text for kind, text in blocks if kind == "yaml"]
        refused, printed = [" ".join(text.split()) for kind, text in blocks if not kind]
        code, = [text for kind, text in blocks if kind == "python"]
        beginning, sweep = job.split("sweep:\n")
        own = f"dataset: {{file: {common.digits()}, validation: 0.2}}\n"
        beginning = re.sub(r"^dataset:.*\n", own, beginning, flags=re.M)
        with open(self.path("job.yaml"), "w", encoding="utf-8") as file:
            file.write(f"{beginning}sweep:\n{sweep}")
        self.assertIn(printed, " ".join(self.lockstep("check", "job.yaml").stdout.split()))
        self.lockstep("run", "job.yaml", "--set", "sweep.count=4", "--set", "sweep.units=20",
                      "--set", "train.epochs=2")
        python = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True,
                                **self.options())
        self.assertEqual(python.returncode, 0, python.stderr)
        self.assertRegex(python.stdout, r"(?s)final_val_accuracy.*\[\[[12] [03]\]")
        beginning = re.sub(r"^  - dense.*\n  - dense.*\n", "  - sequential: $hidden\n", beginning,
                           flags=re.M)
        beginning = beginning.replace("$momentum", "0").replace("128", "$batch")
        with open(self.path("part.yaml"), "w", encoding="utf-8") as file:
            file.write(beginning + part)
        text = self.lockstep("check", "part.yaml").stdout
        self.assertEqual(len(re.findall(r"^ +\d+  batch=\d+ rate=\S+ hidden=", text, re.M)), 12)
        with open(self.path("part.yaml"), "w", encoding="utf-8") as file:
            file.write(beginning + re.sub(r"units_2: .*", "units_2: [32, 128]", part))
        message = self.lockstep("check", "part.yaml", status=2).stderr
        self.assertIn(refused.split(": ", 2)[2], message)

    def test_messages(self):
        """What is decided is printed; check prints what is to be trained; the report has the point
        that is left."""
        job = self.write_job(search_job())
        text = self.lockstep("run", job, "-o", "a.h5", ranks=2).stdout
        lines = re.findall(r"^search: .*", text, re.M)
        self.assertRegex(lines[0], r"after 1 epochs 3 of 9 points promoted, best of 9: rate=\S+: "
                                   r"val_accuracy=0\.\d+$")
        self.assertRegex(lines[2], r"after 9 epochs best of 1: rate=")
        self.assertIn("2 of 18 trials done, 16 pruned", text)
        check = self.lockstep("check", job).stdout
        self.assertIn("search: 9 points up to epoch 1, 3 up to 3, 1 up to 9\n"
                      "search: 25.9 % of the epochs of all trials\n", check)
        report = self.lockstep("report", "a.h5").stdout
        self.assertIn("2 done, 16 pruned", report)
        refused = self.lockstep("run", job, "-o", "b.h5", "--slice", "1/2", status=2).stderr
        self.assertIn("search: can't be run in slices, as it compares all points", refused)
        refused = self.lockstep("check", job, "--set", "train.epochs=$rate", "--set",
                                "sweep.rate=[4, 5]", status=2).stderr
        self.assertIn("search: its arguments and train.epochs must be the same in all trials",
                      refused)


if __name__ == "__main__":
    common.main()
