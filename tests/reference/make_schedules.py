"""Makes schedules.txt: learning rates by Keras's schedules (3.15.1 over JAX).

Usage: make_schedules.py > schedules.txt

A case has one line: its name, the number of steps of the training, the rate at each of these steps
from step 0 on. tests/conform/schedules_test.c has the same cases as a job file describes them."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras

STEPS = 40

# name: (class of keras.optimizers.schedules, arguments)
CASES = {
    "constant": (None, 0.125),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [3, 10, 30],
                                             "values": [0.5, 0.25, 0.1, 0.01]}),
    "exponential": ("ExponentialDecay", {"initial_learning_rate": 0.3, "decay_steps": 7,
                                         "decay_rate": 0.6}),
    "exponential_staircase": ("ExponentialDecay", {"initial_learning_rate": 0.3, "decay_steps": 7,
                                                   "decay_rate": 0.6, "staircase": True}),
    "inverse_time": ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 7,
                                          "decay_rate": 0.6}),
    "inverse_time_staircase": ("InverseTimeDecay", {"initial_learning_rate": 0.3, "decay_steps": 7,
                                                    "decay_rate": 0.6, "staircase": True}),
    "polynomial": ("PolynomialDecay", {"initial_learning_rate": 0.2, "decay_steps": 25,
                                       "end_learning_rate": 0.02, "power": 1.5}),
    "polynomial_cycle": ("PolynomialDecay", {"initial_learning_rate": 0.2, "decay_steps": 9,
                                             "end_learning_rate": 0.02, "cycle": True}),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 25, "alpha": 0.05}),
    "cosine_whole": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": STEPS}),
    "restarts": ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5,
                                         "t_mul": 2.0, "m_mul": 0.8, "alpha": 0.05}),
    "warmup": ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": STEPS - 8,
                               "warmup_target": 0.1, "warmup_steps": 8}),
    "warmup_of_one": ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 20,
                                      "alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 1}),
}


def main():
    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    for name, (kind, arguments) in CASES.items():
        rate = getattr(keras.optimizers.schedules, kind)(**arguments) if kind else lambda _: arguments
        print(name, STEPS, *(f"{float(rate(step)):.15g}" for step in range(STEPS)))


if __name__ == "__main__":
    main()
