"""Writes ema.json: linear regression with moving averages of the weights, trained by Keras (3.15.1
over JAX) in double precision.

Usage: make_ema.py > ema.json

Every epoch is one step over all samples, from weights of 0. For each optimizer: the losses of
validation, the final kernel and bias. tests/cli/ema_test.py reads the file."""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import numpy as np

EPOCHS, TRAIN = 12, 40
CASES = [("sgd", "SGD", {"momentum": 0.9, "learning_rate": 0.1}),
         ("adam", "Adam", {"learning_rate": 0.2}),
         ("adamw", "AdamW", {"learning_rate": 0.2, "weight_decay": 0.1, "clipnorm": 1.0})]
AVERAGES = [{"ema_momentum": 0.8}, {}, {"ema_momentum": 0.5, "ema_overwrite_frequency": 5},
            {"ema_momentum": 0.9, "ema_overwrite_frequency": 3}]

keras.config.set_floatx("float64")
random = np.random.default_rng(3)
x = random.normal(size=(TRAIN + 10, 3)).astype(np.float32)
y = (x @ [[1.0], [-2.0], [0.5]] + 3 + 0.1 * random.normal(size=(TRAIN + 10, 1))).astype(np.float32)
out = {"epochs": EPOCHS, "train": TRAIN, "x": x.tolist(), "y": y.tolist(), "cases": []}
for name, kind, settings in CASES:
    for average in AVERAGES:
        model = keras.Sequential([keras.layers.Input((3,)),
                                  keras.layers.Dense(1, kernel_initializer="zeros")])
        settings = {**settings, **average, "use_ema": True}
        model.compile(getattr(keras.optimizers, kind)(**settings), "mean_squared_error")
        history = model.fit(x[:TRAIN], y[:TRAIN], TRAIN, EPOCHS, verbose=0, shuffle=False,
                            validation_data=(x[TRAIN:], y[TRAIN:]))
        kernel, bias = model.get_weights()
        out["cases"].append({"optimizer": {name: dict(settings)},
                             "val_loss": history.history["val_loss"],
                             "kernel": kernel.tolist(), "bias": bias.tolist(),
                             "loss": model.evaluate(x[TRAIN:], y[TRAIN:], verbose=0)})
        settings = {k: v for k, v in settings.items() if not k.startswith(("ema", "use"))}
print(json.dumps(out, indent=1))
