"""Results, models and folders that others have prepared: nothing outside of them is read, and nothing
is written through links."""

import os
import shutil
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import integers
from common import dense, make_job

RESULTS = "results/small.h5"
MODEL = "results/small/trial_1/last.h5"
SECRET = b"a line that others must not see\n" * 512


class HostileFilesTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.lockstep("data", "digits", "--train", "300", "--test", "50", "-o", "digits.h5")
        self.write_job(make_job(name="small", dataset={"file": self.path("digits.h5")},
                                model=["flatten", dense(10, activation="softmax")],
                                train={"epochs": 2, "batch_size": 100, "shards": 2},
                                sweep={"replicates": 2}))
        with open(self.path("victim"), "wb") as file:
            file.write(SECRET)

    def train(self):
        self.lockstep("run", "job.yaml", "--progress", "none")

    def refuse(self, expected, *arguments, status=2):
        said = self.lockstep(*arguments, status=status, seconds=30).stderr
        self.assertIn(expected, said)
        self.assertNotIn("others must not see", said)
        with open(self.path("victim"), "rb") as file:
            self.assertEqual(file.read(), SECRET)

    # ---- Objects outside of the file -------------------------------------------------------------

    def outside(self, path, name, kind):
        """Replaces a dataset by one of the same shape whose data are in another file."""
        with h5py.File(self.path(path), "a") as file:
            old = file[name]
            shape, dtype, attributes = old.shape, old.dtype, dict(old.attrs)
            del file[name]
            if kind == "link":
                file[name] = h5py.ExternalLink(self.path("other.h5"), "x")
                return
            if kind == "external":
                size = int(np.prod(shape)) * dtype.itemsize
                new = file.create_dataset(name, shape, dtype,
                                          external=[(self.path("victim"), 0, size)])
            else:
                layout = h5py.VirtualLayout(shape, dtype)
                layout[...] = h5py.VirtualSource(self.path("other.h5"), "x", shape, dtype)
                new = file.create_virtual_dataset(name, layout)
            for key in ("units", "long_name"):
                if key in attributes:
                    new.attrs[key] = attributes[key]

    KINDS = {"link": "is a link to x in another file", "external": "has its data in another file",
             "virtual": "is a virtual dataset over"}

    def test_results(self):
        self.train()
        shutil.copy(self.path(RESULTS), self.path("kept.h5"))
        for kind, says in self.KINDS.items():
            for name in ("loss", "status"):
                with self.subTest(kind=kind, name=name):
                    shutil.copy(self.path("kept.h5"), self.path(RESULTS))
                    self.outside(RESULTS, name, kind)
                    self.refuse(f"/{name}: {says}", "report", RESULTS)
                    if name == "status":
                        self.refuse(f"/{name}: {says}", "run", "job.yaml")

    def test_continued(self):
        """A trial is left to be run, in a file whose values would be written to another."""
        self.train()
        self.outside(RESULTS, "loss", "external")
        with h5py.File(self.path(RESULTS), "a") as file:
            file["status"][...] = 0
        shutil.rmtree(self.path("results/small"))
        self.refuse("/loss: has its data in another file", "run", "job.yaml", status=(1, 2))

    def test_model(self):
        self.train()
        shutil.copy(self.path(MODEL), self.path("kept.h5"))
        with h5py.File(self.path(MODEL)) as file:
            names = []
            file["model_weights"].visititems(
                lambda name, item: names.append(name) if name.endswith("kernel:0") else None)
        for kind in self.KINDS:
            with self.subTest(kind=kind):
                shutil.copy(self.path("kept.h5"), self.path("model.h5"))
                self.outside("model.h5", "model_weights/" + names[0], kind)
                self.refuse(self.KINDS[kind], "eval", "model.h5", "--dataset", "digits.h5")

    def test_progress(self):
        """Checkpoints with valid checksums, of moments that the trial has not."""
        self.lockstep("run", "job.yaml", "--checkpoint-every", "1steps")
        shutil.copytree(self.path("results"), self.path("kept"))
        for name, value, says in (("stopping_best_epoch", 3, "its best epoch is 3 (expected at "
                                                             "most 2)"),
                                  ("step", 4, "is of step 4 (expected at most 3)"),
                                  ("epoch", 3, "is of epoch 3 (expected at most 2)"),
                                  ("ended", 6, "its 'ended' is 6 (expected")):
            with self.subTest(name):
                shutil.rmtree(self.path("results"))
                shutil.copytree(self.path("kept"), self.path("results"))
                with h5py.File(self.path(RESULTS), "a") as file:
                    file["status"][...] = 1
                if name == "step":  # a checkpoint within an epoch
                    shutil.copy(self.path(MODEL.replace("last", "previous")), self.path(MODEL))
                with h5py.File(self.path(MODEL), "a") as file:
                    attributes = file["lockstep"].attrs
                    self.assertEqual(attributes["step"] > 0, name == "step")
                    attributes.modify(name, value)
                integers.seal(self.path(MODEL))
                said = self.lockstep("run", "job.yaml", status=(0, 1)).stderr
                self.assertIn(f"warning: {MODEL}: {says}", said)

    # ---- Links and FIFOs in folders --------------------------------------------------------------

    def test_leftovers(self):
        """Links where unfinished files are written."""
        os.makedirs(self.path("results/small"))
        for name in (RESULTS + ".new", "results/small/owner.new"):
            os.symlink(self.path("victim"), self.path(name))
        self.train()
        self.refuse("", "report", RESULTS, status=0)

    def test_links_in_the_folder_of_a_trial(self):
        """A trial that resumes, with links in the place of its next files."""
        self.train()
        with h5py.File(self.path(RESULTS), "a") as file:
            file["status"][...] = 1
        for name in (RESULTS + ".new", MODEL + ".new", "results/small/trial_1/best.h5.new",
                     "results/small/owner.new"):
            os.symlink(self.path("victim"), self.path(name))
        self.train()
        self.refuse("", "run", "job.yaml", status=0)

    def test_link_to_a_folder(self):
        os.makedirs(self.path("elsewhere"))
        self.train()
        shutil.rmtree(self.path("results/small/trial_1"))
        with h5py.File(self.path(RESULTS), "a") as file:
            file["status"][...] = 0
        os.symlink(self.path("elsewhere"), self.path("results/small/trial_1"))
        self.refuse("results/small/trial_1: is a symbolic link (expected a folder)", "run",
                    "job.yaml", status=1)
        self.assertEqual(os.listdir(self.path("elsewhere")), [])

    def test_folder_within_itself(self):
        self.train()
        os.symlink(".", self.path("results/small/trial_1/trial_1"))
        os.symlink("..", self.path("results/small/trial_1/trial_2"))
        self.lockstep("report", RESULTS, seconds=30)

    def test_fifos(self):
        self.train()
        shutil.copytree(self.path("results"), self.path("kept"))
        cases = {RESULTS: [("report", RESULTS), ("run", "job.yaml"), ("run", "job.yaml", "--merge")],
                 RESULTS + ".lock": [("run", "job.yaml")],
                 "results/small/owner": [("run", "job.yaml")],
                 "results/small/errors.h5": [("report", RESULTS)],
                 MODEL: [("eval", MODEL), ("errors", MODEL), ("run", "job.yaml")],
                 "results/small/slice_1_of_2.h5": [("run", "job.yaml", "--merge")]}
        for name, commands in cases.items():
            for command in commands:
                with self.subTest(name, command=command):
                    shutil.rmtree(self.path("results"))
                    shutil.copytree(self.path("kept"), self.path("results"))
                    if os.path.exists(self.path(name)):
                        os.remove(self.path(name))
                    os.mkfifo(self.path(name))
                    if name == MODEL:
                        with h5py.File(self.path(RESULTS), "a") as file:
                            file["status"][...] = 1
                    self.lockstep(*command, status=(0, 1, 2), seconds=30)


if __name__ == "__main__":
    common.main()
