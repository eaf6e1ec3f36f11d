"""Makes metrics.txt: metrics by scikit-learn (1.9.1), areas under curves and errors by Keras (3.15.1
over JAX) in double precision.

Usage: make_metrics.py > metrics.txt

A case has one line: the number of samples, that of outputs, whether targets are labels or values,
the metric as a job file describes it, its value, the outputs, the targets. Classes that scikit-learn
or Keras treat in another way, as they do not occur, are not among the cases.
tests/conform/metrics_test.c reads the file."""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np
from sklearn import metrics

SAMPLES, WIDTH = 60, 4

keras.config.set_floatx("float64")
random = np.random.default_rng(2)


def rounded(values):
    """Exact in single precision, too."""
    return values.astype(np.float32).astype(float)


labels = random.choice(WIDTH, p=[0.5, 0.3, 0.15, 0.05], size=SAMPLES)
z = random.normal(size=(SAMPLES, WIDTH)) + 1.5 * np.eye(WIDTH)[labels]
softmax = rounded(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
answers = (random.uniform(size=SAMPLES) < 0.3).astype(int)
sigmoid = rounded(1 / (1 + np.exp(1 - random.normal(size=(SAMPLES, 1)) - 2 * answers[:, None])))
tags = (random.uniform(size=(SAMPLES, WIDTH)) < [0.5, 0.2, 0.7, 0.1]).astype(float)
marks = rounded(1 / (1 + np.exp(1 - random.normal(size=(SAMPLES, WIDTH)) - 2 * tags)))
values = rounded(random.normal(size=(SAMPLES, WIDTH)) * [1, 10, 0.1, 3] + [0, 5, 0, 100])
fitted = rounded(values + random.normal(size=(SAMPLES, WIDTH)) * [0.5, 5, 0.2, 1])

MULTICLASS, BINARY = ("labels", softmax, labels), ("labels", sigmoid, answers)
BINARY_VALUES = ("values", sigmoid, answers[:, None].astype(float))
MULTILABEL, REGRESSION = ("values", marks, tags), ("values", fitted, values)
SCORES = {"precision": metrics.precision_score, "recall": metrics.recall_score,
          "f1": metrics.f1_score}
ERRORS = {"root_mean_squared_error": keras.metrics.RootMeanSquaredError,
          "mean_absolute_percentage_error": keras.metrics.MeanAbsolutePercentageError,
          "mean_squared_error": keras.metrics.MeanSquaredError,
          "mean_absolute_error": keras.metrics.MeanAbsoluteError, "r2": keras.metrics.R2Score}


def decisions(data, threshold=0.5):
    kind, y, _ = data
    if y.shape[1] == 1:
        return (y[:, 0] > threshold).astype(int)
    return y.argmax(axis=1) if kind == "labels" else (y > threshold).astype(int)


def by_keras(metric, truth, y):
    metric.update_state(truth, y)
    return float(metric.result())


def auc(name, data, num_thresholds=200, average="macro"):
    _, y, truth = data
    truth = np.eye(WIDTH)[truth] if y.shape[1] > 1 and truth.ndim == 1 else truth.reshape(y.shape)
    curve = "ROC" if name == "auc" else "PR"
    if average == "micro":
        return by_keras(keras.metrics.AUC(num_thresholds, curve), truth, y)
    each = [by_keras(keras.metrics.AUC(num_thresholds, curve), truth[:, j], y[:, j])
            for j in range(y.shape[1])]
    return np.average(each, weights=truth.sum(axis=0) if average == "weighted" else None)


def score(name, data, threshold=0.5, average=None):
    _, y, truth = data
    average = average or ("binary" if y.shape[1] == 1 else "macro")
    truth = truth[:, 0] if truth.ndim == 2 and y.shape[1] == 1 else truth
    return SCORES[name](truth, decisions(data, threshold), average=average)


def compute(name, data, **arguments):
    if name in SCORES:
        return score(name, data, **arguments)
    if name in ("auc", "pr_auc"):
        return auc(name, data, **arguments)
    if name == "cohen_kappa":
        return metrics.cohen_kappa_score(data[2], decisions(data), **arguments)
    if name == "accuracy":
        return metrics.accuracy_score(data[2], decisions(data))
    return by_keras(ERRORS[name](), data[2], data[1])


def cases():
    for name in SCORES:
        for data in (MULTICLASS, BINARY, BINARY_VALUES, MULTILABEL):
            yield name, data, {}
            for average in ("macro", "weighted", "micro"):
                yield name, data, {"average": average}
        yield name, BINARY, {"threshold": 0.3}
        yield name, MULTILABEL, {"threshold": 0.7}
    for name in ("auc", "pr_auc"):
        for data in (MULTICLASS, BINARY, BINARY_VALUES, MULTILABEL):
            yield name, data, {}
        for average in ("macro", "weighted", "micro"):
            yield name, MULTICLASS, {"average": average}
        yield name, BINARY, {"num_thresholds": 7}
    for data in (MULTICLASS, BINARY):
        yield "cohen_kappa", data, {}
        for weights in ("linear", "quadratic"):
            yield "cohen_kappa", data, {"weights": weights}
    yield "accuracy", MULTICLASS, {}
    for name in ERRORS:
        yield name, REGRESSION, {}
    constant = np.broadcast_to([1.0, 2.0], (5, 2))
    yield "r2", ("values", constant + [0, 0.5], constant), {}


def show(array):
    return " ".join(f"{value:.9g}" for value in np.ravel(array))


for name, data, arguments in cases():
    kind, y, truth = data
    value = 0.5 if len(y) == 5 else compute(name, data, **arguments)  # constants: as scikit-learn
    text = "{" + f"{name}: {json.dumps(arguments)}" + "}" if arguments else name
    print(*y.shape, kind, repr(float(value)), show(y), show(truth), text.replace('"', ""))
