"""A sweep in slices: each run takes a part of the trials, and their merged results are those of a
single run."""

import os

import h5py
import numpy as np

import common
from common import dense, make_job


def sweep_job(**keys):
    return make_job(
        model=["flatten", dense(8, activation="$activation"), dense(10, activation="softmax")],
        train={"shards": 2, "epochs": 2},
        sweep={"activation": ["relu", "tanh", "linear"], "replicates": 2, "ranks_per_trial": 1},
        **keys)


class SlicesTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_job(sweep_job())

    def run_slice(self, slice_, ranks=None, status=0, arguments=()):
        return self.lockstep("run", "job.yaml", "-o", "sweep.h5", "--slice", slice_, *arguments,
                             ranks=ranks, status=status)

    def merge(self, status=0, ranks=None):
        return self.lockstep("run", "job.yaml", "-o", "sweep.h5", "--merge", ranks=ranks,
                             status=status)

    def states(self, name):
        return common.states(common.read(self.path(name)))

    def test_all_slices(self):
        self.run_slice("1/4")
        self.run_slice("2/4", ranks=2)
        self.assertFalse(os.path.exists(self.path("sweep.h5")))
        self.assertEqual(self.states("sweep/slice_2_of_4.h5"),
                         ["pending", "done", "pending", "pending", "pending", "done"])
        self.assertEqual(self.merge().stdout, "sweep.h5: 4 of 6 trials done, 2 to go in 2 slices\n")
        self.assertEqual(self.states("sweep.h5"), ["done"] * 2 + ["pending"] * 2 + ["done"] * 2)
        said = self.run_slice("3/4", arguments=["--progress", "lines"]).stdout
        self.assertIn("sweep.h5: 1 of 1 trials to run\n", said.replace("sweep/slice_3_of_4", "sweep"))
        self.assertIn("trial=3/6 activation=tanh replicate=0 status=done", said)
        self.run_slice("4/4")
        self.assertEqual(self.merge(ranks=2).stdout, "sweep.h5: 6 of 6 trials done in 4 slices\n")
        self.assertEqual(common.differing(common.read(self.path("sweep.h5")),
                                          self.run_job(sweep_job())), [])
        for trial in range(1, 7):
            self.assertTrue(os.path.exists(self.path(f"sweep/trial_{trial}/best.h5")))
        with h5py.File(self.path("sweep.h5")) as file:
            lines = file.attrs["history"].split("\n")
        self.assertEqual(len(lines), 3)  # created, merged, merged
        self.assertIn("4 slices merged by lockstep run job.yaml -o sweep.h5 --merge", lines[2])
        self.assertIn("6 of 6 trials", self.lockstep("run", "job.yaml", "-o", "sweep.h5").stdout)
        self.lockstep("report", "sweep.h5")

    def test_single_trial(self):
        self.write_job(make_job())
        self.run_slice("1/1")
        self.merge()
        self.assertEqual(common.differing(common.read(self.path("sweep.h5")),
                                          self.run_job(make_job())), [])

    def test_continued_by_a_run(self):
        """The remaining trials are run by a run of the whole job, and not undone by another
        merge."""
        self.run_slice("1/2")
        self.merge()
        said = self.lockstep("run", "job.yaml", "-o", "sweep.h5").stdout
        self.assertIn("sweep.h5: 3 of 6 trials to run\n", said)
        before = common.read(self.path("sweep.h5"))
        self.merge()
        self.assertEqual(common.differing(common.read(self.path("sweep.h5")), before), [])
        np.testing.assert_array_equal(common.read(self.path("sweep.h5"))["trial_seconds"],
                                      before["trial_seconds"])

    def test_refused(self):
        said = self.merge(status=2).stderr
        self.assertEqual(said, "lockstep: sweep: has no slices (expected slice_1_of_N.h5 and so on "
                               "there)\n")
        for bad in ("0/2", "3/2", "1", "1/2x", "-1/2", "a/b", "1/0"):
            with self.subTest(bad):
                said = self.run_slice(bad, status=2).stderr
                self.assertIn(f"--slice: '{bad}' (expected I/N, such as 1/4 to 4/4)", said)
        self.run_slice("1/2")
        self.write_job(sweep_job(name="other"))
        self.assertIn("sweep/slice_1_of_2.h5: holds the results of another job: "
                      'name: "small" in the file, "other" in the job (expected the same job, ',
                      self.merge(status=2).stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["job.yaml", "sweep"])

    def test_in_use(self):
        self.run_slice("1/2")
        with open(self.path("sweep.h5.lock"), "w", encoding="utf-8") as file:
            file.write("host elsewhere process 5 start 6 since 2026-01-31T12:34:56Z\n")
        self.assertIn("sweep.h5: is in use by process 5 on elsewhere", self.merge(status=2).stderr)
        self.assertFalse(os.path.exists(self.path("sweep.h5")))

    def test_into_a_link(self):
        """The target of a symbolic link is replaced, not the link."""
        self.run_slice("1/2")
        os.mkdir(self.path("there"))
        os.symlink("there/merged.h5", self.path("sweep.h5"))
        for _ in range(2):
            self.merge()
            self.assertTrue(os.path.islink(self.path("sweep.h5")))
        self.assertEqual(os.listdir(self.path("there")), ["merged.h5"])

    def test_damaged(self):
        """A slice that cannot be read leaves the old file unchanged."""
        self.run_slice("1/2")
        self.merge()
        with open(self.path("sweep.h5"), "rb") as file:
            before = file.read()
        with open(self.path("sweep/slice_2_of_2.h5"), "wb") as file:
            file.write(before[:1000])
        self.assertIn("slice_2_of_2.h5: cannot open as HDF5", self.merge(status=2).stderr)
        with open(self.path("sweep.h5"), "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(sorted(os.listdir(self.folder)), ["job.yaml", "sweep", "sweep.h5"])


if __name__ == "__main__":
    common.main()
