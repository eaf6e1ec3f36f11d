#!/usr/bin/python3
"""The networks of the benchmarks, as jobs and as lists from which the scripts of peers/ build them.

Layers are written as in job files; peers use arguments of dense, conv2d, max_pooling2d, flatten,
dropout and gaussian_noise. Needs no package, so that any Python environment can import it.

usage, to write the jobs: bench/networks.py FOLDER DATASET.h5 BATCH"""
import argparse
import json
import pathlib
import re
import sys


def dense(units, activation="relu", **more):
    return {"dense": {"units": units, "activation": activation, **more}}


def conv2d(filters, kernel_size, activation="relu", **more):
    return {"conv2d": {"filters": filters, "kernel_size": kernel_size, "activation": activation,
                       **more}}


def l2(factor):
    return {"kernel_regularizer": {"l2": factor}}


SGD = {"sgd": {"learning_rate": 0.1}}
MOMENTUM = {"sgd": {"learning_rate": 0.1, "momentum": 0.9}}
# Epsilon is so small that it doesn't matter whether it stands under the root, as in Keras, or
# outside, as in PyTorch.
RMSPROP = {"rmsprop": {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-20}}

# name: title, layers before the output, optimiser; A3 is the last of that job's six networks.
NETWORKS = {
    "A1": ("784-64-64-10", [dense(64), dense(64)], SGD),
    "A2": ("784-500-300-10, L2, momentum", [dense(500, **l2(1e-4)), dense(300, **l2(1e-4))],
           MOMENTUM),
    "A3": ("CNN 32-64-128, dropout", [
        conv2d(32, 3), conv2d(64, 3), "max_pooling2d", {"dropout": 0.5}, "flatten", dense(128),
        {"dropout": 0.5}], SGD),
    "B7": ("CNN 45-60, noise, L2", [
        {"gaussian_noise": 0.1}, conv2d(45, 5, **l2(1e-3)), "max_pooling2d", conv2d(60, 5),
        "max_pooling2d", "flatten"], SGD),
    "C3": ("CNN 32-64-100, sigmoid", [
        conv2d(32, 5, "sigmoid", padding="same"), "max_pooling2d",
        conv2d(64, 5, "sigmoid", padding="same"), "max_pooling2d", "flatten",
        dense(100, "sigmoid")], {"sgd": {"learning_rate": 0.5}}),
    "D1": ("784-512-512-10, dropout, RMSprop", [
        dense(512), {"dropout": 0.2}, dense(512), {"dropout": 0.2}], RMSPROP),
    "wide": ("784-4096-4096-10, momentum", [dense(4096), dense(4096)],
             {"sgd": {"learning_rate": 0.01, "momentum": 0.9}}),
}
OUTPUT = dense(10, "softmax")
INPUT = (28, 28, 1)  # height, width, channels


def kind_of(layer):
    """The name and arguments of a layer, an optimizer or another component."""
    if isinstance(layer, str):
        return layer, {}
    (name, arguments), = layer.items()
    return name, arguments


def is_random(layer):
    return kind_of(layer)[0] in ("dropout", "gaussian_noise")


def layers_of(name, random=True):
    """A network's layers, with or without random ones."""
    layers = [*NETWORKS[name][1], OUTPUT]
    return [layer for layer in layers if random or not is_random(layer)]


def optimizer_of(name):
    return NETWORKS[name][2]


def is_convolutional(name):
    return any(kind_of(layer)[0] == "conv2d" for layer in layers_of(name))


def yaml_of(layers):
    """A list as YAML, of which JSON is a subset."""
    return "".join(f"  - {json.dumps(layer)}\n" for layer in layers)


LAYERS = {name: yaml_of(layers) for name, (_, layers, _) in NETWORKS.items()}


def write_job(folder, name, dataset, batch, epochs=1000, validation="0.01", random=True,
              learning_rate=None):
    """Writes the job of a network to the folder and returns its path. `dataset` is the first key of
    its section, such as `file: FILE`."""
    (kind, arguments), = optimizer_of(name).items()
    if learning_rate is not None:
        arguments = {**arguments, "learning_rate": learning_rate}
    path = pathlib.Path(folder) / (re.sub(r"\W+", "_", name) + ".yaml")
    path.write_text(
        f"name: {path.stem}\n"
        f"dataset: {{{dataset}, validation: {validation}}}\n"
        f"model:\n{yaml_of(layers_of(name, random))}"
        "train:\n"
        f"  epochs: {epochs}\n"
        f"  batch_size: {batch}\n"
        f"  optimizer: {json.dumps({kind: arguments})}\n"
        "  loss: categorical_crossentropy\n", encoding="utf-8")
    return path


def peer_arguments(description):
    """The command line that all scripts of peers/ for one network have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("batch", type=int)
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--weights")
    return parser


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    for each in NETWORKS:
        print(write_job(sys.argv[1], each, f"file: {pathlib.Path(sys.argv[2]).resolve()}",
                        int(sys.argv[3])))
