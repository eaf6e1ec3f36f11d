"""Sweeps that are no grids: their variables are drawn, joint, or conditional. Results have the
dimension `point`, with a coordinate for each variable."""

import csv
import io

import h5py
import numpy as np
import xarray

import common
from common import dense, make_job

SWEEP = {
    "rate": {"log_uniform": {"low": 1e-3, "high": 1}},
    "hidden": {"one": [dense("$units")], "two": [dense("$units"), dense("$units_2")]},
    "units": {"int_uniform": {"low": 4, "high": 16}},
    "units_2": {"choice": [4, 8], "when": {"hidden": "two"}},
    "count": 4,
    "sampler": "sobol",
    "replicates": 2,
}


def drawn(**sweep):
    return make_job(model=[{"sequential": "$hidden"}, dense(10, activation="softmax")],
                    train={"epochs": 2, "shards": 2,
                           "optimizer": {"sgd": {"learning_rate": "$rate"}}},
                    sweep={**SWEEP, **sweep})


class PointsTest(common.ProgramTest):
    def test_results(self):
        """Any ranks give the same file; a slice has its part of the trials."""
        one, two = self.run_job(drawn()), self.run_job(drawn(), ranks=2)
        self.assertEqual(common.differing(one, two), [])
        self.assertEqual(common.states(one), ["done"] * 16)
        self.assertEqual(one["val_accuracy"].shape, (8, 2, 2))
        self.assertEqual(len(set(one["weights_hash"].flat)), 16)
        for slice_ in "12":
            self.lockstep("run", "job.yaml", "-o", "sliced.h5", "--slice", f"{slice_}/2",
                          "--progress", "none")
        self.lockstep("run", "job.yaml", "-o", "sliced.h5", "--merge")
        self.assertEqual(common.differing(one, common.read(self.path("sliced.h5"))), [])

    def test_coordinates(self):
        """xarray has the variables as coordinates of the points, with their values."""
        self.run_job(drawn())
        with xarray.open_dataset(self.path("1.h5")) as data:
            self.assertEqual(dict(data.dims), {"point": 8, "replicate": 2, "epoch": 2})
            self.assertLessEqual({"rate", "hidden", "units", "units_2"}, set(data.coords))
            self.assertEqual(data["rate"].attrs["spacing"], "log")
            self.assertEqual(data["units"].dtype, np.int64)
            self.assertEqual(list(data["hidden"].values), ["one", "two"] * 4)
            two = data["hidden"].values == "two"
            self.assertTrue(np.isnan(data["units_2"].values[~two]).all())
            self.assertLessEqual(set(data["units_2"].values[two]), {4, 8})
            self.assertTrue(((data["rate"] >= 1e-3) & (data["rate"] <= 1)).all())
            best = data["final_val_accuracy"].mean("replicate").idxmax("point")
            rate = float(data["rate"].sel(point=best))
        one = drawn()
        one["sweep"] = {"rate": rate, "hidden": {"two": SWEEP["hidden"]["two"]},
                        "units": 4, "units_2": 4}
        self.run_job(one)  # a value as it is in the file is a value of a job

    def test_report(self):
        """A row for each point; a variable without a value is `none`, in CSV empty."""
        self.run_job(drawn())
        text = self.lockstep("report", "1.h5").stdout
        self.assertIn("16 trials (8 points x 2 replicates)", text)
        rows = list(csv.DictReader(io.StringIO(
            self.lockstep("report", "1.h5", "--csv", "-").stdout)))
        self.assertEqual(len(rows), 8)
        with h5py.File(self.path("1.h5")) as file:
            self.assertEqual([float(row["rate"]) for row in rows], list(file["rate"]))
            self.assertEqual([row["hidden"] for row in rows], list(file["hidden"].asstr()))
            finals = file["final_val_accuracy"][()].mean(1)
        np.testing.assert_allclose([float(row["val_accuracy_mean"]) for row in rows], finals)
        self.assertEqual([row["units_2"] == "" for row in rows], [True, False] * 4)
        self.assertRegex(text, r"(?m)^\*? +\S+ +one +\d+ +none ")
        best = r"two, units = \d+, units_2 = [48]" if np.argmax(finals) % 2 else r"one, units = \d+"
        self.assertRegex(text, rf"Best: rate = \S+, hidden = {best}, val")
        with open(self.path("1.html"), encoding="utf-8") as page:
            self.assertIn("all_points", page.read())

    def test_references(self):
        """Reported values and figures name variables as in a grid."""
        job = drawn()
        job["model"] = [dense(4, activation="$act"), dense(10, activation="softmax")]
        job["sweep"] = {"joint": [{"rate": 0.01, "act": "relu"}, {"rate": 0.1, "act": "tanh"}]}
        job["references"] = [{"value": 0.5, "at": {"act": "tanh"}}]
        job["orderings"] = [{"best": {"rate": 0.1}}]
        job["figures"] = [{"x": "rate"}]
        self.run_job(job)
        with h5py.File(self.path("1.h5")) as file:
            np.testing.assert_array_equal(file["references/0001"], [np.nan, 0.5])
            np.testing.assert_array_equal(file["orderings/0001"], [2, 1])
        text = self.lockstep("report", "1.h5").stdout
        self.assertIn("rate = 0.1", text)

    def test_resumes(self):
        """A job that was stopped resumes with the points that it had; other draws are refused."""
        job = self.write_job(drawn())
        reference = self.run_job(drawn())
        self.lockstep("run", job, "-o", "a.h5", "--slice", "1/3", "--progress", "none")
        self.lockstep("run", job, "-o", "a.h5", "--merge")
        self.lockstep("run", job, "-o", "a.h5", "--progress", "none", ranks=2)
        self.assertEqual(common.differing(reference, common.read(self.path("a.h5"))), [])
        done = self.lockstep("run", job, "-o", "a.h5", "--set", "train.seed=4", status=2)
        self.assertIn("train.seed: 3 in the file, 4 in the job", done.stderr)

    def test_check(self):
        """Trials and layers by the names of their points."""
        text = self.lockstep("check", self.write_job(drawn()), "--ranks", "2").stdout
        self.assertRegex(text, r"rate=\S+ hidden=one units=\d+ replicate=1 ")
        self.assertRegex(text, r"rate=\S+ hidden=two units=\d+ units_2=[48] replicate=0 ")


if __name__ == "__main__":
    common.main()
