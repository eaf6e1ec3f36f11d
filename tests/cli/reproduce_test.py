"""scripts/reproduce: runs the jobs given, continues after a failure, writes a page.

Usage: reproduce_test.py PATH_TO_LOCKSTEP [unittest options]"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import h5py

LOCKSTEP = os.path.abspath(sys.argv.pop(1))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

JOB = """
name: {name} # a comment
{keys}
dataset: {{name: digits}}
model:
  - flatten
  - dense: {{units: {units}, activation: softmax}}
train:
  epochs: 3
  batch_size: 100
  optimizer: {{sgd: $rate}}
  loss: categorical_crossentropy
sweep: {{rate: {rate}, replicates: 2}}
"""


ANALYSES = """
analysis errors errors "$(model one 2)" --title 'What is wrong' --reference nothing
analysis pixels embed --dataset digits --method pca
analysis wrong embed "$(model one)" --layer none
analysis other errors "$(model other)"
"""


class ReproduceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.makedirs(self.path("some_jobs"))
        self.environment = {**os.environ, "LOCKSTEP_DATA": self.path("data")}
        subprocess.run(
            [LOCKSTEP, "data", "digits", "--train", "3000", "--test", "1500"],
            check=True,
            env=self.environment,
            stdout=subprocess.DEVNULL,
        )

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, units=10, rate="[0.1]", keys=""):
        with open(self.path("some_jobs", name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(JOB.format(name=name, units=units, rate=rate, keys=keys))

    def reproduce(self, *arguments, status=0):
        script = os.path.join(ROOT, "scripts", "reproduce")
        done = subprocess.run(
            [script, "--program", LOCKSTEP, "--ranks", "2", *arguments],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=300,
        )
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def rows(self, heading):
        """The rows of the table below a heading of the page, as cells."""
        with open(self.path("out", "results", "README.md"), encoding="utf-8") as file:
            section = re.split(r"(?m)^## ", file.read())
        table = next(text for text in section if text.startswith(heading + "\n"))
        lines = [line for line in table.splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:]]

    def test_quick(self):
        self.write("a_first", rate="{low: 0.05, high: 0.2}", keys="reference: [0.01, 1]")
        self.write("b_broken", units="none")
        self.write("c_last")
        folder, out = self.path("some_jobs"), self.path("out")
        done = self.reproduce("--quick", "-o", out, folder, status=1)
        self.assertRegex(done.stderr, r"reproduce: 1 failed.*: \S+b_broken.yaml\n\Z")
        self.assertIn("b_broken.yaml:7: model[1].dense.units: found 'none'", done.stderr)
        self.assertEqual(
            sorted(name for name in os.listdir(self.path("out", "results")) if "." in name),
            ["README.md", "a_first.h5", "a_first.status", "c_last.h5", "c_last.status"],
        )
        with h5py.File(self.path("out", "results", "a_first.h5")) as file:
            self.assertEqual(file["loss"].shape, (2, 1, 1))
            self.assertEqual(list(file["train_samples"][()].flat), [2000, 2000])
            accuracy = file["val_accuracy"][:, 0, 0]
        rows = self.rows("some_jobs")
        self.assertEqual(
            [row[:5] for row in rows],
            [
                ["a_first", "rate = low", "val_accuracy", "0.01", f"{accuracy[0]:.4f}"],
                ["a_first", "rate = high", "val_accuracy", "1", f"{accuracy[1]:.4f} ▼"],
                ["c_last", "", "val_accuracy", "", rows[2][4]],
            ],
        )
        self.assertTrue(all(int(row[8]) > 0 for row in rows), "samples per second")

        # Finished jobs are not run again, and a corrected job is added.
        self.write("b_broken")
        again = self.reproduce("--quick", "-o", out, folder)
        self.assertIn("results/a_first.h5: 0 of 2 trials to run", again.stdout)
        self.assertIn("results/b_broken.h5: 1 of 1 trials to run", again.stdout)
        self.assertEqual([row[0] for row in self.rows("some_jobs")][2:], ["b_broken", "c_last"])

    def test_analyses(self):
        """The analyses that a folder lists: made once, made again when the model is newer, each
        independent of the others."""
        self.write("one", rate="[0.1, 0.2]")
        with open(self.path("some_jobs", "analyses.sh"), "w", encoding="utf-8") as file:
            file.write(ANALYSES)
        folder, out = self.path("some_jobs"), self.path("out")
        done = self.reproduce("--quick", "-o", out, folder, status=1)
        self.assertRegex(done.stderr, r"reproduce: 1 failed.*: wrong\n\Z")
        self.assertIn("Not made: there is no results/other/trial_1/last.h5", done.stdout)
        errors = self.path("out", "results", "one", "trial_2", "errors.h5")
        with h5py.File(errors) as file:
            wrong = 1000 - file["confusion"][()].trace()
        with h5py.File(self.path("out", "results", "pixels.h5")) as file:
            self.assertEqual(file["position"].shape, (1, 200, 2))
        with open(self.path("out", "results", "README.md"), encoding="utf-8") as file:
            section = file.read().split("\n## Analyses\n")[1].split("\n## ")[0]
        self.assertEqual(re.findall("(?m)^### (.*)$", section), ["errors: What is wrong",
                         "pixels: Samples projected to two dimensions"])
        self.assertIn(f"Reported: nothing\n\nOurs:\n\n- one rate=0.2 replicate=0: {wrong} of 1000 samples misclassified",
                      section)
        self.assertIn("\nlockstep errors results/one/trial_2/last.h5 --title 'What is wrong'",
                      section)

        before = os.stat(errors).st_mtime_ns
        again = self.reproduce("--quick", "-o", out, folder, status=1)
        self.assertEqual(again.stdout.count("Made before."), 2)
        self.assertEqual(os.stat(errors).st_mtime_ns, before)
        os.utime(self.path("out", "results", "one", "trial_2", "last.h5"))
        again = self.reproduce("--quick", "-o", out, folder, status=1)
        self.assertEqual(again.stdout.count("Made before."), 1)
        self.assertGreater(os.stat(errors).st_mtime_ns, before)

    def test_whole_jobs(self):
        self.write("one")
        job = self.path("some_jobs", "one.yaml")
        self.reproduce("-o", self.path("out"), "--set", "train.seed=4", job)
        with h5py.File(self.path("out", "results", "one.h5")) as file:
            self.assertEqual(list(file["seed"][()].flat), [4, 5])
            self.assertEqual(set(file["epochs_run"][()].flat), {3})
        self.assertEqual(self.rows("Runs")[0][2:4], ["2", "2"])

    def test_refused(self):
        for arguments, says in {
            ("--qick",): "unknown option '--qick'",
            ("jobs/nothing.yaml",): "no job 'jobs/nothing.yaml'",
            (self.folder,): "no job '",
        }.items():
            with self.subTest(arguments):
                self.assertIn(says, self.reproduce(*arguments, status=1).stderr)


if __name__ == "__main__":
    unittest.main()
