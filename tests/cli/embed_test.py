"""lockstep embed: the contents of the file, compared with NumPy and SciPy; independence of the
number of ranks; invalid input.

Usage: embed_test.py PATH_TO_LOCKSTEP"""

import functools
import os
import sys

import h5py
import numpy as np
import xarray as xr

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

SAMPLES = 300


@functools.lru_cache(maxsize=None)
def pixels():
    """The first samples of the small dataset and their labels."""
    with h5py.File(common.digits()) as file:
        x = file["test/x"][:SAMPLES].reshape(SAMPLES, -1) * file["test/x"].attrs["scale"]
        return x, file["test/y"][:SAMPLES]


def components(x):
    """Scores on the first two principal components, and their fractions of the variance."""
    left, singular, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    return left[:, :2] * singular[:2], (singular**2 / (singular**2).sum())[:2]


def hit(y, labels, k):
    distances = ((y[:, None] - y[None]) ** 2).sum(2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return (labels[nearest] == labels[:, None]).mean()


def area(vertices):
    x, y = vertices.T
    return (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2


class EmbedTest(common.ProgramTest):
    def embed(self, *arguments, output="out.h5", ranks=None, status=0):
        done = self.lockstep("embed", "-o", output, *arguments, ranks=ranks, status=status)
        return common.read(self.path(output)) if status == 0 else self.complaints(done)

    def train(self, name, **changes):
        job = common.make_job(name=name, train={"epochs": 1}, **changes)
        self.run_job(job)
        return self.path(f"{self.runs}/trial_1/best.h5")

    def check_projection(self, fields, i, x, labels):
        """The measures of projection i agree with its positions."""
        y = fields["position"][i]
        self.assertAlmostEqual(fields["neighbouring_hit"][i], hit(y, labels, 6), 12)
        ours = fields["vertex_projection"] == i
        for c in range(10):
            points = y[labels == c]
            covariance = np.cov(points.T)
            volume = -2 * np.log(0.05) * np.pi * np.sqrt(np.linalg.det(covariance))
            self.assertAlmostEqual(fields["ellipse_area"][i, c, c] / volume, 1, 8)
            np.testing.assert_allclose(fields["ellipse_center"][i, c], points.mean(0), atol=1e-8)
            hull = fields["hull_vertex"][ours & (fields["vertex_class"] == c)]
            self.assertAlmostEqual(fields["hull_area"][i, c, c] / area(hull), 1, 8)
            sides = np.roll(hull, -1, 0) - hull
            away = points[:, None] - hull[None]
            left = sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0]
            self.assertGreater(left.min(), -1e-6 * area(hull))
        for kind in ("hull", "ellipse"):
            areas = fields[f"{kind}_area"][i]
            np.testing.assert_array_equal(areas, areas.T)
            shared = np.triu(areas, 1).sum() / np.trace(areas)
            self.assertAlmostEqual(fields[f"{kind}_overlap"][i], shared, 10)

    def test_pixels(self):
        x, labels = pixels()
        arguments = ["--dataset", common.digits(), "--first", str(SAMPLES), "--method", "pca",
                     "--method", "tsne", "--perplexity", "20"]
        alone = self.embed(*arguments)
        scores, shares = components(x)
        found = alone["position"][0]
        np.testing.assert_allclose(np.abs(found), np.abs(scores), atol=1e-5)
        np.testing.assert_allclose(alone["variance_share"][0], shares, atol=1e-7)
        np.testing.assert_array_equal(alone["label"], labels)
        self.assertTrue(np.isnan(alone["variance_share"][1]).all())
        self.assertTrue(np.isnan(alone["kl_divergence"][0]))
        self.assertTrue(0 < alone["kl_divergence"][1] < 1.2)
        self.assertGreater(alone["neighbouring_hit"][1], alone["neighbouring_hit"][0] + 0.1)
        for i in (0, 1):
            self.check_projection(alone, i, x, labels)
        for what in ("hulls", "ellipses"):
            for ending in ("svg", "png"):
                self.assertGreater(os.path.getsize(self.path(f"out_{what}.{ending}")), 5000)
        three = self.embed(*arguments, output="three.h5", ranks=3)
        self.assertEqual(common.differing(alone, three), [])
        with xr.open_dataset(self.path("out.h5")) as ds:
            self.assertEqual(ds.position.dims, ("projection", "sample", "component"))
            self.assertEqual(ds.hull_area.dims, ("projection", "class", "other_class"))
            self.assertEqual(list(ds.projection.values),
                             ["PCA of the input", "t-SNE of the input"])
            self.assertIn("--perplexity 20", ds.attrs["history"])

    def test_layers(self):
        """Two models; layer outputs are recomputed in NumPy."""
        x, labels = pixels()
        models = [self.train("narrow"), self.train("wide", model=[
            "flatten", common.dense(24, activation="tanh"), common.dense(10, activation="softmax")])]
        arguments = [*models, "--first", str(SAMPLES), "--layer", "dense", "--layer", "dense_1",
                     "--method", "pca"]
        alone = self.embed(*arguments)
        self.assertEqual(alone["position"].shape, (4, SAMPLES, 2))
        for i, (path, activate) in enumerate(zip(models, (lambda z: np.maximum(z, 0), np.tanh))):
            with h5py.File(path) as file:
                weights = file["model_weights/dense/dense"]
                hidden = activate(x @ weights["kernel:0"][()] + weights["bias:0"][()])
                weights = file["model_weights/dense_1/dense_1"]
                power = np.exp(hidden @ weights["kernel:0"][()] + weights["bias:0"][()])
            for k, y in enumerate((hidden, power / power.sum(1, keepdims=True))):
                scores, _ = components(y)
                np.testing.assert_allclose(np.abs(alone["position"][2 * i + k]), np.abs(scores),
                                           atol=1e-4)
                self.check_projection(alone, 2 * i + k, y, labels)
        three = self.embed(*arguments, output="three.h5", ranks=3)
        self.assertEqual(common.differing(alone, three), [])

    def test_seed(self):
        arguments = ["--dataset", common.digits(), "--first", "100", "--init", "random"]
        first, again, other = (self.embed(*arguments, "--seed", seed) for seed in "112")
        self.assertEqual(common.differing(first, again), [])
        self.assertIn("position", common.differing(first, other))

    def test_absent_class(self):
        """A class without samples has no hull and no ellipse, and enters no sum."""
        path = self.write_dataset(self.path("few.h5"), [0, 2] * 20)
        fields = self.embed("--dataset", path, "--method", "pca")
        self.assertTrue(np.isnan(fields["hull_area"][0, 1]).all())
        self.assertTrue(np.isnan(fields["ellipse_angle"][0, 1]))
        self.assertTrue(np.isfinite(fields["hull_overlap"]).all())
        self.assertEqual(set(fields["vertex_class"]), {0, 2})

    @staticmethod
    def write_dataset(path, labels):
        """Random samples of three classes with these labels, for training and for testing."""
        random = np.random.default_rng(1)
        with h5py.File(path, "w") as file:
            for part in ("train", "test"):
                x = random.normal(size=(len(labels), 5)).astype(np.float32)
                file[f"{part}/x"] = x
                file[f"{part}/x"].attrs["scale"] = 1.0
                file[f"{part}/y"] = np.array(labels, np.int32)
                file[f"{part}/y"].attrs["class_count"] = 3
        return path

    def expect(self, message, *arguments, ranks=None):
        lines = self.embed(*arguments, ranks=ranks, status=2)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(message, lines[0])
        self.assertFalse(os.path.exists(self.path("out.h5")))

    def test_bad_input(self):
        digits = ["--dataset", common.digits()]
        for ranks in (None, 2):
            self.expect("--perplexity 30: there are 30 samples", *digits, "--first", "30",
                        ranks=ranks)
        self.expect("--neighbours 50: there are 50 samples", *digits, "--first", "50",
                    "--neighbours", "50")
        self.expect("--first 601: there are 600", *digits, "--first", "601")
        self.expect("expected a number above 1", *digits, "--perplexity", "1")
        self.expect("expected pca or tsne", *digits, "--method", "umap")
        self.expect("expected pca or random", *digits, "--init", "zero")
        self.expect("no validation samples", *digits, "--split", "validation")
        self.expect("nothing to project")
        self.expect("--layer goes with a model", *digits, "--layer", "dense")
        self.expect("none.h5", "--dataset", "none.h5")
        self.expect("none.h5", "none.h5", "--layer", "dense")
        path = self.write_dataset(self.path("two.h5"), [0, 1] * 20 + [2] * 2)
        for ranks in (None, 2):
            self.expect("class 2 has 2 of the 42 samples", "--dataset", path, "--method", "pca",
                        ranks=ranks)

    def test_bad_models(self):
        one = self.train("one")
        other = self.train("other", dataset={"validation": 0.2})
        self.expect("no layer of the model given", one)
        self.expect("dense_1", one, "--layer", "dense_2")
        self.expect("has other validation samples than", one, other, "--layer", "dense",
                    "--split", "validation")


if __name__ == "__main__":
    common.main()
