#!/usr/bin/env python3
"""Writes the CSV files of this folder, which are data sets of scikit-learn: diabetes.csv,
breast_cancer.csv and digits.csv.gz. Needs scikit-learn; the files are in the repository, so this is
not needed to run the examples."""

import csv
import gzip
import io
import os

import numpy as np
from sklearn import datasets

FOLDER = os.path.dirname(os.path.abspath(__file__))


def write(name, columns, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    content = text.getvalue().encode()
    if name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(content)


def format_row(values):
    return [f"{value:.6g}" for value in values]


def write_diabetes():
    """442 patients: ten measurements, and the progression of the disease one year later."""
    data = datasets.load_diabetes(scaled=False)
    write("diabetes.csv", [*data.feature_names, "progression"],
          [format_row([*x, y]) for x, y in zip(data.data, data.target)])


def write_breast_cancer():
    """All 357 benign tumours, and 19 of the 212 malignant ones: 5 % of the samples. Of the 30
    columns the ten means are kept: with all of them the classes are separable."""
    data = datasets.load_breast_cancer()
    malignant = np.flatnonzero(data.target == 0)
    kept = np.random.default_rng(1).choice(malignant, 19, replace=False)
    rows = np.sort(np.concatenate([np.flatnonzero(data.target == 1), kept]))
    names = [name.replace(" ", "_") for name in data.feature_names[:10]]
    write("breast_cancer.csv", [*names, "diagnosis"],
          [[*format_row(data.data[i, :10]), data.target_names[data.target[i]]] for i in rows])


def write_digits():
    """1797 images of 8 x 8 pixels from 0 to 16, one in each row."""
    data = datasets.load_digits()
    pixels = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    write("digits.csv.gz", [*pixels, "digit"],
          [[*(int(value) for value in x), y] for x, y in zip(data.data, data.target)])


def main():
    write_diabetes()
    write_breast_cancer()
    write_digits()


if __name__ == "__main__":
    main()
