"""lockstep predict: its outputs are compared with a forward pass in NumPy, between all kinds of
data, numbers of ranks and formats; ensembles; what is refused.

Usage: predict_test.py PATH_TO_LOCKSTEP. Needs no network."""

import atexit
import csv
import functools
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest.mock

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import conversions
from common import dense, make_job

SPECIES = ["setosa", "versicolor", "virginica, Anderson"]
COLOURS = ["blue", "red"]
SOFTMAX = {"units": 3, "activation": "softmax"}


@functools.lru_cache(maxsize=None)
def table():
    """Numbers of the columns [length, width, colour] of 150 flowers, and their species."""
    random = np.random.default_rng(1)
    species = np.arange(150) % 3
    numbers = np.round(random.normal(size=(150, 2)) * 0.3 + species[:, None], 2)
    return np.column_stack([numbers, random.integers(0, 2, 150)]), species


def lines(columns, rows):
    """The table as CSV, with these columns."""
    numbers, species = table()
    values = {"length": numbers[:, 0], "width": numbers[:, 1],
              "colour": [COLOURS[int(c)] for c in numbers[:, 2]],
              "kind": [f'"{SPECIES[k]}"' for k in species], "id": range(1000, 1150)}
    return "\n".join([",".join(columns)] +
                     [",".join(str(values[c][i]) for c in columns) for i in rows]) + "\n"


@functools.lru_cache(maxsize=None)
def folder():
    """A folder with a dataset made of a CSV file, and trained models."""
    path = tempfile.mkdtemp(prefix="lockstep-predict-")
    atexit.register(shutil.rmtree, path)
    with open(os.path.join(path, "flowers.csv"), "w", encoding="utf-8") as file:
        file.write(lines(["length", "width", "colour", "kind"], range(150)))

    def lockstep(*arguments):
        subprocess.run([common.LOCKSTEP, *arguments], cwd=path, check=True, capture_output=True,
                       env={**os.environ, **common.ENVIRONMENT})

    lockstep("data", "flowers.csv", "-o", "flowers.h5", "--target", "kind", "--test", "0.2")
    train = {"epochs": 12, "batch_size": 16,
             "optimizer": {"adam": {"learning_rate": 0.02}}}
    flowers = {"file": os.path.join(path, "flowers.h5")}
    heads = {"digit": {"layers": [dense(10, activation="softmax")],
                       "loss": "categorical_crossentropy"},
             "image": {"layers": [dense(784)], "target": "input", "loss": "mean_squared_error"}}
    jobs = {
        "flowers": make_job(model=[dense(8, activation="relu"), dense(**SOFTMAX)],
                            dataset={**flowers, "transform": ["standardization"]}, train=train),
        "weak": make_job(model=[dense(8, activation="relu"), dense(**SOFTMAX)], dataset=flowers,
                         train={**train, "epochs": 1}, sweep={"replicates": 3}),
        "plain": make_job(model=[dense(**SOFTMAX)], dataset=flowers, train=train),
        "digits": make_job(),
        "heads": make_job(model=["flatten", dense(9)], heads=heads),
    }
    del jobs["heads"]["train"]["loss"]
    for name, job in jobs.items():
        with open(os.path.join(path, f"{name}.yaml"), "w", encoding="utf-8") as file:
            json.dump(job, file)
        lockstep("run", f"{name}.yaml", "-o", f"{name}.h5m", "--progress", "none")
    return path


def model(name, trial=1):
    return os.path.join(folder(), f"{name}.h5m.models", f"trial_{trial}", "last.h5")


def arrays(path):
    """Kernels and biases of the dense layers of a model file, in their order."""
    with h5py.File(path) as file:
        weights = file["model_weights"]
        names = [name for name in weights.attrs["layer_names"] if name.startswith("dense")]
        return [[weights[f"{name}/{name}/{array}:0"][()].astype(float)
                 for array in ("kernel", "bias")] for name in names]


def probabilities(path, x, activation=lambda z: np.maximum(z, 0)):
    (k1, b1), (k2, b2) = arrays(path)
    z = activation(x @ k1 + b1) @ k2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def flowers(path, rows):
    """The probabilities of these flowers, by NumPy."""
    numbers, _ = table()
    x = np.hstack([numbers[:, :2], np.eye(2)[numbers[:, 2].astype(int)]])
    with h5py.File(os.path.join(folder(), "flowers.h5")) as file:
        train = file["train/x"][()].astype(float)
    return probabilities(path, ((x - train.mean(axis=0)) / train.std(axis=0))[rows])


def images(part="test"):
    with h5py.File(common.digits()) as file:
        return file[f"{part}/x"][()]


class PredictTest(common.ProgramTest):
    def store(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def predict(self, *arguments, ranks=None):
        """The rows of standard output, as dicts."""
        output = self.lockstep("predict", *arguments, ranks=ranks)
        self.assertEqual(output.stderr, "")
        return list(csv.DictReader(io.StringIO(output.stdout)))

    def refuse(self, *arguments, says, status=2):
        result = self.lockstep("predict", *arguments, status=status)
        self.assertRegex(result.stderr, r"\Alockstep: [^\n]+\n\Z")
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "")

    @staticmethod
    def numbers(rows, names):
        return np.array([[float(row[name]) for name in names] for row in rows])


class TableTest(PredictTest):
    names = [f"p_{name}" for name in SPECIES]

    def test_probabilities(self):
        """Columns are found by name, in any order and among others; categories are those of the
        training; transforms are applied."""
        path = self.store("new.csv", lines(["colour", "id", "width", "length"], range(40)))
        rows = self.predict(model("flowers"), path)
        self.assertEqual(list(rows[0]), ["sample", "class", *self.names])
        self.assertEqual([row["sample"] for row in rows], [str(i) for i in range(40)])
        expected = flowers(model("flowers"), range(40))
        found = self.numbers(rows, self.names)
        np.testing.assert_allclose(found, expected, atol=2e-6)
        self.assertEqual([row["class"] for row in rows],
                         [SPECIES[k] for k in found.argmax(axis=1)])
        self.assertGreater(np.mean(found.argmax(axis=1) == table()[1][:40]), 0.8)

    def test_dataset(self):
        """The parts of a dataset file; the same samples from CSV give the same bits."""
        path = os.path.join(folder(), "flowers.h5")
        with h5py.File(path) as file:
            counts = {part: len(file[f"{part}/x"]) for part in ("train", "test")}
        self.assertEqual(len(self.predict(model("flowers"), path)), counts["test"])
        found = self.predict(model("flowers"), path, "--split", "train")
        self.assertEqual(len(found), counts["train"])
        everything = self.predict(model("flowers"), os.path.join(folder(), "flowers.csv"))
        texts = {tuple(row[name] for name in self.names) for row in everything}
        self.assertLessEqual({tuple(row[name] for name in self.names) for row in found}, texts)

    def test_other_encoding(self):
        """A dataset file of other categories, which would be taken for those of the training."""
        text = lines(["length", "width", "colour", "kind"], range(30))
        for name, content in (("same", text), ("other", text.replace("blue", "white"))):
            self.store(f"{name}.csv", content)
            self.lockstep("data", f"{name}.csv", "-o", f"{name}.h5", "--target", "kind",
                          "--missing", "mean")
        self.assertEqual(len(self.predict(model("flowers"), "same.h5")), 30)
        self.refuse(model("flowers"), "other.h5", says="other.h5: its inputs were made of columns "
                                                       "in another way than those for ")

    def test_scale(self):
        """That of the dataset file: of its training part, else 1/255 for bytes and 1 for others."""
        rows = self.predict(model("digits"), common.digits())[:20]
        x = images()[:20]
        for stored, attributes in ((x, {}), (x.astype(np.float32) / 255, {}),
                                   (x.astype(np.float32) * 2, {"test": 0.5 / 255}),
                                   (x.astype(np.float32) * 2, {"train": 0.5 / 255, "test": 3})):
            with self.subTest(stored.dtype, attributes=attributes):
                with h5py.File(self.path("scaled.h5"), "w") as file:
                    file["test/x"] = stored
                    for part, scale in attributes.items():
                        if part == "train":
                            file["train/x"] = stored
                        file[f"{part}/x"].attrs["scale"] = scale
                found = self.predict(model("digits"), "scaled.h5")
                names = [f"p_{k}" for k in range(10)]
                np.testing.assert_allclose(self.numbers(found, names), self.numbers(rows, names),
                                           atol=1e-6)

    def test_categories_that_look_like_numbers(self):
        self.store("t.csv", "code,value,y\n" + "".join(
            f"{'7' if i % 2 else 'x'},{i % 5},{i % 2}\n" for i in range(40)))
        self.lockstep("data", "t.csv", "-o", "t.h5", "--target", "y=class")
        self.run_job(make_job(model=[dense(2, activation="softmax")],
                              dataset={"file": self.path("t.h5"), "validation": 0.2}))
        self.store("n.csv", "code,value\n7,1\n7,2\n")
        self.assertEqual(len(self.predict(self.path("1/trial_1/last.h5"), "n.csv")), 2)

    def test_ensemble(self):
        path = self.store("new.csv", lines(["length", "width", "colour"], range(60)))
        models = [model("weak", trial) for trial in (1, 2, 3)]
        single = [self.predict(one, path) for one in models]
        rows = self.predict(*models, path)
        self.assertEqual(list(rows[0])[:6], ["sample", "class", "vote", "votes", "p_setosa",
                                             "p_setosa_std"])
        p = np.array([self.numbers(one, self.names) for one in single])
        mean = self.numbers(rows, self.names)
        np.testing.assert_allclose(mean, p.mean(axis=0), atol=1e-7)
        np.testing.assert_allclose(self.numbers(rows, [f"{name}_std" for name in self.names]),
                                   p.std(axis=0), atol=1e-7)
        self.assertEqual([row["class"] for row in rows], [SPECIES[k] for k in mean.argmax(axis=1)])
        tally = np.array([np.bincount(k, minlength=3) for k in p.argmax(axis=2).T])
        self.assertEqual([int(row["votes"]) for row in rows], tally.max(axis=1).tolist())
        order = np.lexsort([mean, tally])[:, -1]  # by votes, of equal ones by mean
        self.assertEqual([row["vote"] for row in rows], [SPECIES[k] for k in order])
        self.assertGreater(len(set(map(tuple, tally))), 3)  # the models disagree

    def test_refused(self):
        good = model("flowers")
        rows = {"length": "1.5", "width": "1", "colour": "red"}
        cases = {
            "c.csv:3: column colour: 'pink' (expected blue, red)": {"colour": "pink"},
            "c.csv:3: column colour: is missing": {"colour": ""},
            "c.csv:3: column width: is missing": {"width": ""},
        }
        for says, change in cases.items():
            with self.subTest(says):
                bad = {**rows, **change}
                self.store("c.csv", "\n".join([",".join(rows), ",".join(rows.values()),
                                               ",".join(bad.values())]) + "\n")
                self.refuse(good, "c.csv", says=says)
                self.refuse(good, "c.csv", "-o", "p.csv", says=says)
                self.refuse(good, "c.csv", "-o", "p.h5", says=says)
                self.assertEqual(os.listdir(self.folder), ["c.csv"])
        self.store("c.csv", "length,colour\n1,red\n")
        self.refuse(good, "c.csv", says="c.csv: has no column 'width'")
        self.refuse(good, "missing.csv", says="missing.csv: cannot open")
        self.refuse(good, says="no data given")
        self.refuse(says="no model file given")
        self.refuse("c.csv", "c.csv", says="c.csv")
        self.refuse(good, "c.csv", "--split", "test", says="c.csv is not a dataset file")
        self.refuse(good, common.digits(), says="/test/x: is uint8 [600, 28, 28, 1] (expected "
                                                "inputs of 4 numbers, as ")
        self.refuse(good, "c.csv", "-o", "c.csv", says="c.csv")
        self.store("mine.csv", "1,2\n")
        self.refuse(good, "c.csv", "-o", "mine.csv", says="mine.csv: exists and is not the file of")

    def test_different_models(self):
        path = self.store("new.csv", lines(["length", "width", "colour"], range(2)))
        self.refuse(model("flowers"), model("digits"), path,
                    says="cannot predict together: they differ in the size of inputs")
        self.refuse(model("digits"), model("heads"), common.digits(),
                    says="cannot predict together: they differ in the number of heads")
        self.assertEqual(len(self.predict(model("flowers"), model("plain"), path)), 2)

    def test_many_samples(self):
        """Memory does not grow with the samples."""
        def peak(count):
            np.save(self.path("many.npy"), np.zeros((count, 4), np.float32))
            script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
                      "stdout=subprocess.DEVNULL); "
                      "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
            done = subprocess.run([sys.executable, "-c", script, common.LOCKSTEP, "predict",
                                   self.values(), self.path("many.npy"), "-o", self.path("p.h5")],
                                  capture_output=True, check=True, **self.options())
            with h5py.File(self.path("p.h5")) as file:
                self.assertEqual(len(file["y"]), count)
            return int(done.stdout) / 1024
        few = peak(40_000)
        self.assertLess(peak(1_000_000) - few, 16)  # MiB; the inputs have 15, the outputs 15

    def values(self):
        """A model of values, trained on inputs that were not made of columns."""
        if not os.path.exists(self.path("v")):
            random = np.random.default_rng(2)
            with h5py.File(self.path("values.h5"), "w") as file:
                file["train/x"] = random.normal(size=(50, 4)).astype(np.float32)
                file["train/y"] = random.normal(size=(50, 3)).astype(np.float32)
            job = make_job(model=[dense(3)], dataset={"file": self.path("values.h5"),
                                                      "validation": 0.2},
                           train={"loss": "mean_squared_error", "epochs": 1})
            self.lockstep("run", self.write_job(job), "-o", "v.h5", "--progress", "none")
        return self.path("v/trial_1/last.h5")

    def test_values(self):
        """Values, of all kinds of data without columns."""
        path = self.values()
        x = np.random.default_rng(3).normal(size=(30, 4)).astype(np.float32)
        (kernel, bias), = arrays(path)
        np.save(self.path("x.npy"), x)
        np.savez(self.path("x.npz"), some=x, other=np.zeros(3))
        with h5py.File(self.path("x.h5"), "w") as file:
            file["a/b"] = x
            file["c"] = np.zeros(7)
        with h5py.File(self.path("unlabelled.h5"), "w") as file:
            file["test/x"] = x
        self.store("x.csv", "a,b,c,d\n" + "".join(",".join(repr(float(v)) for v in row) + "\n"
                                                  for row in x))
        self.store("x.txt", "a b c d t\n".replace(" ", ";") + "".join(
            ";".join([*(repr(float(v)) for v in row), "text"]) + "\n" for row in x))
        columns = [word for name in "abcd" for word in ("--x", name)]
        texts = set()
        for data in (["x.npy"], ["x.npz", "--x", "some"], ["x.h5", "--x", "a/b"],
                     ["unlabelled.h5"], ["x.csv"], ["x.txt", *columns]):
            with self.subTest(data):
                rows = self.predict(path, *data)
                self.assertEqual(list(rows[0]), ["sample", "y_0", "y_1", "y_2"])
                np.testing.assert_allclose(self.numbers(rows, ["y_0", "y_1", "y_2"]),
                                           x @ kernel + bias, atol=1e-5)
                texts.add(str(rows))
        self.assertEqual(len(texts), 1)
        self.refuse(path, "x.txt", says="x.txt: column t: has texts")
        np.save(self.path("x.npy"), np.where(x == x[7, 2], np.nan, x))
        self.refuse(path, "x.npy", says="sample 7: column")


class ArrayTest(PredictTest):
    def test_names(self):
        """Arrays by the names of the training, the only one, or as --x names them."""
        x = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
        np.savez(self.path("t.npz"), feature=x, label=(x[:, 0] > 0).astype(int))
        self.lockstep("data", "t.npz", "-o", "t.h5", "--x", "feature", "--y", "label=class")
        self.run_job(make_job(model=[dense(2, activation="softmax")],
                              dataset={"file": self.path("t.h5"), "validation": 0.2}))
        path = self.path("1/trial_1/last.h5")
        np.savez(self.path("other.npz"), one=x, more=np.zeros(7))
        np.savez(self.path("only.npz"), one=x)
        np.save(self.path("x.npy"), x)
        found = [self.predict(path, *words) for words in (
            ["t.npz"], ["only.npz"], ["x.npy"], ["other.npz", "--x", "one"], ["t.h5"])]
        for rows in found:
            self.assertEqual(rows, found[0])
        self.refuse(path, "other.npz", says="other.npz: has no column 'feature'")
        self.refuse(path, "t.npz", "--x", "feature", "--x", "label",
                    says="predict: --x: 2 names (expected 1, the columns that ")


class ImageTest(PredictTest):
    def test_kinds(self):
        """Images of a dataset, an array, a folder with and without classes, and a single file."""
        x = images()[:9]
        expected = probabilities(model("digits"), x.reshape(9, -1) / 255)
        names = [f"p_{k}" for k in range(10)]
        from_file = self.predict(model("digits"), common.digits())
        np.testing.assert_allclose(self.numbers(from_file[:9], names), expected, atol=1e-6)
        np.save(self.path("x.npy"), x)
        self.assertEqual(self.predict(model("digits"), "x.npy"), from_file[:9])
        for i, image in enumerate(x):
            content = conversions.PngTest.png(None, image[..., 0])
            self.store(f"plain/{i}.png", content)
            self.store(f"classes/{'ab'[i // 5]}/{i}.png", content)
        for where, paths in (("plain", [f"plain/{i}.png" for i in range(9)]),
                             ("classes", [f"classes/{'ab'[i // 5]}/{i}.png" for i in range(9)])):
            rows = self.predict(model("digits"), where)
            self.assertEqual(list(rows[0])[:3], ["sample", "file", "class"])
            self.assertEqual([row.pop("file") for row in rows], paths)
            self.assertEqual(rows, from_file[:9])
        one = self.predict(model("digits"), "plain/4.png")
        self.assertEqual(one[0].pop("file"), "plain/4.png")
        self.assertEqual({**one[0], "sample": "4"}, from_file[4])
        self.lockstep("predict", model("digits"), "plain", "-o", "p.h5")
        with h5py.File(self.path("p.h5")) as file:
            self.assertEqual(file["file"].asstr()[4], "plain/4.png")

    def test_classes_of_a_folder(self):
        """A model of a folder of images takes those of any size, in grey or colour."""
        random = np.random.default_rng(1)
        png = functools.partial(conversions.PngTest.png, None)
        for i in range(20):
            pixels = random.integers(0, 60, (12, 16, 3)) + 150 * (i % 2)
            self.store(f"photos/{'cd'[i % 2]}/{i}.png", png(pixels))
        self.lockstep("data", "photos", "-o", "photos.h5", "--resize", "8x8", "--crop")
        self.run_job(make_job(model=["flatten", dense(2, activation="softmax")],
                              dataset={"file": self.path("photos.h5"), "validation": 0.2},
                              train={"epochs": 20}))
        path = self.path("1/trial_1/last.h5")
        by_file = {row["file"]: row["p_c"] for row in self.predict(path, "photos")}
        with_labels = self.predict(path, "photos.h5")
        order = [f"photos/{k}/{i}.png" for k in "cd"
                 for i in sorted(range("cd".index(k), 20, 2), key=str)]
        self.assertEqual([by_file[name] for name in order], [row["p_c"] for row in with_labels])
        self.store("new/dark.png", png(np.full((40, 30), 20)))
        self.store("new/light.png", png(np.full((9, 9, 3), 190)))
        self.assertEqual([row["class"] for row in self.predict(path, "new")], ["c", "d"])

    def test_first_use(self):
        """A generated dataset is made when it is named first."""
        variables = {"LOCKSTEP_DATA": self.path("data")}
        for said in ("lockstep: generating digits", ""):
            with unittest.mock.patch.dict(os.environ, variables):
                done = self.lockstep("predict", model("digits"), "digits", "-o", "p.csv")
            self.assertEqual(done.stdout, "p.csv: 10000 samples\n")
            self.assertTrue(done.stderr.startswith(said))
            self.assertEqual(bool(done.stderr), bool(said))
        self.refuse(model("digits"), "digitz", says="no dataset 'digitz' (did you mean 'digits'?)")

    def test_ranks_and_formats(self):
        """The same bits on any number of ranks; HDF5 has what CSV has."""
        models = [model("heads"), model("heads")]
        contents = set()
        for ranks in (None, 2, 3):
            output = self.lockstep("predict", *models, common.digits(), "-o", "p.csv", ranks=ranks)
            self.assertEqual(output.stdout, "p.csv: 600 samples\n")
            with open(self.path("p.csv"), encoding="utf-8") as file:
                contents.add(file.read())
        self.assertEqual(len(contents), 1)
        rows = list(csv.DictReader(io.StringIO(contents.pop())))
        self.assertEqual(len(rows), 600)
        self.lockstep("predict", *models, common.digits(), "-o", "p.h5", ranks=2)
        with h5py.File(self.path("p.h5")) as file:
            found = {name: file[name][()] for name in file}
            for name in set(found) - {"sample", "digit_class", "image_unit"}:
                self.assertEqual([len(dim) for dim in file[name].dims], [1] * file[name].ndim)
            self.assertEqual(file["digit_probability"].dims[1][0].name, "/digit_class")
            self.assertEqual(file["image"].dims[0][0].name, "/sample")
        self.assertEqual(found["sample"].tolist(), list(range(600)))
        classes = np.array([name.decode() for name in found["digit_class"]])
        text = {name: [row[name] for row in rows] for name in rows[0]}
        self.assertEqual(classes[found["digit_predicted"]].tolist(), text["digit_class"])
        self.assertEqual(classes[found["digit_vote"]].tolist(), text["digit_vote"])
        self.assertEqual(set(found["digit_votes"]), {2})
        for k in (0, 9):
            self.assertEqual([np.float32(v) for v in text[f"digit_p_{k}"]],
                             found["digit_probability"][:, k].tolist())
        for k in (0, 783):
            self.assertEqual([np.float32(v) for v in text[f"image_{k}"]],
                             found["image"][:, k].tolist())
        self.assertTrue((found["image_std"] == 0).all())
        for _ in range(2):  # replaces what is a prediction
            self.lockstep("predict", model("heads"), common.digits(), "-o", "p.h5")
            self.lockstep("predict", model("heads"), common.digits(), "-o", "p.csv")

    def test_one_output(self):
        """The probability of the second of two classes."""
        with h5py.File(self.path("two.h5"), "w") as file:
            file["train/x"] = images("train")[:200]
            y = file.create_dataset("train/y", data=np.arange(200) % 2)
            y.attrs["class_names"] = ["even", "odd"]
        self.run_job(make_job(model=["flatten", dense(1, activation="sigmoid")],
                              dataset={"file": self.path("two.h5"), "validation": 0.2},
                              train={"loss": "binary_crossentropy"}))
        rows = self.predict(self.path("1/trial_1/last.h5"), "two.h5")
        self.assertEqual(list(rows[0]), ["sample", "class", "p_even", "p_odd"])
        p = self.numbers(rows, ["p_even", "p_odd"])
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
        self.assertEqual([row["class"] for row in rows],
                         [["even", "odd"][k] for k in (p[:, 1] > 0.5).astype(int)])

    def test_earlier_version(self):
        """A model file without names of classes: the outputs are values."""
        path = self.path("old.h5")
        shutil.copy(model("digits"), path)
        with h5py.File(path, "r+") as file:
            del file["lockstep/outputs"]
        output = self.lockstep("predict", path, common.digits())
        self.assertEqual(output.stderr, f"lockstep: {path}: an earlier version wrote it, without "
                         "the classes of its outputs, which are written as values\n")
        rows = list(csv.DictReader(io.StringIO(output.stdout)))
        self.assertEqual(list(rows[0]), ["sample", *(f"y_{k}" for k in range(10))])
        np.save(self.path("x.npy"), images()[:3])
        self.refuse(path, "x.npy", says="old.h5: an earlier version wrote it, without how inputs "
                                        "were made for training (expected a dataset file, not x.npy)")
        self.refuse(path, model("digits"), common.digits(), says="an earlier version wrote one")
        names = [f"p_{k}" for k in range(10)]
        new = self.numbers(self.predict(model("digits"), common.digits()), names)
        self.assertTrue((self.numbers(rows, [f"y_{k}" for k in range(10)]) == new).all())

    def test_full_disk(self):
        """No file is left behind."""
        for name in ("p.csv", "p.h5"):
            done = subprocess.run(["bash", "-c", f'ulimit -f 8192; exec "$@" -o {name}', "x",
                                   common.LOCKSTEP, "predict", model("heads"), common.digits(),
                                   "--split", "train"],
                                  capture_output=True, **self.options())
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(name, done.stderr)
            self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    common.main()
