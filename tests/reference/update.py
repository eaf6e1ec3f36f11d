"""Optimizers and schedules of Keras 3, each for one array of NumPy or PyTorch. An optimizer is a
generator: it is sent gradients and rates, and yields the change of the weights."""

import math

import torch


def sgd(w, learning_rate, momentum=0.0, nesterov=False):
    v = torch.zeros_like(w)
    step = None
    while True:
        g, rate = yield step
        v = momentum * v - rate * g
        step = momentum * v - rate * g if nesterov else v


def rmsprop(w, learning_rate, rho=0.9, epsilon=1e-7):
    v = torch.zeros_like(w)
    step = None
    while True:
        g, rate = yield step
        v = rho * v + (1 - rho) * g**2
        step = -rate * g / torch.sqrt(v + epsilon)


def adagrad(w, learning_rate, initial_accumulator_value=0.1, epsilon=1e-7):
    v = torch.full_like(w, initial_accumulator_value)
    step = None
    while True:
        g, rate = yield step
        v = v + g**2
        step = -rate * g / torch.sqrt(v + epsilon)


def adadelta(w, learning_rate, rho=0.95, epsilon=1e-7):
    v, s = torch.zeros_like(w), torch.zeros_like(w)
    step = None
    while True:
        g, rate = yield step
        v = rho * v + (1 - rho) * g**2
        delta = -torch.sqrt(s + epsilon) / torch.sqrt(v + epsilon) * g
        s = rho * s + (1 - rho) * delta**2
        step = rate * delta


def adam(w, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    step, t = None, 0
    while True:
        g, rate = yield step
        t += 1
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        alpha = rate * math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        step = -alpha * m / (torch.sqrt(v) + epsilon)


def adamax(w, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, u = torch.zeros_like(w), torch.zeros_like(w)
    step, t = None, 0
    while True:
        g, rate = yield step
        t += 1
        m = beta_1 * m + (1 - beta_1) * g
        u = torch.maximum(beta_2 * u, g.abs())
        step = -rate * m / ((1 - beta_1**t) * (u + epsilon))


def nadam(w, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    step, t, product = None, 0, 1.0
    while True:
        g, rate = yield step
        t += 1
        now, after = (beta_1 * (1 - 0.5 * 0.96**k) for k in (t, t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        ahead = after * m / (1 - product * after) + (1 - now) * g / (1 - product)
        step = -rate * ahead / (torch.sqrt(v / (1 - beta_2**t)) + epsilon)


OPTIMIZERS = {rule.__name__: rule for rule in (
    sgd, rmsprop, adagrad, adadelta, adam, adamax, nadam)}
DEFAULT_RATES = {"sgd": 0.01}  # the others': 0.001


def rate_at(schedule, step, steps):
    """cosine_decay runs over all steps; warmup grows linearly from 0 to the start of `then`, which
    runs over the remaining steps."""
    if not isinstance(schedule, dict):
        return schedule
    (kind, arguments), = schedule.items()
    if kind == "warmup":
        first = arguments["warmup_steps"]
        after = rate_at(arguments["then"], max(step - first, 0), steps - first)
        return after * min(step / first, 1)
    assert kind == "cosine_decay" and set(arguments) == {"initial_learning_rate"}
    return arguments["initial_learning_rate"] * 0.5 * (1 + math.cos(math.pi * step / steps))
