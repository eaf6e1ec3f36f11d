"""Trains a network of networks.py with Keras on samples in memory, and prints the milliseconds of a
step: the median over all epochs but the first.

Model.fit in one process, bound to a number of cores; KERAS_BACKEND selects the backend. Samples are
train_x.npy and train_y.npy of the folder, kept as float32.

With --weights nothing is timed: starting from these weights, with all samples in one batch, it
prints the loss with penalties before each step."""
import os
import pathlib
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# This file has Keras's own name, and must not be found by it.
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

import networks

CLASSES = {"dense": "Dense", "conv2d": "Conv2D", "max_pooling2d": "MaxPooling2D",
           "flatten": "Flatten", "dropout": "Dropout", "gaussian_noise": "GaussianNoise"}
OPTIMIZERS = {"sgd": "SGD", "rmsprop": "RMSprop"}


def build(keras, name, random):
    model, flat = keras.Sequential([keras.Input(networks.INPUT)]), False
    for layer in networks.layers_of(name, random):
        kind, arguments = networks.kind_of(layer)
        if kind == "dense" and not flat:
            model.add(keras.layers.Flatten())
        flat = flat or kind in ("dense", "flatten")
        make = getattr(keras.layers, CLASSES[kind])
        if not isinstance(arguments, dict):
            model.add(make(arguments))
            continue
        if "kernel_regularizer" in arguments:
            factor = arguments["kernel_regularizer"]["l2"]
            arguments = {**arguments, "kernel_regularizer": keras.regularizers.L2(factor)}
        model.add(make(**arguments))
    kind, arguments = networks.kind_of(networks.optimizer_of(name))
    model.compile(optimizer=getattr(keras.optimizers, OPTIMIZERS[kind])(**arguments),
                  loss="sparse_categorical_crossentropy")
    return model


def load(np, folder, count):
    x = np.load(pathlib.Path(folder) / "train_x.npy", mmap_mode="r")[:count]
    y = np.load(pathlib.Path(folder) / "train_y.npy")[:count]
    return x.astype(np.float32) / np.float32(255), y.astype(np.int32)


def time_epochs(keras, model, x, y, args):
    seconds = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            seconds.append(time.perf_counter() - self.start)

    model.fit(x, y, batch_size=args.batch, epochs=args.epochs, verbose=0, callbacks=[Clock()])
    return seconds


def main():
    parser = networks.peer_arguments(__doc__)
    args = parser.parse_args()
    # Before anything starts threads: all backends start as many as there are cores for them.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-args.threads :])

    import keras
    import numpy as np

    x, y = load(np, args.data, args.batch * (1 if args.weights else args.steps))
    model = build(keras, args.network, random=not args.weights)
    if args.weights:
        arrays = np.load(args.weights)
        model.set_weights([arrays[name] for name in arrays.files])
        fitted = model.fit(x, y, batch_size=len(x), epochs=args.steps, verbose=0)
        losses = ",".join(f"{loss:.8g}" for loss in fitted.history["loss"])
        print(f"losses={losses} parameters={model.count_params()}")
        return
    seconds = time_epochs(keras, model, x, y, args)
    print(f"epochs={','.join(f'{s:.6g}' for s in seconds)} "
          f"milliseconds={statistics.median(seconds[1:]) / args.steps * 1e3:.6g} "
          f"parameters={model.count_params()} steps={args.steps} samples={len(x)}")


if __name__ == "__main__":
    main()
