"""Writes transforms.txt: samples, and their standardization and principal components in NumPy:
deviations by np.std, components by a singular value decomposition of the training samples (the
program computes eigenvectors of their covariance), as scikit-learn does.

Usage: make_transforms.py > transforms.txt"""

import numpy as np

SAMPLES, FEATURES, COMPONENTS = 30, 7, 3
TRAIN = np.arange(3, 23)


def make_samples():
    random = np.random.default_rng(1)
    x = random.normal(size=(SAMPLES, FEATURES)) @ random.normal(size=(FEATURES, FEATURES))
    x[:, 2] = 0.3  # no variance
    x[:, 5] = 1000 + 0.01 * x[:, 5]  # little of it, far from 0
    return x.astype(np.float32).astype(np.float64)


def standardize(x, train, axis):
    mean, deviation = train.mean(axis), train.std(axis)
    return (x - mean) / np.where(deviation == 0, 1, deviation)


def to_unit_range(x, train):
    low, span = train.min(0), np.ptp(train, 0)
    return (x - low) / np.where(span == 0, 1, span)


def project(x, train, whiten):
    mean = train.mean(0)
    _, singular, vectors = np.linalg.svd(train - mean, full_matrices=False)
    vectors = vectors[:COMPONENTS]
    largest = np.abs(vectors).argmax(1)
    vectors *= np.sign(vectors[np.arange(COMPONENTS), largest])[:, None]
    y = (x - mean) @ vectors.T
    return y * np.sqrt(len(train) - 1) / singular[:COMPONENTS] if whiten else y


def write(name, array):
    print(name, *array.shape)
    for row in array:
        print(*("%.9g" % value for value in row))


def main():
    x = make_samples()
    train = x[TRAIN]
    standardized = standardize(x, train, 0)
    constant = np.ptp(train[:, 2]) == 0
    assert constant
    standardized[:, 2] = 0  # exactly, whatever NumPy's mean of equal numbers is
    write("x", x)
    write("per_feature", standardized)
    write("together", standardize(x, train, None))
    write("min_max", to_unit_range(x, train))
    write("pca", project(x, train, False))
    write("whitened", project(x, train, True))
    write("both", project(standardized, standardized[TRAIN], False))


main()
