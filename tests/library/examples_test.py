"""The installed library: examples/ is built against it by pkg-config alone and run."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

CMAKE, BUILD, CC, MPIEXEC = sys.argv[1:5]
ROOT = pathlib.Path(__file__).parents[2]

JOB = """name: job
dataset: {name: digits, validation: 0.2%s}
model:
  [flatten, {dense: {units: 12, activation: relu}}%s, {dense: {units: 10, activation: softmax}}]
train: {epochs: 3, batch_size: 50, optimizer: adam, loss: categorical_crossentropy, shards: 2}
"""
HEADS = """name: heads
dataset: {name: digits, validation: 0.2}
model: [flatten, {dense: {units: 12, activation: tanh}}]
heads:
  digit:
    layers: [{dense: {units: 10, activation: softmax}}]
    loss: categorical_crossentropy
  image:
    target: input
    layers: [{dense: {units: 784, activation: sigmoid}}]
    loss: mean_squared_error
train: {epochs: 1, batch_size: 50, optimizer: adam}
"""


def array(model, layer, name):
    """An array of a model file, by Keras's names."""
    return model[f"model_weights/{layer}/{layer}/{name}:0"][...].astype("f8")


def relu(x):
    return numpy.maximum(x, 0)


def softmax(z):
    e = numpy.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def dense(model, layer, x):
    return x @ array(model, layer, "kernel") + array(model, layer, "bias")


class ExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.top = pathlib.Path(cls.folder.name)
        prefix = cls.top / "prefix"
        subprocess.run([CMAKE, "--install", BUILD, "--prefix", prefix], check=True,
                       capture_output=True)
        (pc,) = prefix.rglob("lockstep.pc")
        cls.environment = dict(os.environ, LOCKSTEP_DATA=str(cls.top),
                               OMPI_MCA_rmaps_base_oversubscribe="1",
                               PKG_CONFIG_LIBDIR=str(pc.parent),
                               LD_LIBRARY_PATH=str(pc.parents[1]))
        flags = cls.run_program("pkg-config", "--cflags", "--libs", "lockstep").stdout.split()
        for name in ("predict", "custom_layer"):
            cls.run_program(CC, "-std=c11", "-Wall", "-Wextra", "-Werror",
                            ROOT / f"examples/{name}.c", "-o", cls.top / name, *flags)
        cls.lockstep = prefix / "bin/lockstep"
        cls.run_program(cls.lockstep, "data", "digits", "--train", "1000", "--test", "300")
        with h5py.File(cls.top / "digits.h5") as dataset:
            images = dataset["test/x"][...].reshape(300, -1) * dataset["test/x"].attrs["scale"]
        cls.images = images.astype("f4")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_program(cls, *command, status=0, **options):
        """Runs a command to the expected exit status; text in and out unless text=False."""
        done = subprocess.run([str(word) for word in command], capture_output=True,
                              env=cls.environment, **{"text": True, **options})
        if done.returncode != status:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def train(self, name, text, *launcher, program=None):
        """Runs a job; the hash of its weights, and its best model's file."""
        job = self.top / f"{name}.yaml"
        job.write_text(text)
        out = self.run_program(*launcher, program or self.lockstep, "run", job, "-o",
                               self.top / f"{name}.h5").stdout
        (best,) = (self.top / name).rglob("best.h5")
        return re.search(r"weights_hash=(\w+)", out)[1], best

    def predict(self, *arguments, **options):
        out = self.run_program(self.top / "predict", *arguments, **options).stdout
        return numpy.array([line.split() for line in out.splitlines()], dtype="f8")

    def test_predictions_are_those_of_the_formulas(self):
        _, best = self.train("plain", JOB % ("", ""))
        with h5py.File(best) as model:
            expected = softmax(dense(model, "dense_1", relu(dense(model, "dense", self.images))))
        predicted = self.predict(best, self.top / "digits.h5")
        numpy.testing.assert_allclose(predicted, expected, rtol=1e-3, atol=1e-6)
        self.assertGreater(len(set(predicted.argmax(axis=1))), 5)
        first = self.predict(best, self.top / "digits.h5", "7")
        numpy.testing.assert_allclose(first, predicted[:7], rtol=1e-4, atol=1e-7)
        given = self.run_program(self.top / "predict", best, text=False,
                                 input=self.images.tobytes())
        given = numpy.array([line.split() for line in given.stdout.splitlines()], "f8")
        numpy.testing.assert_allclose(given, predicted, rtol=1e-4, atol=1e-7)

    def test_several_heads(self):
        _, best = self.train("heads", HEADS)
        with h5py.File(best) as model:
            trunk = numpy.tanh(dense(model, "dense", self.images))
            digit = softmax(dense(model, "dense_1", trunk))
            image = 1 / (1 + numpy.exp(-dense(model, "dense_2", trunk)))
        predicted = self.predict(best, self.top / "digits.h5")
        numpy.testing.assert_allclose(predicted, numpy.hstack([digit, image]), rtol=1e-3, atol=1e-6)

    def test_transforms(self):
        with h5py.File(self.top / "digits.h5") as dataset:
            labels = dataset["test/y"][...]
        for name, transform in (("permuted", "{pixel_permutation: {seed: 3}}"),
                                ("standardized", "standardization"),
                                ("projected", "{pca: 20}, pixel_permutation")):
            _, best = self.train(name, JOB % (f", transform: [{transform}]", ""))
            predicted = self.predict(best, self.top / "digits.h5")
            with h5py.File(self.top / f"{name}.h5") as results:
                accuracy = float(results["test_accuracy"][()].ravel()[0])
            self.assertAlmostEqual((predicted.argmax(axis=1) == labels).mean(), accuracy, places=6)

        _, best = self.train("earlier", JOB % (", transform: [{pca: 5}]", ""))
        with h5py.File(best, "r+") as file:
            del file["lockstep"].attrs["raw_inputs"]
        refused = self.run_program(self.top / "predict", best, status=1, input="").stderr
        self.assertIn(f"predict: {best}: an earlier version wrote it", refused)

    def test_what_is_no_input(self):
        _, best = self.train("inputs", JOB % ("", ""))
        for arguments, text, message in (
                ([self.top / "none.h5"], "", "none.h5: cannot open"),
                ([self.top / "digits.h5"], "", "model file"),
                ([best, best], "", "best.h5"),
                ([best], "x" * 100, "standard input: ends within an input")):
            refused = self.run_program(self.top / "predict", *arguments, status=1,
                                       input=text).stderr
            self.assertIn(message, refused)

    def test_custom_layer(self):
        text = JOB % ("", ", {scale: {factor_initializer: {constant: 0.5}}}")
        custom = self.top / "custom_layer"
        one, best = self.train("one", text, program=custom)
        two, _ = self.train("two", text, MPIEXEC, "-n", "2", program=custom)
        self.assertEqual(one, two)
        with h5py.File(best) as model:
            factor = array(model, "scale", "factor")
            self.assertEqual(factor.shape, (12,))
            self.assertGreater(abs(factor - 0.5).max(), 1e-3)
        unknown = self.run_program(self.lockstep, "check", self.top / "one.yaml", status=2).stderr
        self.assertIn("unknown layer 'scale'", unknown)
        checked = self.run_program(custom, "check", self.top / "one.yaml").stdout
        self.assertIn("scale", checked)
        for arguments in (["schema"], ["schema", "--manual"]):
            self.assertIn("factor_initializer", self.run_program(custom, *arguments).stdout)
            self.assertNotIn("factor_initializer",
                             self.run_program(self.lockstep, *arguments).stdout)
        refused = self.run_program(self.top / "predict", best, status=1, input="").stderr
        self.assertIn("unknown layer 'scale'", refused)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
