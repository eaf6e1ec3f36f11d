"""Validation by groups: from a column of a CSV file to folds and fractions; what is refused.

Usage: group_validation_test.py PATH_TO_LOCKSTEP. Needs no network."""

import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

PATIENTS = ["Ann", "Bob", "Cem", "Dan", "Eva", "Fay"]


class GroupValidationTest(common.ProgramTest):
    """The input of a sample is its patient: a model that has seen no sample of a patient in training
    cannot know what it answers."""

    def setUp(self):
        super().setUp()
        self.patients = np.random.default_rng(1).integers(0, 6, 80)
        with open(self.path("visits.csv"), "w", encoding="utf-8") as file:
            file.write("age,patient,sick\n")
            for i, patient in enumerate(self.patients):
                file.write(f"{i % 7},{PATIENTS[patient]},{i % 2}\n")

    def convert(self, *arguments):
        self.lockstep("data", "visits.csv", "-o", "visits.h5", "--target", "sick", "--group",
                      "patient", *arguments)

    def job(self, validation, **sweep):
        job = make_job(model=[dense(2, activation="softmax")],
                       dataset={"file": self.path("visits.h5"), "validation": validation})
        job["train"]["epochs"] = 1
        return {**job, "sweep": sweep} if sweep else job

    def check(self, job, status=0):
        return self.lockstep("check", self.write_job(job), status=status)

    def test_column(self):
        """The dataset has the groups, with or without samples for testing."""
        self.convert()
        with h5py.File(self.path("visits.h5"), "r") as file:
            group = file["train/group"]
            self.assertEqual(group.attrs["column"], "patient")
            names = group.attrs["class_names"].astype(str)
            self.assertEqual([PATIENTS[p] for p in self.patients], list(names[group[:]]))
            self.assertEqual(list(file["train/x"].attrs["feature_names"].astype(str)), ["age"])
            self.assertNotIn("test", file)
        self.convert("--test", "0.3", "--force")
        with h5py.File(self.path("visits.h5"), "r") as file:
            self.assertLess(len(file["train/group"]), 80)
            self.assertNotIn("test/group", file)
            self.assertEqual(len(file["train/group"]), len(file["train/y"]))

    def test_names(self):
        """By the name of the column, of a member of /train, and without a name."""
        self.convert()
        with h5py.File(self.path("visits.h5"), "a") as file:
            file["train/ward"] = self.patients % 3
        results = {}
        for name in ("patient", "group", "ward"):
            results[name] = self.run_job(self.job({"group": name}), ranks=None)
        results[""] = self.run_job(self.job("group"), ranks=None)
        for name in ("patient", ""):
            self.assertEqual(results[name]["weights_hash"], results["group"]["weights_hash"])
        self.assertNotEqual(results["ward"]["weights_hash"], results["group"]["weights_hash"])

    def test_folds(self):
        """All samples of a patient are validated in the same fold; ranks do not matter."""
        self.convert()
        for stratified in (False, True):
            job = self.job({"group": {"group": "patient", "stratified": stratified}}, folds=3)
            fields = self.run_job(job, ranks=2)
            self.assertEqual(common.differing(fields, self.run_job(job, ranks=None)), [])
            self.assertEqual(fields["val_loss"].shape[0], 3)

    def test_other_groups(self):
        """A file whose groups have changed does not continue the results."""
        self.convert()
        job = self.job({"group": "patient"})
        self.lockstep("run", self.write_job(job), "-o", "r.h5", "--progress", "none")
        with h5py.File(self.path("visits.h5"), "a") as file:
            file["train/group"][0] = (file["train/group"][0] + 1) % 6
        job["title"] = "Again"
        done = self.lockstep("run", self.write_job(job), "-o", "r.h5", status=2)
        self.assertIn("/train:group patient", done.stderr)

    def test_refused(self):
        self.convert()
        with h5py.File(self.path("visits.h5"), "a") as file:
            file["train/one"] = np.zeros(80, "i4")
            file["train/short"] = np.zeros(79, "i4")
            file["train/real"] = np.zeros(80, "f4")
        cases = [
            ({"group": "nurse"}, {}, "has no member /train/nurse, and no /train/group of that "
             "column (expected one, as lockstep data --group writes it)"),
            ({"group": "short"}, {}, "/train/short: is"),
            ({"group": "real"}, {}, "(expected an integer for each of the 80 samples)"),
            ({"group": "../test/x"}, {}, "has no member"),
            ({"group": "one"}, {}, "the samples have 1 group (expected at least 2)"),
            ({"group": "patient"}, {"folds": 7}, "the samples have 6 groups (expected at least 7)"),
            ({"group": {"group": "patient", "fraction": 0.3}}, {"folds": 2},
             "dataset.validation: fraction is not used with sweep.folds"),
            ({"group": {"group": "patient", "stratified": True}}, {},
             "dataset.validation: stratified needs sweep.folds"),
            ("test", {"folds": 2}, "(expected dataset.validation: folds or group)")]
        for validation, sweep, message in cases:
            with self.subTest(message):
                self.assertIn(message, self.check(self.job(validation, **sweep), 2).stderr)


if __name__ == "__main__":
    common.main()
