"""lockstep decode: reconstructions, interpolations and generated inputs of a small autoencoder,
recomputed in NumPy from its file; figures; what is refused."""

import os
import sys
import xml.etree.ElementTree

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "mpi"), HERE]

import common
import figures
from common import dense, make_job
from model_file_test import affine, arrays, images

MODEL = "results/small/trial_1/best.h5"
CODE = 6
NET = [{"salt_and_pepper": {"amount": 0.2}}, "flatten", dense(20, activation="relu"),
       dense(CODE, activation="tanh", name="code"), {"dropout": 0.1},
       dense(784, activation="sigmoid")]
SOME = ["--layer", "code", "--samples", "7,0,599", "--noise", "0,0.5,1", "--steps", "4",
        "--count", "40", "--seed", "3"]


class DecodeTest(common.ProgramTest):
    def train(self, **keys):
        job = make_job(model=NET, train={"target": "input", "loss": "binary_crossentropy",
                                         "metrics": ["mean_squared_error"]}, **keys)
        self.lockstep("run", self.write_job(job), "--progress", "none")

    def encode(self, x):
        layers = arrays(self.path(MODEL))
        hidden = np.maximum(affine(x.astype(np.float64), layers["dense"]), 0)
        return np.tanh(affine(hidden, layers["code"]))

    def decode(self, code):
        return 1 / (1 + np.exp(-affine(code, arrays(self.path(MODEL))["dense_1"])))

    def test_values(self):
        self.train()
        self.lockstep("decode", MODEL, *SOME, "-o", "d.h5")
        with h5py.File(self.path("d.h5"), "r") as file:
            for name, item in file.items():
                self.assertIn("long_name", item.attrs, name)
            self.assertEqual([file["generated"].dims[d][0].name for d in range(5)],
                             ["/class", "/draw", "/row", "/column", "/channel"])
            found = {name: item[()] for name, item in file.items()}
        flat = {name: found[name].reshape(*found[name].shape[:-3], 784)
                for name in ("original", "noisy", "reconstruction", "interpolation", "generated")}
        x, y = images("test")
        numbers = [7, 0, 599]
        np.testing.assert_allclose(flat["original"], x[numbers], rtol=1e-6)
        np.testing.assert_allclose(flat["noisy"][0], x[numbers], rtol=1e-6)
        replaced = (flat["noisy"] != flat["noisy"][0]).mean(axis=(1, 2))
        # Half of the replaced pixels keep their value: a black one may become black.
        self.assertTrue(0.2 < replaced[1] < 0.4 < replaced[2], replaced)
        self.assertTrue(np.isin(flat["noisy"][2], [0, 1]).all())
        np.testing.assert_allclose(flat["reconstruction"],
                                   self.decode(self.encode(flat["noisy"])), atol=1e-5)
        np.testing.assert_allclose(
            found["mean_squared_error"],
            ((flat["reconstruction"] - flat["original"]) ** 2).mean(axis=2), rtol=1e-4)
        codes = self.encode(x[numbers])
        np.testing.assert_allclose(found["code"], codes, atol=1e-5)
        np.testing.assert_array_equal(found["pair_from"], [7, 0])
        np.testing.assert_array_equal(found["pair_to"], [0, 599])
        shares = np.linspace(0, 1, 4)
        np.testing.assert_allclose(found["share"], shares)
        way = np.array([[(1 - s) * codes[k] + s * codes[k + 1] for s in shares] for k in (0, 1)])
        np.testing.assert_allclose(flat["interpolation"], self.decode(way), atol=1e-5)
        self.check_generated(found, flat, self.encode(x), y)
        figures.check(self, self.path("d_noise"), "no. 599, noisy", "original", "0.5")
        figures.check(self, self.path("d_interpolation"), "no. 0 → 599", "0.667")
        figures.check(self, self.path("d_generated"), *"0123456789")

    def test_one_level(self):
        """Of one level of noise the samples stand side by side, above their reconstructions."""
        self.train()
        for level, rows in (("0", {"original", "reconstructed"}),
                            ("0.3", {"original", "noise 0.3", "reconstructed"})):
            self.lockstep("decode", MODEL, "--layer", "code", "--samples", "3,1,2,5", "--noise",
                          level, "-o", "one.h5")
            root = xml.etree.ElementTree.parse(self.path("one_noise.svg")).getroot()
            texts = {text.strip() for text in root.itertext()}
            self.assertLessEqual(rows | {"no. 3", "no. 5"}, texts)
            self.assertEqual("noise 0" in texts, False)

    def check_generated(self, found, flat, codes, y):
        """The Gaussians fit the codes, and the samples follow them: z = l^-1 (code - mean) is
        standard normal, with different random numbers for each class."""
        z = np.empty((10, 40, CODE))
        for k in range(10):
            mean, covariance = codes[y == k].mean(axis=0), np.cov(codes[y == k].T)
            np.testing.assert_allclose(found["code_mean"][k], mean, atol=1e-5)
            np.testing.assert_allclose(found["code_covariance"][k], covariance, atol=1e-5)
            lower = np.linalg.cholesky(found["code_covariance"][k])
            z[k] = np.linalg.solve(lower, (found["drawn_code"][k] - found["code_mean"][k]).T).T
        rows = z.reshape(400, CODE)
        self.assertLess(abs(rows.mean(axis=0)).max(), 4 / np.sqrt(400))
        self.assertLess(abs(np.cov(rows.T) - np.eye(CODE)).max(), 0.3)
        self.assertGreater(abs(z[0] - z[1]).max(), 1)
        np.testing.assert_allclose(flat["generated"],
                                   self.decode(found["drawn_code"].astype(np.float64)), atol=1e-5)

    def test_ranks(self):
        self.train()
        self.lockstep("decode", MODEL, *SOME)
        self.lockstep("decode", MODEL, *SOME, "-o", "three.h5", ranks=3)
        one = common.read(self.path("results/small/trial_1/best_decode.h5"))
        self.assertEqual(common.differing(one, common.read(self.path("three.h5"))), [])
        self.lockstep("decode", MODEL, *SOME, "--seed", "4", "-o", "other.h5")
        self.assertEqual(set(common.differing(one, common.read(self.path("other.h5")))),
                         {"noisy", "reconstruction", "mean_squared_error", "drawn_code",
                          "generated"})

    def test_dead_units(self):
        """A unit that is constant over all codes keeps its value."""
        self.train()
        with h5py.File(self.path(MODEL), "r+") as file:
            file["model_weights/code/code/kernel:0"][:, 2] = 0
            file["model_weights/code/code/bias:0"][2] = 0.5
        self.lockstep("decode", MODEL, *SOME, "-o", "d.h5")
        drawn = common.read(self.path("d.h5"))["drawn_code"]
        np.testing.assert_allclose(drawn[:, :, 2], np.tanh(0.5), rtol=1e-6)
        self.assertGreater(drawn[:, :, 3].std(), 0)

    def test_refusals(self):
        self.train(dataset={"subset": {"train": 200, "test": 25}})
        self.lockstep("run", self.write_job(make_job(name="other", train={"epochs": 1})),
                      "--progress", "none")
        for arguments, says in (
                ([MODEL], "no layer given"),
                ([MODEL, "--layer", "cod"], "has no layer 'cod' (did you mean 'code'?)"),
                ([MODEL, "--layer", "dense_1"], "no layers decode the outputs of 'dense_1'"),
                ([MODEL, "--layer", "code", "--noise", "0,2"], "--noise"),
                ([MODEL, "--layer", "code", "--samples", "600"], "there is no sample 600"),
                (["results/other/trial_1/best.h5", "--layer", "dense"],
                 "no output has the shape of its inputs"),
                ([MODEL, "--layer", "code"], "samples (expected 3 or more)")):
            with self.subTest(arguments):
                self.refuse(arguments, says)
        self.refuse(arguments, says, ranks=2)

    def refuse(self, arguments, says, ranks=None):
        done = self.lockstep("decode", *arguments, ranks=ranks, status=2)
        lines = self.complaints(done)
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(says, lines[0])


if __name__ == "__main__":
    common.main()
