#!/usr/bin/env python3
"""Trains the networks of this folder with Keras, and two of scikit-learn's linear models, on the
dataset files that `lockstep data` has made, with the same samples for training and testing:

    compare_keras.py FOLDER

prints a line for each example: the metric of the test samples, as the mean and standard deviation
over five seeds. README.md has what it printed. Needs Keras, scikit-learn and h5py."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np
from keras import layers
from sklearn import linear_model, metrics

SEEDS = range(5)


def read(folder, name, standardize=False):
    """x, y for training and for testing; x scaled as the dataset says."""
    with h5py.File(os.path.join(folder, f"{name}.h5")) as file:
        parts = [(file[part]["x"][()] * file[part]["x"].attrs["scale"], file[part]["y"][()])
                 for part in ("train", "test")]
    (x, y), (x_test, y_test) = parts
    if standardize:
        mean, deviation = x.mean(0), x.std(0)
        deviation[deviation == 0] = 1
        x, x_test = (x - mean) / deviation, (x_test - mean) / deviation
    return x.astype("f4"), y, x_test.astype("f4"), y_test


def balance(y):
    """Weights of classes, as class_weight: balanced."""
    counts = np.bincount(y)
    return {i: len(y) / (len(counts) * count) for i, count in enumerate(counts)}


def fit(model, data, loss, epochs, learning_rate, **settings):
    """Trains the model and returns its outputs for the test samples."""
    x, y, x_test, _ = data
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0, **settings)
    return model.predict(x_test, verbose=0)


def measure_accuracy(data, outputs):
    return np.mean(outputs.argmax(1) == data[3])


def diabetes(data):
    penalty = keras.regularizers.L2(3)
    model = keras.Sequential([layers.Dense(16, "relu", kernel_regularizer=penalty),
                              layers.Dense(1, kernel_regularizer=penalty)])
    outputs = fit(model, data, "mean_squared_error", 100, 0.02)
    return metrics.r2_score(data[3], outputs[:, 0])


def breast_cancer(data):
    model = keras.Sequential([layers.Dense(1, "sigmoid", kernel_regularizer=keras.regularizers.L2(
        0.01))])
    outputs = fit(model, data, "binary_crossentropy", 60, 0.01, class_weight=balance(data[1]))
    return metrics.roc_auc_score(data[3], outputs[:, 0])


def digits8x8(data):
    model = keras.Sequential([
        layers.Reshape((8, 8, 1)), layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dropout(0.3), layers.Dense(10, "softmax")])
    return measure_accuracy(data, fit(model, data, "sparse_categorical_crossentropy", 20, 0.002))


def build_image_model(side, last):
    return keras.Sequential([
        layers.Reshape((side, side, 1)), layers.Conv2D(8, 5, activation="relu"),
        layers.MaxPooling2D(), layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(3, last)])


def shapes(data):
    return measure_accuracy(data, fit(build_image_model(24, "softmax"), data,
                                      "sparse_categorical_crossentropy", 50, 0.002))


def signals(data):
    model = keras.Sequential([
        layers.Conv1D(16, 9, activation="relu"), layers.MaxPooling1D(2),
        layers.Conv1D(32, 9, activation="relu"), layers.GlobalAveragePooling1D(),
        layers.Dense(3, "softmax")])
    return measure_accuracy(data, fit(model, data, "sparse_categorical_crossentropy", 20, 0.005))


def scenes(data):
    outputs = fit(build_image_model(32, "sigmoid"), data, "binary_crossentropy", 15, 0.002)
    return metrics.roc_auc_score(data[3], outputs, average="macro")


# The example, its metric, and whether its job standardizes the inputs.
EXAMPLES = [(diabetes, "val_r2", True), (breast_cancer, "val_auc", True),
            (digits8x8, "val_accuracy", True), (shapes, "val_accuracy", False),
            (signals, "val_accuracy", False), (scenes, "val_auc", False)]


def compare_linear(folder):
    x, y, x_test, y_test = read(folder, "diabetes", standardize=True)
    ridge = linear_model.Ridge(1.0).fit(x, y)
    print(f"diabetes Ridge {metrics.r2_score(y_test, ridge.predict(x_test)):.3f}")
    x, y, x_test, y_test = read(folder, "breast_cancer", standardize=True)
    logistic = linear_model.LogisticRegression(class_weight="balanced").fit(x, y)
    area = metrics.roc_auc_score(y_test, logistic.decision_function(x_test))
    print(f"breast_cancer LogisticRegression {area:.3f}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: compare_keras.py FOLDER")
    compare_linear(sys.argv[1])
    for train, metric, standardize in EXAMPLES:
        data = read(sys.argv[1], train.__name__, standardize)
        values = []
        for seed in SEEDS:
            keras.utils.set_random_seed(seed)
            values.append(train(data))
        print(f"{train.__name__} {metric} {np.mean(values):.3f} +- {np.std(values, ddof=1):.3f}",
              flush=True)


if __name__ == "__main__":
    main()
