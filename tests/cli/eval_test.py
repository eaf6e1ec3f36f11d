"""lockstep eval: everything in its file is recomputed in NumPy from the weights and the images:
forward passes, perturbed images (with the random numbers of philox.py), metrics, intervals and
tests."""

import atexit
import functools
import math
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

import h5py
import numpy as np

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path += [os.path.join(TESTS, "mpi"), os.path.join(TESTS, "reference")]

import common
import philox
from common import dense, make_job

PERTURBATION = 9  # in lockstep/random.h
OUT = dense(10, activation="softmax")
JOBS = {
    "good": make_job,
    "weak": lambda **keys: make_job(
        model=["flatten", dense("$units", activation="sigmoid"), OUT], sweep={"units": [3, 4]},
        train={"epochs": 1}, **keys),
    "denoiser": lambda **keys: make_job(
        model=[{"salt_and_pepper": {"amount": 0.3}}, "flatten", dense(30, activation="relu", name="code"),
               dense(784, activation="sigmoid")],
        train={"loss": "binary_crossentropy", "target": "input", "metrics": ["mean_squared_error"],
               "optimizer": "adam"}, **keys),
    "reduced": lambda **keys: make_job(
        dataset={"transform": [{"pca": 20}], "subset": {"train": 900, "seed": 1, "test": 500},
                 "validation": {"fraction": {"fraction": 0.3, "shuffle": True}}},
        model=[dense(12, activation="tanh"), OUT], **keys),
    "weighted": lambda **keys: make_job(train={"class_weight": "balanced"}, **keys),
    "heads": lambda **keys: {**make_job(model=["flatten", dense(9, activation="relu")], **keys),
                             "heads": {"one": {"layers": [OUT], "loss": "categorical_crossentropy"},
                                       "image": {"layers": [dense(784)], "target": "input",
                                                 "loss": "mean_squared_error"}}},
}


@functools.lru_cache(maxsize=None)
def folder():
    path = tempfile.mkdtemp(prefix="lockstep-eval-")
    atexit.register(shutil.rmtree, path)
    return path


@functools.lru_cache(maxsize=None)
def model(name, trial=1, which="best"):
    """The path of a trained model."""
    job = JOBS[name](name=name)
    if "heads" in job:
        del job["train"]["loss"]
    results = os.path.join(folder(), f"{name}.h5")
    if not os.path.exists(results):
        test = common.ProgramTest()
        test.folder = folder()
        subprocess.run([common.LOCKSTEP, "run", test.write_job(job, f"{name}.yaml"), "-o", results,
                        "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder(), name, f"trial_{trial}", f"{which}.h5")


def images(part="test", path=None):
    with h5py.File(path or common.digits(), "r") as file:
        x = file[f"{part}/x"]
        return x[:].reshape(len(x), 28, 28) * np.float32(x.attrs["scale"]), file[f"{part}/y"][:]


def layers(path):
    """[(kernel, bias)] in the order of the model."""
    with h5py.File(path, "r") as file:
        weights = file["model_weights"]
        names = [name for name in weights.attrs["layer_names"] if len(weights[name])]
        return [tuple(weights[name][name][f"{array}:0"][()].astype(np.float64)
                      for array in ("kernel", "bias")) for name in names]


def own_metrics(path):
    with h5py.File(path, "r") as file:
        return dict(file["lockstep/metrics"].attrs)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(z, 0)


def forward(path, x, hidden=relu, last=softmax):
    a = x.reshape(len(x), -1).astype(np.float64)
    *before, (kernel, bias) = layers(path)
    for k, b in before:
        a = hidden(a @ k + b)
    return last(a @ kernel + bias)


def cross_entropy(p, y):
    return -np.log(p[np.arange(len(y)), y]).mean()


def wilson(right, n, z=1.959963984540054):
    p = right / n
    middle, reach = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [(middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)]


def read(path):
    with h5py.File(path, "r") as file:
        return {name: item[()] for name, item in file.items()}


# ---- Changes of images, [sample, row, column]


def place(x, rows, columns):
    """Pixels at integer positions, 0 outside."""
    padded = np.pad(x, ((0, 0), (40, 40), (40, 40)))
    return padded[:, rows.astype(int) + 40, columns.astype(int) + 40]


def rotate(x, degrees):
    """Counterclockwise: a pixel higher on the screen is in a lower row."""
    angle, middle = math.radians(degrees), 13.5
    rows, columns = np.meshgrid(np.arange(28) - middle, np.arange(28) - middle, indexing="ij")
    right, up = columns, -rows
    from_right = right * math.cos(angle) + up * math.sin(angle)
    from_up = up * math.cos(angle) - right * math.sin(angle)
    row, column = middle - from_up, middle + from_right
    upper, left = np.floor(row), np.floor(column)
    down, across = row - upper, column - left
    return ((1 - down) * ((1 - across) * place(x, upper, left) +
                          across * place(x, upper, left + 1)) +
            down * ((1 - across) * place(x, upper + 1, left) +
                    across * place(x, upper + 1, left + 1)))


def blur(x, sigma):
    """scipy.ndimage.gaussian_filter with its defaults, of each image."""
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pad = [(0, 0)] * 3
        pad[axis] = (radius, radius)
        padded = np.pad(x, pad, mode="symmetric")
        x = sum(w * np.take(padded, np.arange(28) + k, axis) for k, w in enumerate(weights))
    return x


def translate(x, down, right):
    moved = np.zeros_like(x)
    inner = np.s_[:, max(down, 0):28 + min(down, 0), max(right, 0):28 + min(right, 0)]
    from_ = np.s_[:, max(-down, 0):28 + min(-down, 0), max(-right, 0):28 + min(-right, 0)]
    moved[inner] = x[from_]
    return moved


def salt_and_pepper(x, amount, level, seed=0):
    """`level` is the index of the level."""
    changed = x.copy()
    for i, image in enumerate(changed.reshape(len(x), -1)):
        draw = philox.uniform(784, seed, PERTURBATION, level, 0, i)
        image[draw < amount] = 0
        image[draw < amount / 2] = 1
    return changed


def gaussian_noise(x, stddev, level, seed=0):
    noise = [philox.normal(784, seed, PERTURBATION, level, 0, i) for i in range(len(x))]
    return x + stddev * np.reshape(noise, x.shape)


def pixel_permutation(x, share, level, seed=0):
    count = round(share * 784)
    chosen = philox.permutation(784, seed, PERTURBATION, level)[:count]
    order = philox.permutation(count, seed, PERTURBATION, level, 1) if count else []
    changed = x.reshape(len(x), -1).copy()
    changed[:, chosen] = x.reshape(len(x), -1)[:, chosen[order]] if count else 0
    return changed.reshape(x.shape)


class EvalTest(common.ProgramTest):
    def evaluate(self, *arguments, ranks=None):
        """The file's fields."""
        self.runs += 1
        output = self.path(f"{self.runs}.h5")
        self.said = self.lockstep("eval", *arguments, "-o", output, ranks=ranks).stdout
        return read(output)

    def close(self, one, other, tolerance=2e-5):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)

    def test_alone(self):
        """Loss and metrics have the bits of training; the rest is recomputed."""
        path = model("good")
        found = self.evaluate(path, "--top-k", "3", "--metrics",
                              "accuracy,mean_absolute_error,top_k_categorical_accuracy,f1,"
                              "precision,cohen_kappa")
        trained = own_metrics(path)
        self.assertEqual(found["loss"][0], trained["val_loss"])
        self.assertEqual(found["accuracy"][0], trained["val_accuracy"])
        x, y = images()
        p = forward(path, x)
        guess, sure = p.argmax(1), p.max(1)
        right = guess == y
        self.assertEqual(list(found["label"]), list(y))
        self.assertEqual(list(found["sample"]), list(range(len(y))))
        self.assertEqual(list(found["predicted"][0]), list(guess))
        self.close(found["confidence"][0], sure)
        self.close(found["mean_absolute_error"][0], abs(p - np.eye(10)[y]).mean())
        above = (p > p[np.arange(len(y)), y][:, None]).sum(1)
        self.close(found["top_3_accuracy"][0], (above < 3).mean(), 1e-12)
        self.close(found["top_k_categorical_accuracy"][0], (above < 5).mean(), 1e-12)
        self.close([found["accuracy_low"][0], found["accuracy_high"][0]],
                   wilson(right.sum(), len(y)), 1e-12)
        confusion = np.zeros((10, 10), int)
        np.add.at(confusion, (y, guess), 1)
        np.testing.assert_array_equal(found["confusion"][0], confusion)
        hits = confusion.diagonal()
        self.close(found["precision"][0], hits / confusion.sum(0), 1e-12)
        self.close(found["recall"][0], hits / confusion.sum(1), 1e-12)
        self.close(found["f1"][0], 2 * hits / (confusion.sum(0) + confusion.sum(1)), 1e-12)
        np.testing.assert_array_equal(found["support"], confusion.sum(1))
        self.close(found["overall_f1"][0], found["f1"][0].mean(), 1e-12)
        self.close(found["overall_precision"][0], found["precision"][0].mean(), 1e-12)
        chance = (confusion.sum(0) * confusion.sum(1)).sum() / len(y) ** 2
        self.close(found["cohen_kappa"][0], (right.mean() - chance) / (1 - chance), 1e-12)
        np.testing.assert_array_equal(found["predicted_total"][0], confusion.sum(0))
        # Bins by the file's own confidence: one that lies on an edge is in either.
        bins = np.ceil(found["confidence"][0] * 15).astype(int) - 1
        counts = np.bincount(bins, minlength=15)
        np.testing.assert_array_equal(found["reliability_count"][0], counts)
        some = counts > 0
        self.assertTrue(some.sum() > 5 and not some.all())
        accuracy = np.bincount(bins, right, 15)[some] / counts[some]
        confidence = np.bincount(bins, sure, 15)[some] / counts[some]
        self.close(found["reliability_accuracy"][0][some], accuracy)
        self.close(found["reliability_confidence"][0][some], confidence)
        self.assertTrue(np.isnan(found["reliability_accuracy"][0][~some]).all())
        self.close(found["calibration_error"][0],
                   (counts[some] * abs(accuracy - confidence)).sum() / len(y))
        for text in ("600 test samples", f"{right.mean():.5f}", "precision"):
            self.assertIn(text, self.said)

    def test_labels(self):
        """Dimension scales, long names and units, for xarray."""
        self.evaluate(model("good"), model("weak"), "--transform", "shift_up=0,2")
        axes = {"model", "other_model", "sample", "bin", "class", "predicted_class", "shift_up"}
        with h5py.File(self.path("1.h5"), "r") as file:
            self.assertEqual(set(filter(lambda name: h5py.h5ds.is_scale(file[name].id), file)), axes)
            for name, item in file.items():
                self.assertTrue(item.attrs["long_name"], name)
                for dim in range(0 if name in axes else item.ndim):
                    self.assertEqual(item.dims[dim][0].shape, (item.shape[dim],), name)
            self.assertEqual(file["confusion"].dims[2][0].name, "/predicted_class")
            self.assertEqual(file["accuracy_shift_up"].dims[1][0].name, "/shift_up")
            self.assertEqual(file["shift_up"].attrs["units"], "pixel")
            self.assertEqual(list(file["model"].asstr()), ["good", "weak units=3"])
            self.assertEqual(file.attrs["split"], "test")
            self.assertIn("lockstep eval", file.attrs["history"])

    def test_figures(self):
        self.evaluate(model("good"), model("weak"), "--transform", "rotation=-20:20:20")
        for name in ("1_reliability", "1_rotation"):
            root = ElementTree.parse(self.path(f"{name}.svg")).getroot()
            text = " ".join(root.itertext())
            for word in ("good", "weak units=3", "accuracy"):
                self.assertIn(word, text)
            with open(self.path(f"{name}.png"), "rb") as file:
                self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        self.assertIn("rotation, counterclockwise (degree)", text)

    def test_perturbed_samples(self):
        """A figure of the first samples at each level, at most 12."""
        self.evaluate(model("good"), "--transform", "shift_right=0:20:1", "--transform", "blur=1.5")
        for name, levels in (("shift_right", range(12)), ("blur", [1.5])):
            root = ElementTree.parse(self.path(f"1_{name}_samples.svg")).getroot()
            text = [item for item in map(str.strip, root.itertext()) if item]
            for word in ("original", "no. 0", "no. 3", *map(str, levels)):
                self.assertIn(word, text)
            self.assertNotIn("13", text)
        with h5py.File(self.path("1.h5"), "r") as file:
            captions = " ".join(file.attrs["captions"])
        self.assertIn("with shift_right at the first 12 of 21 levels", captions)
        self.assertIn("with blur at each level", captions)

    def test_all(self):
        """What is not printed is named, and printed with --all."""
        arguments = [model("good"), model("weak"), "--transform", "shift_up=0,2"]
        self.evaluate(*arguments)
        self.assertIn("\n1 of 5 measured values shown; --all shows all.\n", self.said)
        self.assertEqual(self.said.count("precision"), 2)
        many = [model(*which) for which in (("good",), ("good", 1, "last"), ("weak",),
                                            ("weak", 1, "last"), ("weak", 2))]
        self.evaluate(*many)
        self.assertIn("\nScores by class are not shown; --all shows them.\n", self.said)
        self.assertEqual(self.said.count("precision"), 0)
        found = self.evaluate(*arguments, "--all")
        self.assertNotIn("--all", self.said)
        self.assertEqual(self.said.count("precision"), 2)
        self.assertIn(f"\n    9    {found['precision'][0, 9]:.5f}", self.said)
        for name in ("loss", "accuracy_low", "calibration_error"):
            self.assertIn(f"\n{name} at levels of shift_up", self.said)

    def test_class_names(self):
        """Names of classes in the place of numbers."""
        names = ["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "neun ü"]
        with h5py.File(self.path("named.h5"), "w") as file, h5py.File(common.digits(), "r") as data:
            for part in ("train", "test"):
                data.copy(part, file)
                file[part]["y"].attrs["class_names"] = names
        self.run_job(make_job(dataset={"file": self.path("named.h5"), "subset": {"train": 200}}))
        found = self.evaluate(self.path("1/trial_1/last.h5"))
        self.assertIn("\n class  precision", self.said)
        for i, name in enumerate(names):
            self.assertIn(f"\n{name:>6}  ", self.said)
            self.assertIn(f" {found['recall'][0, i]:.5f} ", self.said)

    def test_other_meanings(self):
        """Columns, categories and classes of another dataset have to be those of training."""
        def table(name, colours, kinds):
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write("size,colour,kind\n")
                for i in range(60):
                    file.write(f"{i % 7},{colours[i % len(colours)]},{kinds[i % len(kinds)]}\n")
            self.lockstep("data", name, "--target", "kind", "--test", "0.2",
                          "-o", name.replace(".csv", ".h5"))

        table("one.csv", ["red", "green"], ["cat", "dog"])
        table("same.csv", ["green", "red"], ["dog", "cat"])
        table("colour.csv", ["red", "blue"], ["cat", "dog"])
        table("kind.csv", ["red", "green"], ["cat", "emu"])
        self.run_job(make_job(model=[dense(2, activation="softmax")],
                              dataset={"file": self.path("one.h5")}))
        path = self.path("1/trial_1/last.h5")
        self.evaluate(path, "--dataset", "same.h5")
        done = self.lockstep("eval", path, "--dataset", "colour.h5", status=2)
        self.assertEqual(done.stderr, "lockstep: colour.h5: its inputs were made of columns in "
                         f"another way than those for {path}: other columns or categories "
                         "(expected a file that was converted together with the training data, as "
                         "--test of 'lockstep data' does)\n")
        done = self.lockstep("eval", path, "--dataset", "kind.h5", status=2)
        self.assertEqual(done.stderr, "lockstep: kind.h5: /train/y: class 1 is 'emu' (expected "
                         f"'dog', as in the data that {path} was trained on)\n")

    def test_pairs(self):
        """McNemar's test: exact for two states of one model, chi-square for a much weaker one."""
        paths = [model("good"), model("weak"), model("weak", 1, "last"), model("weak", 2)]
        found = self.evaluate(*paths)
        names = ["good", paths[1], paths[2], "weak units=4"]  # names must be unique
        self.assertEqual([name.decode() for name in found["model"]], names)
        right = found["predicted"] == found["label"]
        for i in range(4):
            for k in range(4):
                alone = [(right[i] & ~right[k]).sum(), (right[k] & ~right[i]).sum()]
                n = sum(alone)
                self.assertEqual(found["only_right"][i, k], alone[0])
                self.assertEqual(found["mcnemar_exact"][i, k], n < 25)
                if n < 25:
                    tail = sum(math.comb(n, j) for j in range(min(alone) + 1)) / 2 ** n
                    self.close(found["mcnemar_p"][i, k], min(1, 2 * tail), 1e-12)
                    self.assertTrue(np.isnan(found["mcnemar_statistic"][i, k]))
                else:
                    chi = max(abs(alone[0] - alone[1]) - 1, 0) ** 2 / n
                    self.close(found["mcnemar_statistic"][i, k], chi, 1e-12)
                    self.close(found["mcnemar_p"][i, k], math.erfc(math.sqrt(chi / 2)), 1e-12)
        self.assertEqual(set(found["mcnemar_exact"].flat), {0, 1})
        p, corrected = found["mcnemar_p"], found["mcnemar_p_holm"]
        pairs = sorted(((p[i, k], i, k) for i in range(4) for k in range(i + 1, 4)))
        reached = 0
        for place, (value, i, k) in enumerate(pairs):
            reached = max(reached, min(1, value * (6 - place)))
            self.close(corrected[[i, k], [k, i]], reached, 1e-12)
        self.assertEqual(self.said.count(", p (Holm) = "), 6)
        self.assertNotIn("(Holm)", (self.evaluate(*paths[:2]), self.said)[1])
        self.evaluate(*paths)
        self.assertIn("exact binomial", self.said)
        self.assertIn("with continuity correction", self.said)

    def assert_curves(self, found, name, changed, path, row=0):
        """Losses and accuracies are those of the images in `changed`, a list."""
        y = found["label"]
        for level, x in enumerate(changed):
            p = forward(path, x.astype(np.float32))
            self.close(found[f"loss_{name}"][row, level], cross_entropy(p, y), 2e-4)
            right = (p.argmax(1) == y).sum()
            self.assertAlmostEqual(found[f"accuracy_{name}"][row, level] * len(y), right, delta=1.1)
            self.close([found[f"accuracy_{end}_{name}"][row, level] for end in ("low", "high")],
                       wilson(round(found[f"accuracy_{name}"][row, level] * len(y)), len(y)), 1e-12)

    def test_moved(self):
        path = model("good")
        ways = {"right": (0, 1), "left": (0, -1), "up": (-1, 0), "down": (1, 0)}
        levels = [0, 3, 30]
        options = [f"--transform={kind}_{way}=0,3,30" for kind in ("shift", "translate")
                   for way in ways]
        found = self.evaluate(path, *options, "--transform=rotation=0,90,-17.5",
                              "--transform=blur=0:1.5:0.75")
        x, _ = images()
        for way, (down, right) in ways.items():
            self.assert_curves(found, f"shift_{way}", [
                np.roll(x, (k * down, k * right), (1, 2)) for k in levels], path)
            self.assert_curves(found, f"translate_{way}", [
                translate(x, k * down, k * right) if k < 28 else 0 * x for k in levels], path)
        self.assertEqual(found["loss_shift_up"][0, 0], found["loss"][0])
        self.assert_curves(found, "rotation", [x, np.rot90(x, 1, (1, 2)), rotate(x, -17.5)], path)
        self.assertEqual(list(found["blur"]), [0, 0.75, 1.5])
        self.assert_curves(found, "blur", [x, blur(x, 0.75), blur(x, 1.5)], path)

    def test_random(self):
        path = model("good")
        found = self.evaluate(path, "--transform=salt_and_pepper=0:0.3:0.1", "--seed=7",
                              "--transform=gaussian_noise=0.5", "--transform=pixel_permutation=0,0.2,1")
        x, _ = images()
        levels = [0, 0.1, 0.2, 0.3]
        self.assertEqual(list(found["salt_and_pepper"]), levels)
        self.assert_curves(found, "salt_and_pepper", [
            salt_and_pepper(x, amount, k, 7) for k, amount in enumerate(levels)], path)
        self.assert_curves(found, "gaussian_noise", [gaussian_noise(x, 0.5, 0, 7)], path)
        self.assert_curves(found, "pixel_permutation", [
            pixel_permutation(x, share, k, 7) for k, share in enumerate([0, 0.2, 1])], path)

    def test_through(self):
        """A denoising model before a classifier, and alone, where the target is the clean image."""
        good, denoiser = model("good"), model("denoiser")
        noise = "--transform=salt_and_pepper=0,0.4"
        found = self.evaluate(good, noise, "--through", denoiser)
        self.assertEqual([name.decode() for name in found["model"]],
                         ["good", "good after denoiser"])
        x, y = images()
        noisy = [salt_and_pepper(x, amount, k) for k, amount in enumerate([0, 0.4])]
        restored = [forward(denoiser, image, relu, sigmoid) for image in noisy]
        self.assert_curves(found, "salt_and_pepper", noisy, good)
        self.assert_curves(found, "salt_and_pepper", restored, good, 1)
        self.assertEqual(found["loss"][1], found["loss_salt_and_pepper"][1, 0])
        alone = self.evaluate(denoiser, noise)
        self.assertNotIn("accuracy", alone)
        clean = x.reshape(len(x), -1)
        for k, image in enumerate(restored):
            error = ((image - clean) ** 2).mean()
            self.close(alone["mean_squared_error_salt_and_pepper"][0, k], error)
        self.assertTrue(os.path.exists(self.path("2_salt_and_pepper.svg")))

    def test_samples(self):
        """Split, subset and fitted transforms are those of training; another dataset."""
        path = model("reduced")
        trained = own_metrics(path)
        found = self.evaluate(path, "--split", "validation")
        # The samples are in another order, so that products have them in other rows, and some
        # kernels of OpenBLAS round these differently.
        self.close(found["loss"][0], trained["val_loss"], 1e-6)
        self.assertEqual(found["accuracy"][0], trained["val_accuracy"])
        self.assertEqual(found["predicted"].shape, (1, 270))
        self.assertTrue((np.diff(found["sample"]) > 0).all())
        self.assertEqual(list(found["label"]), list(images("train")[1][found["sample"]]))
        test = self.evaluate(path, "--split", "test")
        self.assertEqual(test["predicted"].shape, (1, 500))
        train = self.evaluate(path, "--split", "train")
        self.assertEqual(len(set(train["sample"]) | set(found["sample"])), 900)
        self.lockstep("data", "digits", "--seed", "9", "--train", "1000", "--test", "700",
                      "-o", self.path("other.h5"))
        other = self.evaluate(model("good"), "--dataset", "other.h5")
        x, y = images("test", self.path("other.h5"))
        self.assertEqual(list(other["label"]), list(y))
        self.close(other["loss"][0], cross_entropy(forward(model("good"), x), y))
        # The same samples as another dataset: principal components are still the job's own.
        shutil.copy(common.digits(), self.path("same.h5"))
        with h5py.File(self.path("same.h5"), "r+") as file:
            file["train/x"][...] = 255 - file["train/x"][...]
        found = self.evaluate(path, "--dataset", "same.h5")
        self.assertEqual(found["loss"], self.evaluate(path, "--dataset", common.digits())["loss"])
        self.assertEqual(found["predicted"].shape, (1, 600))  # all, whatever the job's subset is

    def test_part_of_another_dataset(self):
        """Any dataset with labels: with one part only, smaller than the job's subset and split."""
        x, y = images("train")
        with h5py.File(self.path("few.h5"), "w") as file:
            file["train/x"] = np.round(x[:40] * 255).astype(np.uint8)
            file["train/y"] = y[:40]
        for name in ("good", "reduced"):
            found = self.evaluate(model(name), "--dataset", "few.h5", "--split", "train")
            self.assertEqual(list(found["label"]), list(y[:40]))
            self.assertEqual(list(found["sample"]), list(range(40)))
        found = self.evaluate(model("good"), "--dataset", "few.h5", "--split", "train")
        self.close(found["loss"][0], cross_entropy(forward(model("good"), x[:40]), y[:40]))
        done = self.lockstep("eval", model("good"), "--dataset", "few.h5", status=2)
        self.assertIn("there are no test samples in few.h5 (expected --split train)", done.stderr)

    def test_only_test_samples(self):
        """A dataset without /train, of fewer samples than there are principal components and of
        few classes. Weights of classes are of training."""
        x, y = images()
        with h5py.File(self.path("new.h5"), "w") as file:
            file["test/x"] = np.round(x[:12] * 255).astype(np.uint8)
            file["test/y"] = y[:12]
        for name in ("good", "reduced", "weighted"):
            found = self.evaluate(model(name), "--dataset", "new.h5")
            self.assertEqual(list(found["label"]), list(y[:12]))
            whole = self.evaluate(model(name), "--dataset", common.digits())
            np.testing.assert_array_equal(found["predicted"], whole["predicted"][:, :12])
        self.lockstep("errors", model("good"), "--dataset", "new.h5")
        done = self.lockstep("eval", model("good"), "--dataset", "new.h5", "--split", "train",
                             status=2)
        self.assertIn("there are no train samples in new.h5 (expected --split test)", done.stderr)

    def test_heads(self):
        found = self.evaluate(model("heads"), "--transform=blur=0,1")
        trained = own_metrics(model("heads"))
        for name in ("loss", "one_loss", "image_loss", "one_accuracy"):
            self.assertEqual(found[name][0], trained[f"val_{name}"])
            self.assertEqual(found[f"{name}_blur"][0, 0], trained[f"val_{name}"])
        self.assertEqual(found["one_confusion"].sum(), 600)
        self.assertNotIn("image_confusion", found)
        self.assertTrue(os.path.exists(self.path("1_one_blur.png")))

    def test_ranks(self):
        """The same bits alone and on three ranks."""
        options = [model("good"), model("weak"), "--through", model("denoiser"), "--top-k", "2",
                   "--transform=salt_and_pepper=0,0.5", "--transform=rotation=10"]
        alone, three = self.evaluate(*options), self.evaluate(*options, ranks=3)
        self.assertEqual(common.differing(alone, three), [])
        reduced = [self.evaluate(model("reduced"), ranks=ranks) for ranks in (None, 3)]
        self.assertEqual(common.differing(*reduced), [])

    def test_default_output(self):
        path = self.path("mine.h5")
        shutil.copy(model("good"), path)
        self.lockstep("eval", path)
        self.assertIn("loss", read(self.path("mine_eval.h5")))

    def test_many_classes(self):
        """Scores without a matrix of 30,000 x 30,000, of which `errors` consists."""
        with h5py.File(self.path("many.h5"), "w") as file:
            for part in ("train", "test"):
                file[f"{part}/x"] = np.eye(20, dtype=np.float32)
                file[f"{part}/y"] = np.arange(20) * 1500
                file[f"{part}/y"].attrs["class_count"] = 30000
        job = make_job(dataset={"file": "many.h5"}, model=[dense(30000, activation="softmax")],
                       name="many")
        self.lockstep("run", self.write_job(job), "--progress", "none")
        many = "results/many/trial_1/best.h5"
        self.lockstep("eval", many, "-o", "out.h5")
        with h5py.File(self.path("out.h5"), "r") as file:
            self.assertIn("There is no confusion matrix of more than 2000 classes.",
                          list(file.attrs["summary"]))
        found = read(self.path("out.h5"))
        self.assertNotIn("confusion", found)
        self.assertEqual(found["support"].sum(), 20)
        hits = found["label"] == found["predicted"][0]
        np.testing.assert_array_equal(found["recall"][0][found["label"]], hits)
        self.assertEqual(found["predicted_total"][0].sum(), 20)
        done = self.lockstep("errors", many, status=2)
        self.assertRegex(done.stderr, r"has 30000 classes \(expected up to 2000: the confusion matrix")

    def test_refusals(self):
        good = model("good")
        self.lockstep("data", "clock", "--train", "30", "--test", "10", "--size", "48", "-o",
                      self.path("clock.h5"))
        with h5py.File(self.path("flat.h5"), "w") as file:
            for part in ("train", "test"):
                file[f"{part}/x"] = np.zeros((20, 784), np.float32)
                file[f"{part}/x"].attrs["scale"] = 1.0
                file[f"{part}/y"] = np.arange(20) % 10
                file[f"{part}/y"].attrs["class_count"] = 10
        self.lockstep("run", self.write_job(make_job(dataset={"file": self.path("flat.h5")},
                                                     name="flat")), "--progress", "none")
        flat = "results/flat/trial_1/best.h5"
        cases = [([], "no model file given"),
                 (["none.h5"], "none.h5: cannot open: No such file or directory"),
                 ([common.digits()], "is not a model file"),
                 ([good, "--split", "tests"], "--split: 'tests' (expected train, validation"),
                 ([good, "--dataset", "clock.h5"], "clock.h5 has several"),
                 ([good, "--dataset", "flat.h5"],
                  "takes inputs [28, 28, 1], but those of flat.h5 are [784]"),
                 ([good, "--metrics", "acuracy"], "did you mean 'accuracy'?"),
                 ([good, "--top-k", "0"], "--top-k: '0' (expected an integer from 1"),
                 ([good, "--transform", "shift_rihgt=1"], "did you mean 'shift_right'?"),
                 ([good, "--transform", "blur"], "expected NAME=LEVELS"),
                 ([good, "--transform", "blur=1:0:0.1"], "expected up to 1000 levels"),
                 ([good, "--transform", "blur=1,,2"], "expected up to 1000 levels"),
                 ([good, "--transform", "shift_up=1.5"], "level 1.5 (expected integers"),
                 ([good, "--transform", "salt_and_pepper=2"], "level 2 (expected numbers from 0"),
                 ([good, "--transform", "blur=1", "--transform", "blur=2"], "blur is there twice"),
                 ([flat, "--transform", "shift_up=1"], "shift_up takes images"),
                 ([good, "--through", good], "cannot be run before"),
                 ([good, model("reduced")], "has other test samples than"),
                 ([good, "--split", "validation", model("reduced")],
                  "has other validation samples than")]
        for arguments, message in cases:
            for ranks in (None, 2) if arguments[1:2] == ["--dataset"] else (None,):
                done = self.lockstep("eval", *arguments, "-o", "no.h5", ranks=ranks, status=2)
                lines = self.complaints(done)
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(message, lines[0])
        self.assertFalse(os.path.exists(self.path("no.h5")))


if __name__ == "__main__":
    common.main()
