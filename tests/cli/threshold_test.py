"""Decision thresholds: the best one of the validation samples is in the model files; predict and
eval decide by it.

Usage: threshold_test.py PATH_TO_LOCKSTEP. Needs no network."""

import csv
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

HEADS = {"one": (dense(1, activation="sigmoid"), "binary_crossentropy"),
         "two": (dense(2, activation="softmax"), "categorical_crossentropy")}


def f1(y, chosen):
    return 2 * np.sum(chosen & (y == 1)) / (np.sum(chosen) + np.sum(y == 1))


class ThresholdTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(7)
        with h5py.File(self.path("rare.h5"), "w") as file:
            for part, n in (("train", 400), ("test", 300)):
                y = (random.uniform(size=n) < 0.1).astype("i4")
                file[f"{part}/x"] = random.normal(size=(n, 4)) + 0.9 * y[:, None]
                file[f"{part}/y"] = y

    def job(self, head="one", **train):
        layer, loss = HEADS[head]
        job = make_job(model=[layer], dataset={"file": self.path("rare.h5")})
        job["train"] = {"epochs": 6, "batch_size": 32, "shards": 4, "loss": loss,
                        "optimizer": {"adam": {"learning_rate": 0.05}}, "metrics": ["accuracy"],
                        "tune_threshold": "f1", **train}
        return job

    def probabilities(self, model):
        self.lockstep("predict", model, self.path("rare.h5"), "-o", "p.csv")
        with open(self.path("p.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return (np.array([float(row["p_1"]) for row in rows]),
                np.array([int(row["class"]) for row in rows]))

    def threshold(self, model):
        with h5py.File(model, "r") as file:
            return file["lockstep/outputs/1"].attrs["threshold"]

    def check_file(self, model):
        """The threshold is the lowest with the best f1, and decides."""
        p, predicted = self.probabilities(model)
        with h5py.File(self.path("rare.h5"), "r") as file:
            y = file["test/y"][:]
        scores = [f1(y, p > k / 1000) for k in range(1000)]
        threshold = self.threshold(model)
        self.assertAlmostEqual(threshold, np.argmax(scores) / 1000)
        self.assertNotEqual(threshold, 0.5)
        np.testing.assert_array_equal(predicted, p > np.float32(threshold))
        self.lockstep("eval", model, "-o", "e.h5")
        with h5py.File(self.path("e.h5"), "r") as file:
            np.testing.assert_array_equal(file["predicted"][0], predicted)
            self.assertAlmostEqual(file["f1"][0][1], max(scores), places=6)

    def test_best_of_validation(self):
        for head in HEADS:
            with self.subTest(head):
                self.run_job(self.job(head), ranks=None)
                for name in ("last", "best"):
                    self.check_file(self.path(f"{self.runs}/trial_1/{name}.h5"))

    def test_best_restored(self):
        job = self.job(early_stopping={"patience": 9, "restore_best_weights": True},
                       optimizer={"adam": {"learning_rate": 0.5}})
        self.run_job(job, ranks=None)
        for name in ("last", "best"):
            self.check_file(self.path(f"1/trial_1/{name}.h5"))

    def test_ranks(self):
        """The same threshold and results on any number of ranks; results without it are the same,
        too."""
        one = self.run_job(self.job(), ranks=None)
        for ranks in (2, 3):
            self.assertEqual(common.differing(one, self.run_job(self.job(), ranks=ranks)), [])
            self.assertEqual(self.threshold(self.path(f"{self.runs}/trial_1/last.h5")),
                             self.threshold(self.path("1/trial_1/last.h5")))
        plain = self.run_job(self.job(tune_threshold=None), ranks=2)
        self.assertEqual(common.differing(one, plain), [])
        self.assertEqual(self.threshold(self.path(f"{self.runs}/trial_1/last.h5")), 0.5)

    def test_ensemble(self):
        """The mean of the probabilities against the mean of the thresholds."""
        self.run_job({**self.job(), "sweep": {"replicates": 2}}, ranks=None)
        models = [self.path(f"1/trial_{k}/last.h5") for k in (1, 2)]
        self.lockstep("predict", *models, self.path("rare.h5"), "-o", "p.csv")
        with open(self.path("p.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        threshold = np.mean([self.threshold(model) for model in models])
        for row in rows:
            if abs(float(row["p_1"]) - threshold) > 1e-6:
                self.assertEqual(int(row["class"]), float(row["p_1"]) > threshold)

    def test_refused(self):
        job = self.job("two")
        job["dataset"] = {"file": common.digits()}
        job["model"] = ["flatten", dense(10, activation="softmax")]
        done = self.lockstep("check", self.write_job(job), status=2)
        self.assertIn("or up to 4096 labels with binary_crossentropy, but y has more classes", done.stderr)
        job = self.job(loss="mean_squared_error", target="input", metrics=[])
        job["model"] = [dense(4)]
        done = self.lockstep("check", self.write_job(job), status=2)
        self.assertIn("with binary_crossentropy, but input has other values", done.stderr)

    def make_labels(self):
        """Three labels of different frequency; the first columns of x hint at them."""
        random = np.random.default_rng(11)
        with h5py.File(self.path("labels.h5"), "w") as file:
            for part, n in (("train", 400), ("test", 300)):
                y = random.uniform(size=(n, 3)) < [0.1, 0.3, 0.7]
                file[f"{part}/x"] = random.normal(size=(n, 4)) + 0.8 * np.pad(y, ((0, 0), (0, 1)))
                file[f"{part}/y"] = y.astype("i1")
                file[f"{part}/y"].attrs["value_names"] = ["red", "round", "big"]

    def labels_job(self, **keys):
        job = self.job(metrics=["f1"])
        job["dataset"]["file"] = self.path("labels.h5")
        job["model"] = [dense(3, activation="sigmoid")]
        return {**job, **keys}

    def test_labels(self):
        """One threshold for each label, by which predict decides: the lowest with the best f1."""
        self.make_labels()
        self.run_job(self.labels_job(), ranks=None)
        self.run_job(self.labels_job(), ranks=3)
        for name in ("last", "best"):
            model = self.path(f"1/trial_1/{name}.h5")
            self.lockstep("predict", model, self.path("labels.h5"), "-o", f"{name}.h5")
            with h5py.File(self.path("labels.h5")) as file:
                y = file["test/y"][:]
            with h5py.File(self.path(f"{name}.h5")) as file:
                p, label = file["y"][:], file["label"][:]
            thresholds = self.threshold(model)
            for k in range(3):
                scores = [f1(y[:, k], p[:, k] > t / 1000) for t in range(1000)]
                self.assertAlmostEqual(thresholds[k], np.argmax(scores) / 1000)
            np.testing.assert_array_equal(label, p > thresholds.astype("f4"))
            self.assertEqual(len(set(thresholds) | {0.5}), 4)
            np.testing.assert_array_equal(
                thresholds, self.threshold(self.path(f"2/trial_1/{name}.h5")))

    def test_labels_of_several_models(self):
        self.make_labels()
        self.run_job(self.labels_job(sweep={"replicates": 2}), ranks=None)
        models = [self.path(f"1/trial_{k}/last.h5") for k in (1, 2)]
        thresholds = np.mean([self.threshold(model) for model in models], axis=0)
        self.lockstep("predict", *models, self.path("labels.h5"), "-o", "p.csv")
        with open(self.path("p.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(list(rows[0])[:5],
                         ["sample", "label_red", "label_round", "label_big", "y_red"])
        for row in rows:
            for name, threshold in zip(("red", "round", "big"), thresholds):
                if abs(float(row[f"y_{name}"]) - threshold) > 1e-6:
                    self.assertEqual(int(row[f"label_{name}"]),
                                     float(row[f"y_{name}"]) > threshold)

    def test_labels_of_heads(self):
        """Heads of classes and of labels beside each other, and one that tunes none."""
        self.make_labels()
        with h5py.File(self.path("labels.h5"), "a") as file:
            for part in ("train", "test"):
                y = file[f"{part}/y"][:]
                del file[f"{part}/y"]
                file[f"{part}/y/labels"] = y
                file[f"{part}/y/plain"] = y
                file[f"{part}/y/rare"] = y[:, 0].astype("i4")
        job = self.labels_job(model=["flatten"])
        for key in ("loss", "metrics", "tune_threshold"):
            del job["train"][key]
        job["heads"] = {name: {"layers": [dense(units, activation="sigmoid")],
                               "loss": "binary_crossentropy", "tune_threshold": score}
                        for name, units, score in (("labels", 3, "f1"), ("plain", 3, None),
                                                   ("rare", 1, "balanced_accuracy"))}
        self.run_job(job, ranks=2)
        self.lockstep("predict", self.path("1/trial_1/last.h5"), self.path("labels.h5"), "-o",
                      "p.h5")
        with h5py.File(self.path("1/trial_1/last.h5")) as file:
            outputs = file["lockstep/outputs"]
            self.assertEqual(outputs["1"].attrs["threshold"].shape, (3,))
            self.assertNotIn("threshold", outputs["2"].attrs)
            rare = outputs["3"].attrs["threshold"]
            labels = outputs["1"].attrs["threshold"]
        with h5py.File(self.path("p.h5")) as file:
            self.assertNotIn("plain_label", file)
            np.testing.assert_array_equal(file["labels_label"],
                                          file["labels"][:] > labels.astype("f4"))
            np.testing.assert_array_equal(file["rare_predicted"],
                                          file["rare_probability"][:, 1] > np.float32(rare))

    def test_damaged_file(self):
        self.run_job(self.job(), ranks=None)
        model = self.path("1/trial_1/last.h5")
        with open(model, "rb") as file, open(self.path("copy.h5"), "wb") as copy:
            copy.write(file.read())
        with h5py.File(self.path("copy.h5"), "a") as file:
            file["lockstep/outputs/1"].attrs["threshold"] = np.nan
        done = self.lockstep("predict", self.path("copy.h5"), self.path("rare.h5"), status=2)
        self.assertIn("has the threshold nan (expected 0 to 1)", done.stderr)
        with h5py.File(self.path("copy.h5"), "a") as file:
            file["lockstep/outputs/1"].attrs["threshold"] = [0.5, 0.5]
        done = self.lockstep("predict", self.path("copy.h5"), self.path("rare.h5"), status=2)
        self.assertIn("has 2 thresholds for its classes (expected one)", done.stderr)


if __name__ == "__main__":
    common.main()
