#!/usr/bin/env python3
"""Draws the data of three examples into a folder:

    draw_data.py FOLDER

shapes/train, shapes/test  PNG images, 24 x 24, grey, in a folder for each class
signals.npz                x_train [sample, time, channel], y_train: texts; and x_test, y_test
scenes.npz                 x_train [sample, height, width], y_train [sample, label] of 0 and 1; and
                           x_test, y_test

Needs NumPy. The numbers are integers, or rounded, and the same in every run."""

import os
import struct
import sys
import zlib

import numpy as np

SHAPES = ["circle", "square", "triangle"]
KINDS = ["sawtooth", "sine", "square"]


# ---- Shapes -------------------------------------------------------------------------------------

def is_inside(shape, x, y):
    """Whether points are in a shape around 0 whose half width is 1."""
    if shape == "circle":
        return x * x + y * y < 1
    if shape == "square":
        return np.maximum(abs(x), abs(y)) < 0.85
    return (y < 0.8) & (y > 2 * abs(x) - 1)


def draw_shape(random, shape, size):
    """One shape [size, size] of 0 or 1, of random place, size and rotation."""
    half = size / 2
    radius = random.uniform(0.45, 0.8) * half
    centre = half + random.uniform(-1, 1, 2) * (half - radius)
    angle = random.uniform(-0.3, 0.3)
    y, x = (np.mgrid[:size, :size] + 0.5 - centre[:, None, None]) / radius
    return is_inside(shape, x * np.cos(angle) + y * np.sin(angle),
                     y * np.cos(angle) - x * np.sin(angle))


def add_noise(random, image):
    """Grey values from 0 to 255 of an image of 0 and 1."""
    grey = 60 + 120 * image + random.normal(0, 20, image.shape)
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)


def encode_png(pixels):
    """A grey image [height, width] as a PNG file."""
    def chunk(name, data):
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def draw_shapes(folder):
    random = np.random.default_rng(1)
    for part, count in (("train", 200), ("test", 60)):
        for shape in SHAPES:
            path = os.path.join(folder, "shapes", part, shape)
            os.makedirs(path, exist_ok=True)
            for i in range(count):
                with open(os.path.join(path, f"{i:03d}.png"), "wb") as file:
                    file.write(encode_png(add_noise(random, draw_shape(random, shape, 24))))


# ---- Signals ------------------------------------------------------------------------------------

def draw_signal(random, kind, length):
    """Two channels [length, 2]: a wave, and the same later, both with noise."""
    phase = random.uniform() + random.uniform(3, 8) * np.arange(length) / length
    phase = np.stack([phase, phase - 0.25], axis=1) % 1
    wave = {"sawtooth": 2 * phase - 1, "sine": np.sin(2 * np.pi * phase),
            "square": np.sign(phase - 0.5)}[kind]
    return random.uniform(0.5, 1.5) * wave + random.normal(0, 0.4, wave.shape)


def draw_signals(folder):
    random = np.random.default_rng(2)
    arrays = {}
    for part, count in (("train", 600), ("test", 300)):
        kinds = [KINDS[i % 3] for i in range(count)]
        x = np.stack([draw_signal(random, kind, 96) for kind in kinds])
        arrays[f"x_{part}"] = np.round(x, 3).astype(np.float32)
        arrays[f"y_{part}"] = np.array(kinds)
    np.savez(os.path.join(folder, "signals.npz"), **arrays)


# ---- Scenes -------------------------------------------------------------------------------------

def draw_scenes(folder):
    """Images with any number of shapes. Labels are independent of one another."""
    random = np.random.default_rng(3)
    arrays = {}
    for part, count in (("train", 1500), ("test", 300)):
        y = random.integers(0, 2, (count, len(SHAPES)))
        x = np.zeros((count, 32, 32), np.uint8)
        for i in range(count):
            image = np.zeros((32, 32), bool)
            for label in np.flatnonzero(y[i]):
                image ^= draw_shape(random, SHAPES[label], 32)
            x[i] = add_noise(random, image)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = x, y.astype(np.uint8)
    np.savez(os.path.join(folder, "scenes.npz"), **arrays)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: draw_data.py FOLDER")
    os.makedirs(sys.argv[1], exist_ok=True)
    draw_shapes(sys.argv[1])
    draw_signals(sys.argv[1])
    draw_scenes(sys.argv[1])


if __name__ == "__main__":
    main()
