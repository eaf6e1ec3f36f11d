"""Weights of samples in the loss, from the dataset and by class, as Keras defines them: the loss is
the weighted sum over the samples by their number. Compared with NumPy, from weights of 0."""

import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

COUNT, TESTED, CLASSES, RATE = 90, 40, 3, 0.5
NAMES = ["ant", "bee", "old cat"]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class WeightsTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(1)
        self.x = random.normal(size=(COUNT + TESTED, 4)).astype(np.float32)
        self.y = random.choice(CLASSES, p=[0.7, 0.2, 0.1], size=COUNT + TESTED).astype(np.int32)
        self.weight = random.uniform(0, 3, size=COUNT + TESTED).astype(np.float32)
        self.weight[:5] = 0

    def write(self, name="data.h5", y=None, **members):
        """`members` are written as members of a part: train_weight=..."""
        y = self.y if y is None else y
        with h5py.File(self.path(name), "w") as file:
            for part, rows in (("train", slice(COUNT)), ("test", slice(COUNT, None))):
                file[f"{part}/x"] = self.x[rows]
                file[f"{part}/y"] = y[rows]
                if y.dtype == np.int32:
                    file[f"{part}/y"].attrs["class_names"] = NAMES
            for member, values in members.items():
                part, _, rest = member.partition("_")
                file[f"{part}/{rest}"] = values

    def job(self, **train):
        """One step over all samples, from weights of 0."""
        return make_job(
            model=[dense(CLASSES, activation="softmax", kernel_initializer="zeros", name="last")],
            dataset={"file": "data.h5"},
            train={"epochs": 1, "batch_size": COUNT, "optimizer": {"sgd": {"learning_rate": RATE}},
                   **train})

    def expect(self, fields, weights, test_weights):
        """The losses before and after the step, and its weights, are those of NumPy."""
        x, y = self.x[:COUNT].astype(float), self.y[:COUNT]
        difference = (1 / CLASSES - np.eye(CLASSES)[y]) * weights[:, None]
        kernel, bias = -RATE * x.T @ difference / COUNT, -RATE * difference.sum(axis=0) / COUNT
        self.assertAlmostEqual(fields["loss"][0], (weights * np.log(CLASSES)).sum() / COUNT, 5)
        p = softmax(self.x[COUNT:] @ kernel + bias)
        losses = -np.log(p[np.arange(TESTED), self.y[COUNT:]])
        self.assertAlmostEqual(fields["val_loss"][0], (test_weights * losses).sum() / TESTED, 5)
        guess = p.argmax(axis=1) == self.y[COUNT:]  # metrics have no weights
        self.assertAlmostEqual(fields["val_accuracy"][0], guess.mean(), 5)

    def test_of_samples(self):
        train, test = self.weight[:COUNT], self.weight[COUNT:]
        for given in (test, None):
            with self.subTest(test=given is not None):
                self.write(train_weight=train, **({} if given is None else {"test_weight": given}))
                fields = self.run_job(self.job(), ranks=None)
                self.expect(fields, train, np.ones(TESTED) if given is None else test)

    def test_of_classes(self):
        """By number and by name; only in training, and times the weights of samples."""
        self.write()
        given = np.array([1, 2.5, 4])[self.y[:COUNT]]
        for weights in ({1: 2.5, 2: 4}, {"old cat": 4, "bee": 2.5, "ant": 1}):
            with self.subTest(weights):
                fields = self.run_job(self.job(class_weight=weights), ranks=None)
                self.expect(fields, given, np.ones(TESTED))
        self.write(train_weight=self.weight[:COUNT], test_weight=self.weight[COUNT:])
        fields = self.run_job(self.job(class_weight={"bee": 2.5, 2: 4}), ranks=None)
        self.expect(fields, given * self.weight[:COUNT], self.weight[COUNT:])

    def test_balanced(self):
        """As scikit-learn's compute_class_weight: of the training samples alone."""
        self.write()
        counts = np.bincount(self.y[:COUNT])
        balanced = (COUNT / (CLASSES * counts))[self.y[:COUNT]]
        fields = self.run_job(self.job(class_weight="balanced"), ranks=None)
        self.expect(fields, balanced, np.ones(TESTED))
        self.y = np.where(self.y == 1, 2, self.y).astype(np.int32)  # no samples of a class
        self.write()
        fields = self.run_job(self.job(class_weight="balanced"), ranks=None)
        self.assertAlmostEqual(fields["loss"][0], np.log(CLASSES), 5)

    def test_swept(self):
        """Class weights of a sweep, and the resolved job reads back."""
        self.write()
        job = self.job(class_weight={"bee": "$w"})
        job["sweep"] = {"w": [1, 3]}
        fields = self.run_job(job, ranks=None)
        for loss, weight in zip(fields["loss"][:, 0], (1, 3)):
            weights = np.where(self.y[:COUNT] == 1, weight, 1)
            self.assertAlmostEqual(loss, weights.sum() * np.log(CLASSES) / COUNT, 5)

    def test_of_heads(self):
        """A head has the weights of its name, or those of all heads."""
        self.write(train_weight=self.weight[:COUNT], train_weight_b=self.weight[COUNT - 1::-1])
        head = {"layers": [dense(CLASSES, activation="softmax", kernel_initializer="zeros")],
                "loss": "categorical_crossentropy"}
        job = self.job()
        job["model"] = [dense(4, kernel_initializer="zeros")]
        del job["train"]["loss"]
        job["heads"] = {"a": head, "b": head, "c": {**head, "class_weight": {"bee": 0}}}
        fields = self.run_job(job, ranks=None)
        mean = self.weight[:COUNT].astype(float).mean() * np.log(CLASSES)
        self.assertAlmostEqual(fields["a_loss"][0], mean, 5)
        self.assertAlmostEqual(fields["b_loss"][0],
                               self.weight[COUNT - 1::-1].astype(float).mean() * np.log(CLASSES), 5)
        kept = self.weight[:COUNT][self.y[:COUNT] != 1].astype(float).sum() / COUNT
        self.assertAlmostEqual(fields["c_loss"][0], kept * np.log(CLASSES), 5)

    def test_ranks(self):
        """The same bits on any number of ranks, and by eval."""
        self.write(train_weight=self.weight[:COUNT], test_weight=self.weight[COUNT:])
        job = self.job(class_weight="balanced", batch_size=40, epochs=3)
        fields = self.run_job(job, ranks=1)
        self.assertEqual(common.differing(self.run_job(job, ranks=3), fields), [])
        self.lockstep("eval", self.path("1/trial_1/last.h5"), "-o", "found.h5")
        self.assertEqual(common.read(self.path("found.h5"))["loss"][0], fields["val_loss"][-1])

    def test_changed(self):
        """Other weights are other data."""
        self.write(train_weight=self.weight[:COUNT])
        self.write_job(self.job())
        self.lockstep("run", "job.yaml", "-o", "w.h5")
        self.write(train_weight=self.weight[COUNT - 1::-1])
        done = self.lockstep("run", "job.yaml", "-o", "w.h5", status=2)
        self.assertIn("/train/weight", done.stderr)

    def test_refused(self):
        wrong = self.weight[:COUNT].copy()
        for value in (-1, np.nan, np.inf):
            wrong[7] = value
            self.write(train_weight=wrong)
            self.refuse(self.job(), f"data.h5: /train/weight: sample 7 has the weight {value:g} "
                                    "(expected 0 or more)")
        for shape in (COUNT - 1, (COUNT, 2)):
            self.write(train_weight=np.ones(shape))
            self.refuse(self.job(), "(expected a number for each sample, [sample])")
        self.write()
        self.refuse(self.job(class_weight={"cat": 2}),
                    "class_weight: 'y' has no class 'cat' (expected 0 to 2, or a name such as "
                    "'ant')")
        self.refuse(self.job(class_weight={3: 2}), "class_weight: 'y' has no class '3'")
        self.refuse(self.job(class_weight={"bee": -2}),
                    "train.class_weight.bee: -2 is too small (expected a number from 0 to 1e+30)")
        self.refuse(self.job(class_weight="balance"),
                    "train.class_weight: found 'balance' (expected a mapping of names to numbers, "
                    "or balanced)")
        self.write(y=self.x[:, :3])
        self.refuse(self.job(class_weight={0: 2}, loss="mean_squared_error"),
                    "class_weight needs class labels, but y has values")

    def refuse(self, job, says):
        self.write_job(job)
        for verb in ("check", "run"):
            self.assertIn(says, self.lockstep(verb, "job.yaml", status=2).stderr)


if __name__ == "__main__":
    common.main()
