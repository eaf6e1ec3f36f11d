"""Makes optimizers.txt: the results of each optimizer by Keras 3's formulas in NumPy, float64.

Usage: make_optimizers.py > optimizers.txt

For each case below a vector of weights takes 50 steps with given gradients and a decreasing rate;
the file has the final weights. When this runs the formulas are compared with:

- Keras 3 (3.15.1 over JAX when the file was made), in all cases but LARS, which it lacks;
- PyTorch (1.13), at a constant rate, where it has the same arithmetic. It adds epsilon in other
  places in rmsprop, adagrad, adam and adamax, so these are compared with an epsilon of 0. Its NAdam
  uses one factor of the product of momenta twice; it lacks LAMB and LARS; its SGD adds weight decay
  to the gradient.

LARS is that of the paper, see lars.c; it is checked only by a second implementation."""

import os
import sys

import numpy as np

COUNT, STEPS = 19, 50

# name: (optimiser, learning rate, settings other than Keras's defaults)
CASES = {
    "sgd": ("SGD", 0.02, {}),
    "sgd_momentum": ("SGD", 0.002, {"momentum": 0.9}),
    "sgd_nesterov": ("SGD", 0.002, {"momentum": 0.9, "nesterov": True}),
    "sgd_decay": ("SGD", 0.002, {"momentum": 0.9, "weight_decay": 0.5}),
    "rmsprop": ("RMSprop", 0.03, {}),
    "rmsprop_momentum": ("RMSprop", 0.005, {"momentum": 0.8, "rho": 0.95}),
    "rmsprop_centered": ("RMSprop", 0.03, {"centered": True, "epsilon": 1e-3}),
    "rmsprop_both": ("RMSprop", 0.005, {"centered": True, "momentum": 0.8}),
    "adagrad": ("Adagrad", 0.2, {}),
    "adadelta": ("Adadelta", 20.0, {}),
    "adadelta_rho": ("Adadelta", 1.0, {"rho": 0.9, "epsilon": 1e-4}),
    "adam": ("Adam", 0.03, {}),
    "adam_epsilon": ("Adam", 0.03, {"beta_1": 0.8, "beta_2": 0.99, "epsilon": 0.1}),
    "adam_amsgrad": ("Adam", 0.03, {"amsgrad": True, "beta_2": 0.9}),
    "adamw": ("AdamW", 0.03, {}),
    "adamw_decay": ("AdamW", 0.03, {"weight_decay": 0.3, "amsgrad": True}),
    "adamax": ("Adamax", 0.03, {}),
    "adamax_betas": ("Adamax", 0.03, {"beta_1": 0.7, "beta_2": 0.8, "epsilon": 0.01}),
    "nadam": ("Nadam", 0.03, {}),
    "nadam_betas": ("Nadam", 0.03, {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 0.01}),
    "lamb": ("Lamb", 0.03, {}),
    "lamb_decay": ("Lamb", 0.03, {"weight_decay": 0.3, "beta_2": 0.95}),
    "lars": ("LARS", 2.0, {}),
    "lars_decay": ("LARS", 20.0, {"momentum": 0.5, "weight_decay": 0.1, "epsilon": 0.3,
                                  "trust_coefficient": 0.003}),
}
DEFAULTS = {
    "SGD": {"momentum": 0.0, "nesterov": False, "weight_decay": None},
    "RMSprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "Adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "Adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "Adam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False},
    "AdamW": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False,
              "weight_decay": 0.004},
    "Adamax": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Nadam": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "Lamb": {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": None},
    "LARS": {"momentum": 0.9, "weight_decay": 0.0, "trust_coefficient": 0.001, "epsilon": 0.0},
}


# The same numbers are made by tests/unit/optim/optim_test.c.

def single(values):
    return np.asarray(values, np.float32).astype(np.float64)


def initial():
    i = np.arange(COUNT)
    return single(0.9 - 0.1 * i)


def gradient(step):
    """For steps from 1 on; sizes from 0.001 to 10, with varying signs, never near 0."""
    i = np.arange(COUNT)
    return single(10.0 ** (i % 5 - 3) * (0.4 + np.sin(0.37 * step * (i + 1) + i)))


def falling_rate(rate, step):
    return rate * (1 - 0.01 * (step - 1))


# Each formula: from weights, gradient, rate and step to new weights. `s` has the settings, `m` is
# memory for what is kept, in which everything is 0 at first.

def sgd(w, g, rate, t, s, m):
    if s["weight_decay"]:
        w = w - w * s["weight_decay"] * rate
    if s["momentum"] == 0:
        return w - rate * g
    m["v"] = s["momentum"] * m["v"] - rate * g
    return w + (s["momentum"] * m["v"] - rate * g if s["nesterov"] else m["v"])


def rmsprop(w, g, rate, t, s, m):
    m["v"] = s["rho"] * m["v"] + (1 - s["rho"]) * g**2
    m["mean"] = s["rho"] * m["mean"] + (1 - s["rho"]) * g
    square = m["v"] - m["mean"] ** 2 if s["centered"] else m["v"]
    m["step"] = s["momentum"] * m["step"] + rate * g / np.sqrt(square + s["epsilon"])
    return w - m["step"]


def adagrad(w, g, rate, t, s, m):
    m["v"] = (s["initial_accumulator_value"] if t == 1 else m["v"]) + g**2
    return w - rate * g / np.sqrt(m["v"] + s["epsilon"])


def adadelta(w, g, rate, t, s, m):
    m["v"] = s["rho"] * m["v"] + (1 - s["rho"]) * g**2
    step = g * np.sqrt(m["d"] + s["epsilon"]) / np.sqrt(m["v"] + s["epsilon"])
    m["d"] = s["rho"] * m["d"] + (1 - s["rho"]) * step**2
    return w - rate * step


def moments(g, t, s, m):
    m["m"] = m["m"] + (g - m["m"]) * (1 - s["beta_1"])
    m["v"] = m["v"] + (g**2 - m["v"]) * (1 - s["beta_2"])
    return 1 - s["beta_1"] ** t, 1 - s["beta_2"] ** t


def adam(w, g, rate, t, s, m):
    of_m, of_v = moments(g, t, s, m)
    m["largest"] = np.maximum(m["largest"], m["v"])
    v = m["largest"] if s["amsgrad"] else m["v"]
    return w - rate * np.sqrt(of_v) / of_m * m["m"] / (np.sqrt(v) + s["epsilon"])


def adamw(w, g, rate, t, s, m):
    return adam(w - w * s["weight_decay"] * rate, g, rate, t, s, m)


def adamax(w, g, rate, t, s, m):
    of_m, _ = moments(g, t, s, m)
    m["u"] = np.maximum(s["beta_2"] * m["u"], abs(g))
    return w - rate * m["m"] / (of_m * (m["u"] + s["epsilon"]))


def nadam(w, g, rate, t, s, m):
    _, of_v = moments(g, t, s, m)
    u = [s["beta_1"] * (1 - 0.5 * 0.96 ** (t + k)) for k in (0, 1)]
    m["product"] = (1 if t == 1 else m["product"]) * u[0]
    ahead = u[1] * m["m"] / (1 - m["product"] * u[1]) + (1 - u[0]) * g / (1 - m["product"])
    return w - rate * ahead / (np.sqrt(m["v"] / of_v) + s["epsilon"])


def lamb(w, g, rate, t, s, m):
    if s["weight_decay"]:
        w = w - w * s["weight_decay"] * rate
    of_m, of_v = moments(g, t, s, m)
    step = m["m"] / of_m / (np.sqrt(m["v"] / of_v) + s["epsilon"])
    return w - rate * np.linalg.norm(w) / np.linalg.norm(step) * step


def lars(w, g, rate, t, s, m):
    size, decay = np.linalg.norm(w), s["weight_decay"]
    trust = s["trust_coefficient"] * size / (np.linalg.norm(g) + decay * size + s["epsilon"])
    m["v"] = s["momentum"] * m["v"] + rate * trust * (g + decay * w)
    return w - m["v"]


FORMULAS = {"SGD": sgd, "RMSprop": rmsprop, "Adagrad": adagrad, "Adadelta": adadelta, "Adam": adam,
            "AdamW": adamw, "Adamax": adamax, "Nadam": nadam, "Lamb": lamb, "LARS": lars}


def settings(name, **changes):
    kind, _, own = CASES[name]
    return {**DEFAULTS[kind], **own, **changes}


def run(name, rate_at=falling_rate, **changes):
    kind, rate, _ = CASES[name]
    memory = dict.fromkeys(["v", "m", "d", "u", "mean", "step", "largest"], 0.0)
    w = initial()
    for t in range(1, STEPS + 1):
        w = FORMULAS[kind](w, gradient(t), rate_at(rate, t), t, settings(name, **changes), memory)
    return w


def compare(name, who, own, other):
    error = np.max(abs(own - other)) / np.max(abs(own))
    print(f"{name}: {error:.1e} from {who}", file=sys.stderr)
    assert error < 1e-12, name


def check_with_keras():
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import keras

    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    for name, (kind, rate, own) in CASES.items():
        if kind == "LARS":
            continue
        optimizer = getattr(keras.optimizers, kind)(learning_rate=rate, **own)
        w = keras.Variable(initial(), dtype="float64")
        optimizer.build([w])
        for t in range(1, STEPS + 1):
            optimizer.learning_rate.assign(falling_rate(rate, t))
            optimizer.apply([gradient(t)], [w])
        compare(name, "Keras " + keras.__version__, run(name), keras.ops.convert_to_numpy(w))


def torch_optimizer(torch, name, w):
    """PyTorch's optimizer for the case; None if it lacks it."""
    kind, rate, _ = CASES[name]
    s = settings(name)
    if kind in ("Nadam", "Lamb", "LARS") or (kind == "SGD" and s["weight_decay"]):
        return None
    words = {"beta_1": None, "beta_2": None, "epsilon": None,
             "rho": "rho" if kind == "Adadelta" else "alpha"}
    own = {words.get(word, word): value for word, value in s.items() if words.get(word, word)}
    if "beta_1" in s:
        own["betas"] = (s["beta_1"], s["beta_2"])
    if "epsilon" in s:
        own["eps"] = s["epsilon"] if kind == "Adadelta" else 0.0
    return getattr(torch.optim, kind)([w], lr=rate, **own)


def check_with_torch():
    import torch

    for name, (kind, _, _) in CASES.items():
        w = torch.tensor(initial(), requires_grad=True)
        optimizer = torch_optimizer(torch, name, w)
        if optimizer is None:
            continue
        for t in range(1, STEPS + 1):
            w.grad = torch.tensor(gradient(t))
            optimizer.step()
        changes = {} if kind in ("SGD", "Adadelta") else {"epsilon": 0.0}
        own = run(name, lambda rate, t: rate, **changes)
        compare(name, "PyTorch " + torch.__version__, own, w.detach().numpy())


def main():
    checked = 0
    for check in (check_with_keras, check_with_torch):
        try:
            check()
            checked += 1
        except ImportError as error:
            print(error, file=sys.stderr)
    assert checked > 0, "needs Keras or PyTorch to check with"
    for name in CASES:
        print(name, COUNT)
        values = [f"{value:.9g}" for value in run(name)]
        for i in range(0, COUNT, 10):
            print(" ".join(values[i:i + 10]))


if __name__ == "__main__":
    main()
