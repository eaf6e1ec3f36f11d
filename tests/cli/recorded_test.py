"""What training records for the report beside the values: which direction of a curve is better, which
direction of a variable makes simpler models, whether the best weights were restored. The report
takes these from the file, whatever things are named, and says where a file lacks them."""

import csv
import io
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import h5py
import numpy as np

import common
import make_results
from common import dense, make_job

TARGETS = {"acceleration": 1.5, "loss_of_accuracy": -0.5}  # of regressions, by their factor


class RecordedTest(common.ProgramTest):
    def run_job(self, job, name="small"):
        self.lockstep("run", self.write_job({**job, "name": name}), "--progress", "none")
        return self.path(f"results/{name}.h5")

    def report(self, path, *options):
        return self.lockstep("report", path, *options).stdout

    def rows(self, path):
        return list(csv.DictReader(io.StringIO(self.report(path, "--csv", "-"))))

    def regression(self, name, **sweep):
        """A job with a head for each target, named as it is."""
        random = np.random.default_rng(1)
        with h5py.File(self.path("points.h5"), "w") as file:
            for part, count in (("train", 200), ("test", 60)):
                x = random.normal(size=(count, 3)).astype("f4")
                file[f"{part}/x"] = x
                for target, factor in TARGETS.items():
                    file[f"{part}/y/{target}"] = (factor * x.sum(1, keepdims=True)).astype("f4")
        heads = {target: {"layers": [dense(1)], "loss": "mean_squared_error",
                          "metrics": ["mean_absolute_error"]} for target in TARGETS}
        job = make_job(model=[dense(4)], heads=heads, sweep=sweep)
        job["dataset"] = {"file": self.path("points.h5")}
        job["train"] = {"epochs": 2, "batch_size": 20, "seed": 1,
                        "optimizer": {"sgd": {"learning_rate": "$rate"}}}
        return self.run_job(job, name)

    def starred(self, path):
        """The value of the first variable in the row with a star."""
        return re.findall(r"^\* +(\S+)", self.report(path), re.M)

    def test_errors_of_heads(self):
        """Less error is better, although the heads' names have 'acc' and 'accuracy' in them."""
        path = self.regression("heads", rate=[1e-6, 0.02, 1e-5])
        with h5py.File(path) as file:
            self.assertEqual(file.attrs["monitor"], "val_acceleration_mean_absolute_error")
            final = file["val_acceleration_mean_absolute_error"][:, -1]
            directions = {name: item.attrs.get("higher_is_better") for name, item in file.items()}
        self.assertEqual(final.argmin(), 1)
        self.assertEqual(self.starred(path), ["0.02"])
        for target in TARGETS:
            for name in (f"{target}_mean_absolute_error", f"val_{target}_loss"):
                self.assertEqual(directions[name], 0, name)
        for name in ("learning_rate", "epoch_seconds", "status", "rate"):
            self.assertIsNone(directions[name], name)
        out = self.report(path)
        self.assertIn(f"Best: rate = 0.02, val_acceleration_mean_absolute_error {final[1]:.4f}", out)

    def test_accuracies(self):
        """Of each family of metrics, and of the samples that are left for a test."""
        job = make_job(dataset={"validation": {"fraction": 0.2}},
                       train={"metrics": [{"top_k_categorical_accuracy": {"k": 2}}, "accuracy"]})
        with h5py.File(self.run_job(job)) as file:
            directions = {name: item.attrs["higher_is_better"] for name, item in file.items()
                          if "higher_is_better" in item.attrs}
        measures = {"loss": 0, "accuracy": 1, "top_k_categorical_accuracy": 1}
        self.assertEqual(directions, {part + name: value for name, value in measures.items()
                                      for part in ("", "val_", "test_", "final_", "best_",
                                                   "final_val_", "best_val_", "final_test_")})

    def test_restored_weights(self):
        """Where restore_best_weights is swept each trial has the values of its own final weights."""
        watch = {"monitor": "val_loss", "patience": 3, "restore_best_weights": "$restore"}
        job = make_job(sweep={"restore": [True, False], "replicates": 2},
                       train={"epochs": 8, "early_stopping": watch,
                              "optimizer": {"sgd": {"learning_rate": 1.0, "momentum": 0.9}}})
        path = self.run_job(job)
        with h5py.File(path) as file:
            fields = {name: item[()] for name, item in file.items() if hasattr(item, "shape")}
        np.testing.assert_array_equal(fields["best_restored"], [[1, 1], [0, 0]])
        self.assertEqual(fields["best_restored"].dtype, np.int8)
        best, run = fields["best_epoch"], fields["epochs_run"]
        self.assertTrue((best < run).all(), "each trial goes on after its best epoch")
        expected = [fields["val_accuracy"][0, r, best[0, r] - 1] for r in range(2)]
        rows = self.rows(path)
        self.assertAlmostEqual(float(rows[0]["val_accuracy_mean"]), np.mean(expected), 14)
        expected = [fields["val_accuracy"][1, r, run[1, r] - 1] for r in range(2)]
        self.assertAlmostEqual(float(rows[1]["val_accuracy_mean"]), np.mean(expected), 14)
        self.report(path, "-o", self.path("page.html"))
        with open(self.path("page.html"), encoding="utf-8") as file:
            self.assertIn("after the last epoch, or the best one where its weights were restored",
                          file.read())

    def test_simpler_models(self):
        """By the arguments that a variable changes, not by its name."""
        model = ["flatten", dense("$rate", activation="relu", kernel_regularizer={"l2": "$units / 9"}),
                 {"dropout": "$dropped"}, dense(10, activation="softmax")]
        sweep = {"rate": [4, 8], "units": [1e-4, 1e-3], "dropped": [0.1, 0.2], "l2": [0.1, 0.2],
                 "weight_decay": [True, False]}
        job = make_job(model=model, sweep=sweep,
                       train={"epochs": 1, "optimizer": {"sgd": {"learning_rate": "$l2",
                                                                 "nesterov": "$weight_decay"}}})
        with h5py.File(self.run_job(job)) as file:
            found = {name: file[name].attrs.get("simpler") for name in sweep}
        self.assertEqual(found, {"rate": "lower", "units": "higher", "dropped": "higher",
                                 "l2": None, "weight_decay": None})

    def test_simplest_point(self):
        path = self.run_job(make_job(
            model=["flatten", dense("$l2"), dense(10, activation="softmax")],
            sweep={"l2": [6, 4, 8], "replicates": 2}, train={"epochs": 1}))
        with h5py.File(path, "a") as file:
            file["val_accuracy"][..., 0] = [[0.80, 0.84], [0.82, 0.824], [0.82, 0.83]]
        self.assertIn("The simplest (smallest l2): l2 = 4, val_accuracy 0.8220", self.report(path))

    def test_choices_by_test_samples(self):
        """check, run and the report say once that values of what is chosen by them are optimistic."""
        watch = {"monitor": "val_loss", "patience": 2, "restore_best_weights": True}
        rate = {"epochs": 2, "optimizer": {"sgd": {"learning_rate": "$rate"}}}
        end = "chosen by the test samples, which the validation uses: the values of what is chosen are optimistic"
        for change, choices in [
                ({"train": {"epochs": 2, "early_stopping": watch}}, "when to stop, the best epoch are"),
                ({"train": rate, "sweep": {"rate": [0.1, 0.2]}}, "the best point of the sweep is"),
                ({"train": {"epochs": 1}, "sweep": {"replicates": 2}}, None),
                ({"train": {"epochs": 2, "early_stopping": {**watch, "monitor": "loss"}}}, None),
                ({"train": rate, "sweep": {"rate": [0.1, 0.2]}, "dataset": {"validation": 0.2}}, None)]:
            with self.subTest(choices):
                self.write_job(make_job(**change))
                said = [self.lockstep("check", "job.yaml").stdout,
                        self.lockstep("run", "job.yaml", "-o", "1.h5").stdout,
                        self.report(self.path("1.h5"), "-o", "page.html")]
                with open(self.path("page.html"), encoding="utf-8") as file:
                    said.append(file.read())
                for text in said:
                    self.assertEqual(text.count("optimistic"), 1 if choices else 0)
                    if choices:
                        self.assertIn(f"ote: {choices} {end}", text)
                self.remove_results("1.h5")

    def old(self, **settings):
        path = self.path("old.h5")
        make_results.write(path, recorded=False, **{**make_results.KINDS["l2"], **settings})
        return path

    def test_file_without_directions(self):
        """Nothing is ranked, starred, tested or marked where the file doesn't say what is better."""
        path = self.old()
        out = self.report(path)
        self.assertIn("not ranked: the file does not record whether a higher val_accuracy is better.",
                      out)
        self.assertNotRegex(out, r"(?m)^\*")
        for word in ("Best", " best ", "Within one standard error", "Differences", "difference"):
            self.assertNotIn(word, out.replace("weights of their best epoch", ""))
        self.assertEqual(out.count("▼"), 1, "in the legend alone")
        self.assertRegex(out, r"val_accuracy +1e-06 +0\.9847 .* Simard <2003> & al\.")
        self.assertNotIn("▼", self.lockstep("report", "--summary", path).stdout.split("\n## ")[1])
        row = self.rows(path)[0]
        self.assertEqual([row["difference"], row["within_one_standard_error"]], ["", ""])

    def test_file_without_directions_of_a_large_sweep(self):
        path = self.path("many.h5")
        make_results.write(path, recorded=False, **make_results.KINDS["many"])
        self.assertIn("The first 20 of 450 points", self.report(path))
        with open(self.path("many.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn("the darker the higher.", page)
        self.assertNotIn("the best", page.lower())

    def test_file_without_restored(self):
        """Says so if there are trials whose best epoch was not the last."""
        says = "does not record whether trials ended with the weights of their best epoch"
        path = self.old()
        self.assertIn(says, self.report(path))
        with open(self.path("old.html"), encoding="utf-8") as file:
            self.assertIn(says, file.read())
        with h5py.File(path, "a") as file:
            file["best_epoch"][...] = file["epochs_run"][()]
        self.assertNotIn(says, self.report(path))

    def test_continued_file_of_an_earlier_version(self):
        """A file without best_restored is continued, and stays without."""
        job = make_job(sweep={"l2": [0.0, 0.1]}, train={"epochs": 1},
                       model=["flatten", dense(10, activation="softmax",
                                               kernel_regularizer={"l2": "$l2"})])
        path = self.run_job(job)
        with h5py.File(path, "a") as file:
            hashes = file["weights_hash"][()]
            del file["best_restored"]
            file["status"][1] = 0
            file["weights_hash"][1] = 0
        self.run_job(job)
        with h5py.File(path) as file:
            np.testing.assert_array_equal(file["weights_hash"][()], hashes)
            self.assertNotIn("best_restored", file)


if __name__ == "__main__":
    common.main()
