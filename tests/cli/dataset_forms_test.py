"""Datasets in the forms in which arrays are commonly stored: other types, images without a channel,
labels as a column or one-hot. Each is trained on as the plain form is, to the same weights."""

import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import dense, make_job

COUNT, TESTED = 90, 30
CONV = [{"conv2d": {"filters": 3, "kernel_size": 3}}, "flatten", dense(3, activation="softmax")]
SIGMOID = ["flatten", dense(1, activation="sigmoid")]


def images():
    return np.random.default_rng(1).integers(0, 256, (COUNT, 7, 6, 1)).astype(np.uint8)


def labels(classes=3):
    return (np.arange(COUNT) % classes).astype(np.int32)


class FormsTest(common.ProgramTest):
    def write(self, x, y, **attributes):
        with h5py.File(self.path("data.h5"), "w") as file:
            for part, count in (("train", COUNT), ("test", TESTED)):
                file[f"{part}/x"] = x[:count]
                file[f"{part}/y"] = y[:count]
                file[f"{part}/y"].attrs.update(attributes)

    def train(self, x, y, model=None, loss="categorical_crossentropy", metrics=None, **attributes):
        """The fields of the results."""
        self.write(x, y, **attributes)
        train = {"epochs": 2, "batch_size": 30, "loss": loss, "shards": 1}
        if metrics:
            train["metrics"] = metrics
        job = make_job(model=model or CONV, dataset={"file": "data.h5"}, train=train)
        return self.run_job(job, ranks=None)

    def hash(self, *arguments, **options):
        return self.train(*arguments, **options)["weights_hash"]

    def test_labels(self):
        x, y, rows = images(), labels(), np.eye(3)[labels()]
        expected = self.hash(x, y, class_count=3)
        for form in (y, y[:, None], y.astype(np.uint64), rows, rows.astype(np.float16),
                     rows.astype(bool), rows.astype(np.int8)):
            with self.subTest(form.dtype, shape=form.shape):
                self.assertEqual(self.hash(x, form), expected)

    def test_inputs(self):
        x, y = images(), labels()
        self.assertEqual(self.hash(x[..., 0], y), self.hash(x, y))
        expected = self.hash(x.astype(np.float32), y)
        for form in (np.float16, np.float64, np.int16, np.uint32, np.int64):
            with self.subTest(form):
                self.assertEqual(self.hash(x.astype(form), y), expected)
        self.assertEqual(self.hash(x > 99, y), self.hash((x > 99).astype(np.float32), y))

    def test_compressed(self):
        """With chunks that the extent cuts, some of which stay as they are."""
        x, y = images(), labels()
        expected = self.hash(x, y)
        for options in ({"compression": "gzip"}, {"shuffle": True, "fletcher32": True},
                        {"compression": 9, "shuffle": True, "fletcher32": True}):
            with self.subTest(options):
                self.write(x, y)
                with h5py.File(self.path("data.h5"), "a") as file:
                    del file["train/x"]
                    new = file.create_dataset("train/x", data=x, chunks=(13, 5, 6, 1), **options)
                    if options == {"compression": "gzip"}:
                        new.id.write_direct_chunk((0, 0, 0, 0), x[:13, :5].tobytes(),
                                                  filter_mask=1)
                train = {"epochs": 2, "batch_size": 30, "loss": "categorical_crossentropy",
                         "shards": 1}
                job = make_job(model=CONV, dataset={"file": "data.h5"}, train=train)
                self.assertEqual(self.run_job(job, ranks=None)["weights_hash"], expected)

    def test_virtual(self):
        """A virtual dataset over two files, if the job allows that."""
        x, y = images(), labels()
        expected = self.hash(x, y)
        layout = h5py.VirtualLayout(x.shape, np.uint8)
        for i, part in enumerate(np.split(x, 2)):
            with h5py.File(self.path(f"part{i}.h5"), "w") as file:
                file["x"] = part
            layout[i * len(part):(i + 1) * len(part)] = h5py.VirtualSource(f"part{i}.h5", "x",
                                                                           part.shape)
        with h5py.File(self.path("data.h5"), "a") as file:
            del file["train/x"]
            file.create_virtual_dataset("train/x", layout)
        train = {"epochs": 2, "batch_size": 30, "loss": "categorical_crossentropy", "shards": 1}
        job = make_job(model=CONV, dataset={"file": "data.h5", "allow_external": True}, train=train)
        self.assertEqual(self.run_job(job, ranks=2)["weights_hash"], expected)

    def test_binary(self):
        """Two classes with one output; `accuracy` is then binary_accuracy."""
        x, y = images(), labels(2)
        fields = self.train(x, y, SIGMOID, "binary_crossentropy", ["accuracy", "binary_accuracy"])
        for name in ("accuracy", "val_accuracy"):
            other = name.replace("accuracy", "binary_accuracy")
            self.assertEqual(fields[name].tolist(), fields[other].tolist())
            self.assertGreater(fields[name].min(), 0)
        for form in (y.astype(bool), y[:, None].astype(np.float64), y.astype(np.float32)):
            with self.subTest(form.dtype, shape=form.shape):
                self.assertEqual(self.hash(x, form, SIGMOID, "binary_crossentropy"),
                                 fields["weights_hash"])

    def test_values(self):
        """Integers that are not one-hot are values, also where only the test part is not."""
        x, rows = images(), np.eye(3, dtype=np.int64)[labels()]
        rows[4] = [1, 1, 0]
        values = np.eye(3)[labels()]
        values[TESTED + 1] = [0, 0, 0]
        model = ["flatten", dense(3, activation="sigmoid")]
        for form in (rows, values):
            self.write(x, form)
            job = make_job(model=model, dataset={"file": "data.h5"},
                           train={"loss": "binary_crossentropy"})
            self.assertIn("3 values of y", self.lockstep("check", self.write_job(job)).stdout)


if __name__ == "__main__":
    common.main()
