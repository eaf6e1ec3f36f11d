"""Scaling of targets: ridge regression as in scikit-learn, losses and metrics, predictions in the
units of the data, several heads, checkpoints, what is refused.

Usage: target_scaling_test.py PATH_TO_LOCKSTEP. Needs no network."""

import json
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference",
                         "target_scaling.json")


class TargetScalingTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        with open(REFERENCE, encoding="utf-8") as file:
            self.reference = json.load(file)
        n = self.reference["train"]
        x, y = (np.array(self.reference[name]) for name in ("x", "y"))
        with h5py.File(self.path("values.h5"), "w") as file:
            for part, rows in (("train", slice(n)), ("test", slice(n, None))):
                file[f"{part}/x"], file[f"{part}/y"] = x[rows], y[rows]
        self.test_x, self.test_y = x[n:], y[n:]

    def job(self, scaling, epochs=150, batch_size=24, dataset=None, **train):
        """Ridge regression: the loss is a mean over samples and both targets."""
        l2 = self.reference["penalty"] / (2 * self.reference["train"])
        job = make_job(model=[dense(2, kernel_regularizer={"l2": l2})],
                       dataset=dataset or {"file": self.path("values.h5")})
        job["train"] = {"epochs": epochs, "batch_size": batch_size, "loss": "mean_squared_error",
                        "target_scaling": scaling, "seed": 1,
                        "metrics": ["mean_absolute_error", "r2"],
                        "optimizer": {"sgd": {"learning_rate": 0.4}}, **train}
        return job

    def predictions(self, model, data="values.h5", name="y"):
        self.lockstep("predict", model, self.path(data), "-o", "p.h5")
        with h5py.File(self.path("p.h5"), "r") as file:
            return file[name][:].astype(float)

    def test_as_scikit_learn(self):
        for name, expected in self.reference["scalings"].items():
            with self.subTest(name):
                fields = self.run_job(self.job(name), ranks=None)
                self.assertAlmostEqual(fields["val_mean_absolute_error"][-1], expected["error"],
                                       delta=1e-4 * expected["error"])
                found = self.predictions(f"{self.runs}/trial_1/last.h5")
                scale = np.ptp(self.test_y, axis=0)
                np.testing.assert_allclose(found / scale, expected["predictions"] / scale,
                                           atol=2e-4)
                model = self.path(f"{self.runs}/trial_1/last.h5")
                self.lockstep("eval", model, "-o", "e.h5")
                with h5py.File(self.path("e.h5"), "r") as file:
                    error, r2, loss = (file[key][0] for key in
                                       ("mean_absolute_error", "r2", "loss"))
                    self.assertAlmostEqual(error, np.abs(found - self.test_y).mean(),
                                           delta=1e-5 * error)
                    self.assertAlmostEqual(r2, fields["val_r2"][-1], delta=1e-9)
                with h5py.File(model, "r") as file:
                    kernel = file["model_weights/dense/dense/kernel:0"][:].astype(float)
                penalty = self.reference["penalty"] / (2 * self.reference["train"])
                loss -= penalty * (kernel ** 2).sum()
                self.assertAlmostEqual(loss, expected["loss"], delta=2e-3 * expected["loss"])

    def test_heads(self):
        """Each head by itself, one of them without scaling; another dataset does not change what
        was learnt."""
        y = np.array(self.reference["y"])
        n = self.reference["train"]
        with h5py.File(self.path("values.h5"), "a") as file:
            for part, rows in (("train", slice(n)), ("test", slice(n, None))):
                del file[f"{part}/y"]
                file[f"{part}/y/small"], file[f"{part}/y/large"] = y[rows, 0], y[rows, 1]
        job = self.job(None, epochs=40)
        for key in ("loss", "metrics", "target_scaling"):
            del job["train"][key]
        job["model"] = ["flatten"]
        head = {"layers": [dense(1)], "loss": "mean_squared_error",
                "metrics": ["mean_absolute_error"]}
        job["heads"] = {"small": dict(head), "large": {**head, "target_scaling": "standardization"}}
        fields = self.run_job(job)
        self.assertLess(fields["val_large_loss"][-1], 2)
        self.assertGreater(fields["val_large_mean_absolute_error"][-1], 5)
        model = "1/trial_1/last.h5"
        large = self.predictions(model, name="large")
        self.assertLess(np.abs(large - self.test_y[:, 1]).mean(), 40)
        with h5py.File(self.path("values.h5")) as old, h5py.File(self.path("o.h5"), "w") as new:
            new["train/x"], new["test/x"] = self.test_x, self.test_x
            for name in ("small", "large"):
                new[f"train/y/{name}"] = old[f"test/y/{name}"][:] * 3
                new[f"test/y/{name}"] = old[f"test/y/{name}"][:]
        self.lockstep("eval", model, "--dataset", self.path("o.h5"), "-o", "e.h5")
        with h5py.File(self.path("e.h5"), "r") as file:
            self.assertAlmostEqual(file["large_loss"][0], fields["val_large_loss"][-1], delta=1e-5)
            self.assertAlmostEqual(file["large_mean_absolute_error"][0],
                                   np.abs(large - self.test_y[:, 1]).mean(), delta=1e-3)

    def test_same_bits(self):
        """On any number of ranks."""
        job = self.job("standardization", epochs=4, batch_size=8, shards=4)
        one = self.run_job(job, ranks=1)
        for ranks in (2, 3):
            self.assertEqual(common.differing(one, self.run_job(job, ranks=ranks)), [])

    def test_constant(self):
        """A target that is the same for all samples is only shifted."""
        with h5py.File(self.path("values.h5"), "a") as file:
            file["train/y"][:, 0] = file["test/y"][:, 0] = 7
        for name in self.reference["scalings"]:
            self.run_job(self.job(name, epochs=2), ranks=None)
            found = self.predictions(f"{self.runs}/trial_1/last.h5")
            self.assertLess(np.abs(found[:, 0] - 7).max(), 3)

    def test_refused(self):
        job = self.job("standardization")
        job["dataset"] = {"file": common.digits()}
        job["train"].update(loss="categorical_crossentropy", metrics=[])
        job["model"] = ["flatten", dense(10, activation="softmax")]
        self.write_job(job)
        done = self.lockstep("check", self.path("job.yaml"), status=2)
        self.assertIn("target_scaling needs a target of values, but y has class labels",
                      done.stderr)
        job["train"].update(target="input", loss="mean_squared_error")
        job["model"] = ["flatten", dense(784)]
        done = self.lockstep("check", self.write_job(job), status=2)
        self.assertIn("target_scaling needs a target of values, but input is the input",
                      done.stderr)
        done = self.lockstep("check", self.write_job(self.job("pca")), status=2)
        self.assertIn("train.target_scaling: unknown scaling 'pca' (expected one of: "
                      "standardization, min_max_scaling)", done.stderr)

    def test_damaged_file(self):
        self.run_job(self.job("standardization", epochs=1), ranks=None)
        model = self.path("1/trial_1/last.h5")
        with open(model, "rb") as file:
            content = file.read()
        with open(self.path("copy.h5"), "wb") as file:
            file.write(content)
        with h5py.File(self.path("copy.h5"), "a") as file:
            del file["lockstep/target_scaling/1"]
            file["lockstep/target_scaling/1"] = np.zeros(5, "f4")
        done = self.lockstep("predict", self.path("copy.h5"), self.path("values.h5"), status=2)
        self.assertIn("its target_scaling 'standardization' has learnt other values than data of "
                      "this shape need", done.stderr)


if __name__ == "__main__":
    common.main()
