"""Makes augment.txt: expected outputs of the layers that augment images, computed with SciPy.

Usage: make_augment.py > augment.txt

The factors of each case have equal bounds, so that nothing is random, except for elastic_transform,
whose random numbers are those of philox.py. The image is HEIGHT x WIDTH, with pixel i = sin(1 + i *
i) over all elements. Each layer is a matrix that maps positions in the output, (column, row, 1), to
positions in the input, as in the documentation of Keras. The settings are those of
tests/conform/augment_test.c."""

import math

import numpy as np
from scipy import ndimage

import philox

HEIGHT, WIDTH, SEED, EPOCH, SAMPLE = 5, 7, 7 << 32 | 5, 3, 11
MODES = {"reflect": "reflect", "constant": "grid-constant", "nearest": "nearest"}


def image(channels):
    i = np.arange(HEIGHT * WIDTH * channels, dtype=float)
    return np.sin(1 + i * i).reshape(HEIGHT, WIDTH, channels)


def about_centre(matrix):
    x, y = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
    move = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
    return move @ matrix @ np.linalg.inv(move)


def translation(height, width):
    return np.array([[1, 0, -width * WIDTH], [0, 1, -height * HEIGHT], [0, 0, 1]])


def rotation(turns):
    c, s = math.cos(2 * math.pi * turns), math.sin(2 * math.pi * turns)
    return about_centre(np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]))


def zoom(height, width):
    return about_centre(np.diag([1 + width, 1 + height, 1]))


def shear(x):
    return about_centre(np.array([[1, x, 0], [0, 1, 0], [0, 0, 1]]))


def places(matrix=np.eye(3)):
    """Rows and columns of the input."""
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    x, y, _ = np.tensordot(matrix, np.stack([column, row, np.ones_like(row)]), 1)
    return y, x


def write(name, at, mode="reflect", value=0.0, channels=1, order=1):
    x = image(channels)
    y = [ndimage.map_coordinates(x[..., c], at, order=order, mode=MODES[mode], cval=value)
         for c in range(channels)]
    y = np.stack(y, -1).ravel()
    print(name, y.size)
    for i in range(0, y.size, 7):
        print(" ".join(f"{v:.10g}" for v in y[i:i + 7]))


def elastic(alpha, sigma):
    """Shifts of rows come from the low halves of words, those of columns from the high ones."""
    words = philox.bits(HEIGHT * WIDTH, SEED, philox.AUGMENTATION, EPOCH, 0, SAMPLE)
    words = words.reshape(HEIGHT, WIDTH)
    at = []
    for start, half in zip(places(), (words & np.uint64(0xFFFF), words >> np.uint64(16))):
        field = (half + 0.5) / 32768 - 1
        smooth = ndimage.gaussian_filter(field, sigma, mode="constant", truncate=4)
        at.append(start + alpha * smooth)
    return at


def main():
    for name, matrix in (("translation", translation(0.3, -0.45)), ("rotation", rotation(0.07)),
                         ("zoom", zoom(0.9, 0.35))):
        for mode in MODES:
            write(f"{name}_{mode}", places(matrix), mode, 0.25)
    write("zoom_in", places(zoom(-0.4, -0.4)))
    write("channels", places(rotation(-0.2)), channels=2)
    write("nearest_pixel", places(rotation(0.07)), order=0)
    whole = zoom(0.2, -0.1) @ shear(0.3) @ rotation(0.1) @ translation(0.1, 0.2)
    write("affine", places(whole))
    write("elastic", elastic(12, 1.3))
    write("elastic_wide", elastic(60, 5), "nearest")


if __name__ == "__main__":
    main()
