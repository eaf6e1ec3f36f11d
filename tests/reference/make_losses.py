"""Makes losses.txt: losses and their gradients by Keras (3.15.1 over JAX) in double precision; the
pinball loss as scikit-learn's mean_pinball_loss (1.9.1) computes it.

Usage: make_losses.py > losses.txt

The file begins with the outputs `z` [SAMPLES][WIDTH], the targets of values, of counts, of
probabilities and of signs, each [SAMPLES][WIDTH], and the labels [SAMPLES]. A case has one line:
the target, the output activation, the sum of the losses of the samples, the gradient of that sum by
`z`, and the loss as a job file describes it. tests/conform/losses_test.c reads the file."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import jax
import keras
import numpy as np
import yaml
from sklearn.metrics import mean_pinball_loss

SAMPLES, WIDTH = 6, 4

keras.config.set_floatx("float64")
random = np.random.default_rng(1)
z = random.normal(scale=2, size=(SAMPLES, WIDTH))
targets = {
    "values": random.normal(scale=2, size=(SAMPLES, WIDTH)),
    "counts": random.poisson(2, size=(SAMPLES, WIDTH)).astype(float),
    "probabilities": random.dirichlet(np.ones(WIDTH), size=SAMPLES),
    "signs": random.choice([0.0, 1.0], size=(SAMPLES, WIDTH)),
}
labels = random.integers(WIDTH, size=SAMPLES)

CASES = [
    ("labels", "softmax", "categorical_crossentropy"),
    ("labels", "softmax", "{categorical_crossentropy: {label_smoothing: 0.1}}"),
    ("labels", "sigmoid", "{categorical_crossentropy: {label_smoothing: 0.1}}"),
    ("labels", "softmax", "{categorical_crossentropy: {label_smoothing: 1}}"),
    ("labels", "softmax", "categorical_focal_crossentropy"),
    ("labels", "sigmoid", "categorical_focal_crossentropy"),
    ("labels", "softmax",
     "{categorical_focal_crossentropy: {alpha: 0.7, gamma: 0.5, label_smoothing: 0.2}}"),
    ("labels", "linear", "categorical_hinge"),
    ("signs", "sigmoid", "binary_crossentropy"),
    ("signs", "sigmoid", "{binary_crossentropy: {label_smoothing: 0.3}}"),
    ("probabilities", "sigmoid", "{binary_crossentropy: {label_smoothing: 0.3}}"),
    ("signs", "softmax", "{binary_crossentropy: {label_smoothing: 0.3}}"),
    ("signs", "sigmoid", "binary_focal_crossentropy"),
    ("probabilities", "sigmoid", "binary_focal_crossentropy"),
    ("signs", "softmax", "binary_focal_crossentropy"),
    ("signs", "sigmoid", "{binary_focal_crossentropy: {gamma: 1.5, label_smoothing: 0.1, "
     "apply_class_balancing: true, alpha: 0.3}}"),
    ("signs", "linear", "hinge"),
    ("probabilities", "softmax", "kl_divergence"),
    ("probabilities", "sigmoid", "kl_divergence"),
    ("labels", "softmax", "kl_divergence"),
    ("counts", "exponential", "poisson"),
    ("counts", "relu", "poisson"),
    ("values", "linear", "mean_squared_error"),
    ("values", "linear", "mean_absolute_error"),
    ("values", "linear", "huber"),
    ("values", "linear", "{huber: {delta: 0.4}}"),
    ("values", "linear", "quantile"),
    ("values", "linear", "{quantile: {quantile: 0.9}}"),
    ("values", "linear", "cosine_similarity"),
    ("labels", "softmax", "cosine_similarity"),
]


def pinball(t, y, quantile=0.5):
    return jax.numpy.maximum(quantile * (t - y), (quantile - 1) * (t - y)).mean(axis=-1)


def values(target):
    return np.eye(WIDTH)[labels] if target == "labels" else targets[target]


def total(z, target, activation, loss):
    """The sum of the samples' losses."""
    name, arguments = next(iter(loss.items())) if isinstance(loss, dict) else (loss, {})
    function = pinball if name == "quantile" else getattr(keras.losses, name)
    return function(values(target), keras.activations.get(activation)(z), **arguments).sum()


def check_pinball():
    expected = SAMPLES * mean_pinball_loss(targets["values"], z, alpha=0.9)
    assert abs(pinball(targets["values"], z, 0.9).sum() - expected) < 1e-12


def show(array):
    return " ".join(repr(float(value)) for value in np.ravel(array))


check_pinball()
print(SAMPLES, WIDTH)
print("z", show(z))
for name, array in targets.items():
    print(name, show(array))
print("labels", *labels)
for target, activation, text in CASES:
    case = target, activation, yaml.safe_load(text)
    print(target, activation, show(total(z, *case)), show(jax.grad(total)(z, *case)), text)
