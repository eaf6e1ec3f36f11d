"""lockstep activations: layer outputs, gradients and occlusion, recomputed in NumPy from the model
file; figures; what is refused."""

import os
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
# All that is something else outside training.
MLP = [{"random_translation": {"height_factor": 0.1, "width_factor": 0.1}}, "flatten",
       {"gaussian_noise": 0.1}, dense(16, activity_regularizer="l2"), "batch_normalization",
       {"activation": "tanh"}, {"dropout": 0.3}, dense(10, activation="softmax")]
CNN = [{"conv2d": {"filters": 4, "kernel_size": 3, "activation": "relu"}}, "max_pooling2d",
       {"conv2d": {"filters": 3, "kernel_size": 3, "strides": 2}}, "flatten",
       dense(10, activation="softmax")]


def convolve(x, layer, stride):
    kernel = layer["kernel:0"].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nijcab,abco->nijo", windows[:, ::stride, ::stride], kernel) + layer["bias:0"]


class ActivationsTest(common.ProgramTest):
    def train(self, **keys):
        self.lockstep("run", self.write_job(make_job(**keys)), "--progress", "none")

    def read(self, name):
        with h5py.File(self.path(name), "r") as file:
            for variable, item in file.items():
                self.assertIn("long_name", item.attrs, variable)
            return {variable: item[()] for variable, item in file.items()}

    def mlp(self, x):
        """Outputs of the hidden and of the last layer, and the probabilities."""
        layers = arrays(self.path(MODEL))
        norm = {name[:-2]: value.astype(np.float64)
                for name, value in layers["batch_normalization"].items()}
        factor = norm["gamma"] / np.sqrt(norm["moving_variance"] + 1e-3)
        z = affine(x.astype(np.float64), layers["dense"])
        hidden = np.tanh((z - norm["moving_mean"]) * factor + norm["beta"])
        kernel = layers["dense"]["kernel:0"].astype(np.float64)
        last = layers["dense_1"]["kernel:0"].astype(np.float64)
        # d logit / dx: [sample, pixel, class]
        slope = np.einsum("pu,nu,uc->npc", kernel * factor, 1 - hidden ** 2, last)
        return z, hidden, softmax(affine(hidden, layers["dense_1"])), slope

    def test_mlp(self):
        self.train(model=MLP)
        numbers = [5, 0, 599]
        self.lockstep("activations", MODEL, "--samples", "5,0,599", "--heat", "--patch", "9",
                      "-o", "a.h5")
        found = self.read("a.h5")
        x, y = images("test")
        x, y = x[numbers], y[numbers]
        z, hidden, p, slope = self.mlp(x)
        np.testing.assert_array_equal(found["sample"], numbers)
        np.testing.assert_allclose(found["image"].reshape(3, -1), x, rtol=1e-6)
        self.assertEqual({name for name in found if name.startswith("output_")},
                         {"output_dense", "output_batch_normalization", "output_activation",
                          "output_dense_1"})
        for name, values in (("dense", z), ("activation", hidden), ("dense_1", p)):
            np.testing.assert_allclose(found[f"output_{name}"], values, rtol=1e-3, atol=1e-5)
        guess = p.argmax(axis=1)
        np.testing.assert_array_equal(found["truth"], y)
        np.testing.assert_array_equal(found["prediction"], guess)
        np.testing.assert_allclose(found["probability"], p.max(axis=1), rtol=1e-4)
        heat = x * slope[np.arange(3), :, guess]
        self.assertGreater(abs(heat).max(), 0.01)
        np.testing.assert_allclose(found["gradient_x_input"].reshape(3, -1), heat, rtol=1e-3,
                                   atol=1e-5)
        for i in range(3):
            np.testing.assert_allclose(found["occlusion"][i], self.occlusion(x[i], guess[i], 9),
                                       atol=1e-5)
        figures.check(self, self.path("a_dense"), "no. 5", "no. 599", "unit")
        figures.check(self, self.path("a_input"), "no. 5", f"{y[2]} → {guess[2]}",
                      f"p = {p[2].max():.4f}")
        figures.check(self, self.path("a_heat"), "no. 599", f"{y[2]} → {guess[2]}", "occlusion")

    def occlusion(self, x, guess, patch):
        base = self.mlp(x[None])[2][0, guess]
        total, count = np.zeros((28, 28)), np.zeros((28, 28))
        corners = [(i, j) for i in range(29 - patch) for j in range(29 - patch)]
        hidden = np.repeat(x.reshape(1, 28, 28), len(corners), axis=0)
        for k, (i, j) in enumerate(corners):
            hidden[k, i:i + patch, j:j + patch] = (x.min() + x.max()) / 2
        drops = base - self.mlp(hidden.reshape(len(corners), -1))[2][:, guess]
        for drop, (i, j) in zip(drops, corners):
            total[i:i + patch, j:j + patch] += drop
            count[i:i + patch, j:j + patch] += 1
        return total / count

    @staticmethod
    def maps(x, layers):
        """Layer outputs of the convolutional network, the last one before softmax."""
        first = np.maximum(convolve(x, layers["conv2d"], 1), 0)
        pooled = first.reshape(len(x), 13, 2, 13, 2, 4).max(axis=(2, 4))
        second = convolve(pooled, layers["conv2d_1"], 2)
        return first, pooled, second, affine(second.reshape(len(x), -1), layers["dense"])

    def test_maps(self):
        self.train(model=CNN, dataset={"subset": {"train": 500, "test": 100}}, train={"epochs": 1})
        self.lockstep("activations", MODEL, "--samples", "3", "--heat", "-o", "a.h5")
        found = self.read("a.h5")
        layers = arrays(self.path(MODEL))
        x = images("test")[0][3].reshape(1, 28, 28, 1).astype(np.float64)
        first, pooled, second, logits = self.maps(x, layers)
        for name, values in (("conv2d", first), ("max_pooling2d", pooled), ("conv2d_1", second)):
            np.testing.assert_allclose(found[f"output_{name}"], values, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(found["kernel_conv2d_1"], layers["conv2d_1"]["kernel:0"])
        for name in ("conv2d_no3", "conv2d_1_no3", "max_pooling2d_no3", "conv2d_kernel",
                     "conv2d_1_kernel", "dense"):
            figures.check(self, self.path(f"a_{name}"))
        step = 1e-6 * np.eye(784).reshape(784, 28, 28, 1)  # differences for the gradient
        slope = (self.maps(x + step, layers)[3] - self.maps(x - step, layers)[3]) / 2e-6
        heat = x.reshape(784) * slope[:, logits.argmax()]
        self.assertGreater(abs(heat).max(), 0.01)
        np.testing.assert_allclose(found["gradient_x_input"].reshape(784), heat, atol=1e-5)

    def test_wide(self):
        """A strip for more units than a PNG file has columns; the file has all of them."""
        self.train(model=["flatten", dense(33000, name="wide"), dense(10, activation="softmax")],
                   dataset={"subset": {"train": 20, "test": 10}}, train={"epochs": 1})
        self.lockstep("activations", MODEL, "--layer", "wide", "-o", "wide.h5")
        self.assertTrue(os.path.exists(self.path("wide_wide.png")))
        with h5py.File(self.path("wide.h5"), "r") as file:
            self.assertIn("The first 16384 of the 33000 outputs of the layer wide.",
                          list(np.ravel(file.attrs["captions"])))
            self.assertTrue(any(33000 in item.shape for item in file.values()))

    def test_ranks(self):
        self.train(model=CNN, dataset={"subset": {"train": 500, "test": 100}}, train={"epochs": 1})
        some = ["--samples", "3,99", "--layer", "conv2d", "--layer", "dense", "--heat"]
        self.lockstep("activations", MODEL, *some)
        self.lockstep("activations", MODEL, *some, "-o", "three.h5", ranks=3)
        one = common.read(self.path("results/small/trial_1/best_activations.h5"))
        self.assertEqual(common.differing(one, common.read(self.path("three.h5"))), [])
        self.assertEqual({name for name in one if name.startswith("output_")},
                         {"output_conv2d", "output_dense"})
        self.lockstep("activations", MODEL, "-o", "plain.h5")
        self.assertNotIn("occlusion", common.read(self.path("plain.h5")))
        figures.check(self, self.path("plain_input"), "no. 0")

    def test_refusals(self):
        self.train(train={"epochs": 1})
        for arguments, says in ((["--layer", "dens"], "has no layer 'dens' (did you mean 'dense'?)"),
                                (["--samples", "1,x"], "--samples: 'x'"),
                                (["--samples", "600"], "there is no sample 600"),
                                (["--samples", ",".join(map(str, range(40)))], "too many")):
            with self.subTest(arguments):
                self.refuse(arguments, says)
        self.refuse(arguments, says, ranks=2)

    def refuse(self, arguments, says, ranks=None):
        done = self.lockstep("activations", MODEL, *arguments, ranks=ranks, status=2)
        lines = self.complaints(done)
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(says, lines[0])


if __name__ == "__main__":
    common.main()
