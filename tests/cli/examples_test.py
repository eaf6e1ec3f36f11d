"""jobs/examples: the commands of its README, from files to predictions, with training on 2 ranks.
The figures are those of its table, near Keras's, and follow from the predictions.

Usage: examples_test.py PATH_TO_LOCKSTEP. Needs no network."""

import collections
import csv
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "jobs", "examples")
README = os.path.join(FOLDER, "README.md")
Figure = collections.namedtuple("Figure", "metric lockstep keras tolerance")


def read_readme():
    """The commands of each example, and the table of figures."""
    with open(README, encoding="utf-8") as file:
        text = file.read()
    commands = {}
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        commands[re.search(r"run (\w+)\.yaml", block)[1]] = block.splitlines()
    figures = {}
    for name, metric, ours, keras, tolerance in re.findall(
            r"^\| (\w+) \| `val_(\w+)` \| ([\d.]+) ± [\d.]+ \| ([\d.]+) ± [\d.]+ \| ([\d.]+) \|",
            text, re.MULTILINE):
        figures[name] = Figure(metric, float(ours), float(keras), float(tolerance))
    return commands, figures


def area_under_curve(positive, scores):
    """The probability that a positive sample has a larger score than a negative one."""
    differences = scores[positive][:, None] - scores[~positive]
    return np.mean((differences > 0) + 0.5 * (differences == 0))


def r2(y, predicted):
    return 1 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2)


class ExamplesTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        for path in glob.glob(os.path.join(FOLDER, "*")):
            if os.path.isfile(path):
                shutil.copy(path, self.folder)

    def execute(self, command):
        """One line of the README, with this program and Python."""
        words = shlex.split(command)
        paths = [sorted(glob.glob(self.path(word))) if "*" in word else [word] for word in words]
        words = [word for found in paths for word in found]
        if words[0] == "./draw_data.py":
            return subprocess.run([sys.executable, *words], check=True, **self.options())
        ranks = None
        if words[0] == "mpirun":
            self.assertEqual(words[:4], ["mpirun", "-q", "-n", "2"])
            ranks, words = 2, words[4:]
        self.assertEqual(words[0], "lockstep")
        done = self.lockstep(*words[1:], ranks=ranks)
        self.assertEqual(done.stderr, "", command)
        return done

    def predict_test_samples(self, name):
        """What the models predict for the samples for testing, as a column for each output, and
        their targets."""
        models = sorted(glob.glob(self.path(f"results/{name}/trial_*/last.h5")))
        rows = csv.DictReader(self.lockstep("predict", *models, f"{name}.h5").stdout.splitlines())
        columns = {key: np.array(values) for key, values in
                   zip(rows.fieldnames, zip(*(row.values() for row in rows)))}
        with h5py.File(self.path(f"{name}.h5")) as file:
            return columns, file["test/y"][()], file["test/y"].attrs.get("class_names")

    def measure_predictions(self, name, metric):
        """The metric of the mean of all models, computed from the predictions."""
        columns, y, classes = self.predict_test_samples(name)
        if metric == "accuracy":
            return np.mean(columns["class"] == np.array(classes, str)[y])
        if metric == "r2":
            return r2(y, columns["y"].astype(float))
        if classes is not None:
            return area_under_curve(y == 1, columns[f"p_{classes[1]}"].astype(float))
        return np.mean([area_under_curve(y[:, i] == 1, columns[f"y_{i}"].astype(float))
                        for i in range(y.shape[1])])

    def check_example(self, name, commands, figure):
        for command in commands:
            self.assertLessEqual(len(command), 110)
            if " run " in command:
                self.assertIn("replicate=2 ", self.lockstep("check", f"{name}.yaml").stdout)
            self.execute(command)
        fields = common.read(self.path(f"results/{name}.h5"))
        self.assertEqual(common.states(fields), 3 * ["done"])
        values = fields[f"final_val_{figure.metric}"]
        self.assertAlmostEqual(values.mean(), figure.lockstep, delta=5.1e-4)
        self.assertAlmostEqual(figure.lockstep, figure.keras, delta=figure.tolerance)
        together = self.measure_predictions(name, figure.metric)
        self.assertAlmostEqual(together, values.mean(), delta=figure.tolerance)
        models = sorted(glob.glob(self.path(f"results/{name}/trial_*/last.h5")))
        with h5py.File(os.path.join(os.path.dirname(models[0]), "last_eval.h5")) as file:
            np.testing.assert_allclose(file[figure.metric][()].ravel(), values.ravel(), rtol=1e-5)
        with open(self.path(f"{name}_predicted.csv"), encoding="utf-8") as file:
            self.assertGreater(len(file.readlines()), 100)

    def test_examples(self):
        commands, figures = read_readme()
        jobs = [os.path.basename(path)[:-5] for path in glob.glob(os.path.join(FOLDER, "*.yaml"))]
        self.assertEqual(sorted(commands), sorted(jobs))
        self.assertEqual(sorted(figures), sorted(jobs))
        for name in jobs:
            with self.subTest(name):
                self.check_example(name, commands[name], figures[name])


if __name__ == "__main__":
    common.main()
