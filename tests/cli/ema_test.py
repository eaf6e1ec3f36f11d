"""Moving averages of the weights: as in Keras, on any number of ranks, with layers that have none.

Usage: ema_test.py PATH_TO_LOCKSTEP. Needs no network."""

import json
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference", "ema.json")
WEIGHTS = "model_weights/dense/dense"


class EmaTest(common.ProgramTest):
    def test_as_keras(self):
        """Validation during training is of the weights themselves; training ends with their
        average, of which the file's predictions are."""
        with open(REFERENCE, encoding="utf-8") as file:
            reference = json.load(file)
        n, cases = reference["train"], reference["cases"]
        x, y = (np.array(reference[name], "f4") for name in ("x", "y"))
        with h5py.File(self.path("values.h5"), "w") as file:
            for part, rows in (("train", slice(n)), ("test", slice(n, None))):
                file[f"{part}/x"], file[f"{part}/y"] = x[rows], y[rows]
        job = make_job(model=[dense(1, kernel_initializer="zeros")],
                       dataset={"file": self.path("values.h5")})
        job["train"] = {"epochs": reference["epochs"], "batch_size": n, "optimizer": "$optimizer",
                        "loss": "mean_squared_error"}
        job["sweep"] = {"optimizer": [case["optimizer"] for case in cases]}
        fields = self.run_job(job, ranks=None)
        for k, case in enumerate(cases):
            with self.subTest(case["optimizer"]):
                np.testing.assert_allclose(fields["val_loss"][k], case["val_loss"], rtol=2e-5)
                model = self.path(f"1/trial_{k + 1}/last.h5")
                with h5py.File(model, "r") as file:
                    for name in ("kernel", "bias"):
                        np.testing.assert_allclose(file[f"{WEIGHTS}/{name}:0"], case[name],
                                                   rtol=1e-5, atol=1e-6)
                self.lockstep("eval", model, "-o", "e.h5")
                with h5py.File(self.path("e.h5"), "r") as file:
                    self.assertAlmostEqual(file["loss"][0], case["loss"],
                                           delta=2e-5 * case["loss"])

    def small(self, **train):
        optimizer = {"adam": {"learning_rate": 0.01, "use_ema": True, "ema_momentum": 0.9}}
        return make_job(model=["flatten", dense(12, trainable=False), "batch_normalization",
                               dense(10, activation="softmax")],
                        train={"epochs": 2, "shards": 4, "optimizer": optimizer, **train})

    def test_same_bits(self):
        job = self.small(reduction="exchange")
        job["train"]["optimizer"]["adam"]["ema_overwrite_frequency"] = 7
        one = self.run_job(job)
        for ranks in (2, 3):
            self.assertEqual(common.differing(one, self.run_job(job, ranks=ranks)), [])
        self.run_job({**job, "train": {**job["train"], "reduction": "allreduce"}}, ranks=2)

    def test_more_epochs(self):
        """A job with more epochs resumes from the weights, of which the file of its end has the
        average: with the results of training at once."""
        job = self.small(epochs=4)
        at_once = self.run_job(job, ranks=None)
        for epochs in (2, 4):
            job["train"]["epochs"] = epochs
            self.lockstep("run", self.write_job(job), "-o", "more.h5", "--progress", "none",
                          ranks=epochs // 2)
        self.assertEqual(common.differing(at_once, common.read(self.path("more.h5"))), [])

    def test_what_has_no_average(self):
        """Frozen weights and running means are those of the last step, as without averages."""
        files = []
        for use in (True, False):
            job = self.small()
            job["train"]["optimizer"]["adam"]["use_ema"] = use
            self.run_job(job, ranks=None)
            files.append(h5py.File(self.path(f"{self.runs}/trial_1/last.h5"), "r"))
            self.addCleanup(files[-1].close)
        with_average, without = (file["model_weights"] for file in files)
        for name in ("dense/dense/kernel:0", "batch_normalization/batch_normalization/moving_mean:0"):
            self.assertEqual(with_average[name][:].tobytes(), without[name][:].tobytes(), name)
        for name in ("dense_1/dense_1/kernel:0", "batch_normalization/batch_normalization/gamma:0"):
            self.assertNotEqual(with_average[name][:].tobytes(), without[name][:].tobytes(), name)

    def test_best_epoch(self):
        """The weights of the best epoch are those that validation was of."""
        job = self.small(epochs=3, early_stopping={"patience": 5, "restore_best_weights": True})
        fields = self.run_job(job, ranks=None)
        self.lockstep("eval", self.path("1/trial_1/last.h5"), "-o", "e.h5")
        with h5py.File(self.path("e.h5"), "r") as file:
            self.assertAlmostEqual(file["loss"][0], np.min(fields["val_loss"]), delta=1e-6)


if __name__ == "__main__":
    common.main()
