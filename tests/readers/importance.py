"""The importance of variables in reports, beside scikit-learn's: permutation importance of a random
forest with the same settings, and the total-effect indices of functions for which they are known.
Run by `scripts/test --long` with a Python that has scikit-learn:

    build/readers/bin/python tests/readers/importance.py PATH_TO_LOCKSTEP"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

try:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance
except ImportError:
    print("NOT CHECKED: the importance of variables (scikit-learn is missing)")
    sys.exit(0)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import h5py
import numpy as np

import make_results

LOCKSTEP = os.path.abspath(sys.argv.pop(1))
NAMES = ["a", "b", "c", "none"]
POINTS = 1000


def ishigami(x):
    """Ishigami and Homma (ISUMA 1990) with a = 7 and b = 0.1."""
    a, b, c = np.pi * (2 * x[:, :3].T - 1)
    return np.sin(a) + 7 * np.sin(b)**2 + 0.1 * c**4 * np.sin(a)


def ishigami_indices():
    """Total-effect indices: Saltelli et al., Global Sensitivity Analysis (2008), chapter 4."""
    p = np.pi**4
    one, two, both = (1 + 0.1 * p / 5)**2 / 2, 49 / 8, 0.01 * p**2 * (1 / 18 - 1 / 50)
    return np.array([one + both, two, both, 0]) / (one + two + both)


def saltelli_g(x):
    """The g function of Saltelli and Sobol' (1995) of three variables."""
    return np.prod([(np.abs(4 * x[:, i] - 2) + a) / (1 + a) for i, a in enumerate(G)], axis=0)


def saltelli_g_indices():
    parts = np.array([1 / 3 / (1 + a)**2 for a in G])
    total = np.prod(1 + parts) - 1
    return np.array([*(parts[i] * np.prod(np.delete(1 + parts, i)) / total for i in range(3)), 0])


G = [0, 1, 4.5]
FUNCTIONS = {"ishigami": (ishigami, ishigami_indices), "g": (saltelli_g, saltelli_g_indices)}


def of_scikit_learn(x, y):
    """The increase of the mean squared error over twice the variance, on a third of the points, on
    which the forest was not grown; the mean of several forests."""
    found = []
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(POINTS)
        grown, tested = order[: POINTS * 2 // 3], order[POINTS * 2 // 3:]
        forest = RandomForestRegressor(100, min_samples_split=6, random_state=seed)
        forest.fit(x[grown], y[grown])
        increase = permutation_importance(forest, x[tested], y[tested], n_repeats=5,
                                          scoring="neg_mean_squared_error", random_state=seed)
        found.append(increase.importances_mean / (2 * y.var()))
    return np.mean(found, axis=0)


class ImportanceTest(unittest.TestCase):
    def report(self, x, y):
        """The importance of each variable in the report of a study with these values."""
        with tempfile.TemporaryDirectory() as folder:
            path, figures = os.path.join(folder, "study.h5"), os.path.join(folder, "svg")
            points = {name: (x[:, i], None) for i, name in enumerate(NAMES)}
            make_results.write(path, points=points, distance=np.zeros(POINTS), epochs=1)
            with h5py.File(path, "r+") as file:
                file["val_accuracy"][:, 0] = y
            subprocess.run([LOCKSTEP, "report", path, "--svg", figures], check=True,
                           stdout=subprocess.DEVNULL)
            drawn = ElementTree.parse(os.path.join(figures, "importance.svg")).getroot()
        texts = ["".join(one.itertext()).strip()
                 for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
        names = [text for text in texts if text in NAMES]
        values = [float(text) for text in texts if re.fullmatch(r"\d\.\d\d", text)]
        found = dict(zip(names, values[-len(names):]))
        return np.array([found[name] for name in NAMES])

    def test_against_scikit_learn(self):
        """Both forests smooth, so that they are nearer to each other than to the exact indices."""
        for name, (function, indices) in FUNCTIONS.items():
            with self.subTest(function=name):
                x = np.random.default_rng(1).random((POINTS, len(NAMES)))
                y = function(x)
                reported, expected, exact = self.report(x, y), of_scikit_learn(x, y), indices()
                print(f"{name}: reported {reported}, scikit-learn {expected.round(2)}, "
                      f"exact {exact.round(2)}")
                np.testing.assert_allclose(reported, expected, atol=0.04)
                np.testing.assert_allclose(reported, exact, atol=0.1)
                np.testing.assert_array_equal(np.argsort(reported), np.argsort(exact))


if __name__ == "__main__":
    unittest.main()
