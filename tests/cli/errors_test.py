"""lockstep errors: confusion matrix and misclassified samples of a small model, recomputed by a
forward pass in NumPy; figures; what is refused."""

import os
import re
import subprocess
import sys

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import common
import figures
from common import dense, make_job
from model_file_test import affine, arrays, images, softmax

MODEL = "results/small/trial_1/best.h5"


class ErrorsTest(common.ProgramTest):
    def train(self, **keys):
        self.lockstep("run", self.write_job(make_job(**keys)), "--progress", "none")

    def outputs(self, x):
        layers = arrays(self.path(MODEL))
        hidden = np.maximum(affine(x.astype(np.float64), layers["dense"]), 0)
        return softmax(affine(hidden, layers["dense_1"]))

    def test_values(self):
        self.train()
        done = self.lockstep("errors", MODEL, "--count", "7", "-o", "e.h5")
        x, y = images("test")
        p = self.outputs(x)
        guess = p.argmax(axis=1)
        wrong = np.flatnonzero(guess != y)
        self.assertGreater(len(wrong), 10)
        self.assertIn(f"{len(wrong)} of {len(y)} samples misclassified", done.stdout)
        with h5py.File(self.path("e.h5"), "r") as file:
            found = {name: item[()] for name, item in file.items()}
            for name, item in file.items():
                self.assertIn("long_name", item.attrs, name)
            self.assertEqual([file["confusion"].dims[d][0].name for d in (0, 1)],
                             ["/true_class", "/predicted_class"])
            self.assertEqual([file["image"].dims[d][0].name for d in range(4)],
                             ["/shown", "/row", "/column", "/channel"])
        confusion = np.zeros((10, 10), int)
        np.add.at(confusion, (y, guess), 1)
        np.testing.assert_array_equal(found["confusion"], confusion)
        np.testing.assert_array_equal(found["true_total"], confusion.sum(axis=1))
        np.testing.assert_array_equal(found["predicted_total"], confusion.sum(axis=0))
        printed = done.stdout.split("true class  ")[1].split("\n\n")[0].splitlines()
        self.assertEqual(printed[0].split(), [*"0123456789", "total"])
        rows = [[int(cell) for cell in line.split()[1:]] for line in printed[1:]]
        np.testing.assert_array_equal(np.array(rows)[:-1, :-1], confusion)
        self.assertEqual([row[-1] for row in rows], [*confusion.sum(axis=1), len(y)])
        self.assertEqual(rows[-1][:-1], list(confusion.sum(axis=0)))
        self.assertIn(f"\nThe 7 most confident of {len(wrong)} errors; --all shows all.\n",
                      done.stdout)
        np.testing.assert_allclose(found["confusion_share"],
                                   confusion / confusion.sum(axis=1, keepdims=True))
        self.assertEqual([name.decode() for name in found["true_class"]], list("0123456789"))
        index = found["index"]
        np.testing.assert_array_equal(np.sort(index), wrong)
        np.testing.assert_array_equal(found["truth"], y[index])
        np.testing.assert_array_equal(found["prediction"], guess[index])
        np.testing.assert_allclose(found["probability"], p[index, guess[index]], rtol=1e-4)
        np.testing.assert_allclose(found["truth_probability"], p[index, y[index]], rtol=1e-4,
                                   atol=1e-7)
        self.assertTrue((np.diff(found["probability"]) <= 0).all())
        np.testing.assert_allclose(found["image"].reshape(7, -1), x[index[:7]], rtol=1e-6)
        figures.check(self, self.path("e_confusion"), *map(str, confusion.diagonal()),
                      *map(str, confusion.sum(axis=0)), "total", str(len(y)))
        figures.check(self, self.path("e_mistakes"), f"no. {index[0]}",
                      f"{y[index[6]]} → {guess[index[6]]}")

    def test_all(self):
        """Every error is printed, not only those of the figure."""
        self.train()
        done = self.lockstep("errors", MODEL, "--count", "2", "--all", "-o", "e.h5")
        with h5py.File(self.path("e.h5"), "r") as file:
            index, shown = file["index"][()], file["shown"].size
        self.assertEqual(shown, 2)
        printed = re.findall(r"^ +(\d+)  \d +\d +0\.\d+$", done.stdout, re.M)
        self.assertEqual(list(map(int, printed)), list(index))
        self.assertNotIn("--all shows", done.stdout)

    def test_perturbed(self):
        """The errors of shifted images, which are shown as the model sees them."""
        self.train()
        done = self.lockstep("errors", MODEL, "--transform", "shift_right=3", "-o", "e.h5")
        self.lockstep("errors", MODEL, "--transform", "shift_right=3", "-o", "t.h5", ranks=3)
        found = common.read(self.path("e.h5"))
        self.assertEqual(common.differing(found, common.read(self.path("t.h5"))), [])
        x, y = images("test")
        x = np.roll(x.reshape(-1, 28, 28), 3, axis=2).reshape(len(y), -1)
        guess = self.outputs(x).argmax(axis=1)
        wrong = np.flatnonzero(guess != y)
        self.assertIn(f"shift_right 3: {len(wrong)} of {len(y)} samples misclassified", done.stdout)
        np.testing.assert_array_equal(np.sort(found["index"]), wrong)
        np.testing.assert_allclose(found["image"].reshape(20, -1), x[found["index"][:20]],
                                   rtol=1e-6)
        with h5py.File(self.path("e.h5"), "r") as file:
            self.assertEqual(file.attrs["transform"], "shift_right=3")

    def test_noise_through_a_model(self):
        """Noise is that of eval, of the seed; another model may come first."""
        self.train()
        copy = make_job(name="copy", model=["flatten", dense(9, activation="relu"), dense(784)],
                        train={"loss": "mean_squared_error", "target": "input", "epochs": 1})
        self.lockstep("run", self.write_job(copy, "copy.yaml"), "--progress", "none")
        other = ["--through", "results/copy/trial_1/best.h5", "--seed", "5"]
        self.lockstep("errors", MODEL, "--transform", "salt_and_pepper=0.4", *other, "-o", "e.h5")
        self.lockstep("eval", MODEL, "--transform", "salt_and_pepper=0.4", *other, "-o", "v.h5")
        wrong = 600 - common.read(self.path("e.h5"))["confusion"].trace()
        with h5py.File(self.path("v.h5"), "r") as file:
            self.assertAlmostEqual(file["accuracy_salt_and_pepper"][1, 0], 1 - wrong / 600)

    def test_ranks(self):
        """The same bits on three ranks; by default the file is written beside the model."""
        self.train()
        self.lockstep("errors", MODEL, "--split", "train")
        self.lockstep("errors", MODEL, "--split", "train", "-o", "three.h5", ranks=3)
        one = common.read(self.path("results/small/trial_1/best_errors.h5"))
        self.assertEqual(common.differing(one, common.read(self.path("three.h5"))), [])
        self.assertEqual(one["confusion"].sum(), 3000)

    def test_heads(self):
        job = {"model": ["flatten", dense(9, activation="relu")],
               "heads": {"copy": {"layers": [dense(784)], "loss": "mean_squared_error",
                                  "target": "input"},
                         "label": {"layers": [dense(10, activation="softmax")],
                                   "loss": "categorical_crossentropy"}}}
        job = make_job(**job)
        del job["train"]["loss"]
        self.lockstep("run", self.write_job(job), "--progress", "none")
        self.lockstep("errors", MODEL, "-o", "one.h5")
        self.lockstep("errors", MODEL, "-o", "two.h5", "--head", "label")
        one, two = (common.read(self.path(name)) for name in ("one.h5", "two.h5"))
        self.assertEqual(common.differing(one, two), [])
        for head, says in (("copy", "does not predict classes"), ("other", "has no head 'other'")):
            done = self.lockstep("errors", MODEL, "--head", head, status=2)
            self.assertIn(says, done.stderr)

    def test_no_gnuplot(self):
        """One error, and no incomplete files."""
        self.train()
        options = self.options()
        options["env"]["PATH"] = self.folder
        options["env"]["OMPI_MCA_ess_singleton_isolated"] = "1"  # Open MPI would start orted
        done = subprocess.run([common.LOCKSTEP, "errors", MODEL, "-o", "out/e.h5"],
                              capture_output=True, timeout=60, check=False, **options)
        self.assertEqual(done.returncode, 1)
        self.assertIn("lockstep: cannot run gnuplot", done.stderr)
        self.assertEqual(os.listdir(self.path("out")), ["e.h5"])

    def test_refusals(self):
        self.train(dataset={"validation": 0.1})
        with open(self.path("text.h5"), "w", encoding="utf-8") as file:
            file.write("hello")
        for arguments, says in (([], "no model file given"), (["text.h5"], "text.h5"),
                                ([MODEL, "--split", "all"], "--split: 'all' (expected train"),
                                ([MODEL, "--count", "0"], "--count: '0'"),
                                ([MODEL, "--transform", "blur=1,2"], "(expected one level)"),
                                ([MODEL, "--transform", "blurr=1"], "did you mean 'blur'?"),
                                ([MODEL, "--through", "text.h5"], "text.h5"),
                                ([MODEL, "more.h5"], "one model at a time")):
            with self.subTest(arguments):
                self.refuse(arguments, says)
        self.refuse(["text.h5"], "text.h5", ranks=2)

    def refuse(self, arguments, says, ranks=None):
        done = self.lockstep("errors", *arguments, ranks=ranks, status=2)
        lines = self.complaints(done)
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(says, lines[0])


if __name__ == "__main__":
    common.main()
