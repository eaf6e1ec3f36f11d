"""Makes networks.txt: 20 training steps of every job's network, computed with PyTorch in float64
from the job files.

Usage, in the root of the project: make_networks.py > tests/reference/networks.txt

A case is a point of a job's sweep. Points with the same numbers (another dataset or batch size) are
left out, and so are combinations of numbers, which vary one at a time. A case has SAMPLES samples
(half as many for clocks), which form one batch, and weights from a formula; optimizer, schedule,
penalties, heads and random layers are the job's, with its seed; a step is an epoch. The file has
the mean loss with penalties before each step, and of each parameter its start, and its sum and
Euclidean norm at the end.

Element i of all parameters starts as start + scale * (2 u(first + i) - 1). Element k of the inputs
of half of the samples is max(0, 2 u(FIRST_INPUT + k) - 1) / 4: every other one is 0, as in images.
The other half has the same inputs with other targets, so that losses stay well above 0, near which
a loss has few significant digits. tests/conform/networks_test.c, which reads the file, has the same
formulas.

Training may amplify rounding errors: near the kink of a rectifier, or of two nearly equal maxima,
rounding decides where a gradient goes. So that the program in single precision can be compared to
2e-5, a case starts with the first of several sets of weights from which this does not happen: from
which five trainings, with weights perturbed at random by about a rounding error at each step, end
within CALM of each other."""

import argparse
import copy
import glob
import json
import math
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F

import jobs
import philox
from network import Network, Pass, kind_of, split, tensor
from update import DEFAULT_RATES, OPTIMIZERS, rate_at

STEPS, SAMPLES, FIRST_INPUT = 20, 8, 1 << 28
ATTEMPTS, TRIES, ROUNDING, CALM = 16, 5, 3e-7, 4e-6
IMAGE, CLOCK, COMPONENTS = (28, 28, 1), (150, 150, 1), (25,)

# Overrides for points at which rounding matters wherever they start, and for a schedule that is
# longer than STEPS.
FEWER_FLIPS = ["train.optimizer.sgd.learning_rate=0.01"]  # of rectifiers, among millions
EXPONENTIAL = ["train.optimizer.rmsprop.learning_rate=0.00001"]  # of large numbers
VANISHING = ["train.optimizer={adam: {learning_rate: 0.0001}}"]  # gradients of 1e-8, which the
# optimizer brings to size 1
STEEP = ["train.optimizer.rmsprop.learning_rate=0.0001"]  # losses that jump up and down
NADAM = ["sweep.optimizer.nadam.nadam.learning_rate=0.0001"]
SHORTER = ["train.optimizer.sgd.learning_rate={warmup: {warmup_steps: 5, "
           "then: {cosine_decay: {initial_learning_rate: 0.000005}}}}"]
CALMED = {
    "best/mnist_cnn": SHORTER,
    "best/fashion_cnn": SHORTER,
    "report_a/a3_cnn network=cnn2": FEWER_FLIPS,
    "report_a/a3_cnn network=cnn5": FEWER_FLIPS,
    "report_a/a3_cnn network=cnn6": FEWER_FLIPS,
    "report_b/b7_cnn_noise": FEWER_FLIPS,
    "report_d/d5_activations_fashion network=mlp activation=tanh": STEEP,
    "report_d/d5_activations_mnist network=mlp activation=tanh": STEEP,
    "report_d/d6_initializers_fashion network=mlp initializer=ones": STEEP,
    "report_d/d6_initializers_mnist network=mlp initializer=ones": STEEP,
    "report_d/d5_activations_fashion network=mlp activation=exponential": EXPONENTIAL,
    "report_d/d5_activations_fashion network=cnn activation=exponential": EXPONENTIAL,
    "report_d/d5_activations_mnist network=mlp activation=exponential": EXPONENTIAL,
    "report_d/d5_activations_mnist network=cnn activation=exponential": EXPONENTIAL,
    "report_d/d8_clock_activations activation=sigmoid": VANISHING,
    "report_d/d8_clock_optimizers optimizer=nadam": NADAM,
}


def u(i):
    """Numbers of 24 bits from [0, 1): the finalizer of MurmurHash3 of i."""
    h = i.astype(np.uint64) * np.uint64(0x9E3779B1) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = (h ^ h >> np.uint64(shift)) * np.uint64(factor) & np.uint64(0xFFFFFFFF)
    return (h ^ h >> np.uint64(16)) // np.uint64(256) / 2.0**24


def samples_of(shape):
    return SAMPLES // 2 if shape == CLOCK else SAMPLES


def inputs(shape):
    k = np.arange(samples_of(shape) // 2 * math.prod(shape))
    half = tensor(np.maximum(0, 2 * u(FIRST_INPUT + k) - 1) / 4).reshape(-1, *shape)
    return torch.cat([half, half])


def target_of(name, x):
    i = torch.arange(len(x))
    return {"input": x.flatten(1), "y": 3 * i % 10, "hour": 7 * i % 12,
            "minute": tensor(5 * i % len(x) / len(x))[:, None]}[name]


LOSSES = {
    "categorical_crossentropy": ("softmax", F.cross_entropy),
    "binary_crossentropy": ("sigmoid", F.binary_cross_entropy_with_logits),
    "mean_squared_error": (None, F.mse_loss),
}


class Head:
    def __init__(self, network, layers, loss, target, weight):
        """The last activation is left to the loss, where both are computed at once."""
        layers, (fused, self.loss) = copy.deepcopy(layers), LOSSES[loss]
        if fused:
            assert layers[-1]["dense"].pop("activation") == fused
        self.run, self.target, self.weight = network.layers(layers), target, weight


class Model:
    """A job's network on its samples."""

    def __init__(self, job, shape, first):
        train = job["train"]
        self.x = self.transformed(job["dataset"].get("transform", []), inputs(shape))
        network = Network(shape)
        if "heads" in job:
            self.trunk = network.layers(job["model"])
            sections = [dict(section, target=section.get("target", name))
                        for name, section in job["heads"].items()]
        else:
            self.trunk = lambda x, now: x
            sections = [{"layers": job["model"], "loss": train["loss"],
                         "target": train.get("target", "y")}]
        behind = network.shape
        self.heads = []
        for section in sections:
            network.shape = behind
            self.heads.append(Head(network, section["layers"], section["loss"], section["target"],
                                   section.get("loss_weight", 1)))
        self.parameters = network.parameters
        self.set_weights(first)

    @staticmethod
    def transformed(transforms, x):
        for transform in transforms:
            kind, arguments = split(transform)
            assert kind == "pixel_permutation"
            order = philox.permutation(math.prod(x.shape[1:]), arguments["seed"], philox.TRANSFORM)
            x = x.flatten(1)[:, order].reshape(x.shape)
        return x

    def set_weights(self, first):
        for p in self.parameters:
            numbers = u(np.arange(first, first + p.value.numel())).reshape(p.value.shape)
            p.value = tensor(p.start + p.scale * (2 * numbers - 1))
            first += p.value.numel()

    def learnt(self):
        return [p for p in self.parameters if p.trainable and p.momentum is None]

    def loss(self, now):
        x = self.trunk(self.x, now)
        total = sum(head.weight * head.loss(head.run(x, now), target_of(head.target, self.x))
                    for head in self.heads)
        return total + sum(p.l2 * (p.value**2).sum() for p in self.parameters if p.l2)


def train(job, shape, first, jitter=0):
    """The final parameters, and the losses. Before each step weights are perturbed at random, by
    `jitter` of their size."""
    model = Model(job, shape, first)
    kind, settings = split(job["train"]["optimizer"])
    settings = {"learning_rate": DEFAULT_RATES.get(kind, 0.001), **settings}
    decay = settings.pop("weight_decay", 0)
    rules = [OPTIMIZERS[kind](p.value, **settings) for p in model.learnt()]
    for rule in rules:
        next(rule)
    losses = []
    for step in range(STEPS):
        learnt = model.learnt()
        for p in learnt:
            p.value = p.value * (1 + jitter * torch.randn(p.value.shape))
            p.value.requires_grad_()
        loss = model.loss(Pass(job["train"]["seed"], step))
        gradients = torch.autograd.grad(loss, [p.value for p in learnt])
        rate = rate_at(settings["learning_rate"], step, STEPS)
        for p, rule, gradient in zip(learnt, rules, gradients):
            kept = p.value.detach() * (1 - decay * rate)
            p.value = kept + rule.send((gradient, rate))
        losses.append(loss.item())
    return model.parameters, losses


def summary(p):
    """Sum and norm."""
    value = p.value.detach().double()
    return value.sum().item(), value.norm().item()


def distance(one, other):
    """The largest relative error: of losses, of norms, of means to the root mean squares."""
    errors = [abs(a / b - 1) for a, b in zip(one[1], other[1])]
    for p, q in zip(one[0], other[0]):
        (sum_p, norm_p), (sum_q, norm_q) = summary(p), summary(q)
        if norm_p != norm_q:
            errors.append(abs(norm_p - norm_q) / norm_q)
            errors.append(abs(sum_p - sum_q) / norm_q / p.value.numel()**0.5)
    return max(errors)


def train_calmly(job, shape):
    """Trains from the first initial weights from which rounding does not matter."""
    torch.manual_seed(1)
    for attempt in range(ATTEMPTS):
        first = attempt << 24
        result = train(job, shape, first)
        errors = (distance(train(job, shape, first, ROUNDING), result) for _ in range(TRIES))
        worst = next((error for error in errors if error > CALM), 0)
        if worst == 0:
            return first, *result
        print(f"  from {first}: {worst:.2g}", file=sys.stderr)
    raise RuntimeError("rounding matters from everywhere: see CALMED")


def overrides(job):
    """The overrides (--set) with which the job uses such samples, and their shape. They also remove
    folds."""
    sets, shape = [f"train.epochs={STEPS}", "dataset.validation=test"], IMAGE
    if "subset" in job["dataset"]:
        sets.append("dataset.subset=null")
    if "folds" in job.get("sweep", {}):
        job["sweep"] = {**job["sweep"], "replicates": 1}
        del job["sweep"]["folds"]
        sets.append(f"sweep={json.dumps(job['sweep'])}")
    if "reference_metric" in job:
        sets.append("reference_metric=null")
    if job["dataset"]["name"] == "clock":
        shape = CLOCK
    if any(kind_of(t) == "pca" for t in job["dataset"].get("transform", [])):
        shape = COMPONENTS
        sets += ["dataset.transform=[]", "dataset.name=components"]
    for i, layer in enumerate(job["model"]):
        if "weights" in split(layer, "first")[1]:
            sets.append(f"model[{i}].{kind_of(layer)}.weights=null")
    return sets, shape


def override(job, text):
    """Changes the job as --set does."""
    key, value = text.split("=", 1)
    *folders, last = re.findall(r"[^.\[\]]+", key)
    node = job
    for folder in folders:
        node = node[folder]
    node[int(last) if isinstance(node, list) else last] = jobs.yaml.safe_load(value)


def numbers(values):
    return " ".join(f"{value:.14g}" for value in values)


def write_case(first, parameters, losses):
    lines = [f"first {first}", f"loss {numbers(losses)}"]
    for p in parameters:
        start = f"{p.value.numel()} {p.start:g} {p.scale:.11g}"
        lines.append(f"parameter {p.name} {start} {numbers(summary(p))}")
    return "\n".join(lines)


def write_job(path):
    job = jobs.read(path)
    sets, shape = overrides(job)
    if "transform" in job["dataset"] and shape == COMPONENTS:
        del job["dataset"]["transform"]
    print(f"job {path} {jobs.trials(job)} {' '.join(map(str, shape))}")
    for text in sets:
        print(f"set {text}")
    seen = set()
    for index in jobs.points(job):
        label = jobs.label(job, index)
        name = f"{path.removeprefix('jobs/').removesuffix('.yaml')} {label}".rstrip()
        extra = CALMED.get(name, [])
        own = copy.deepcopy(job)
        for text in extra:
            override(own, text)
        point = jobs.at(own, index)
        plain = write_case(0, *train(point, shape, 0))
        if plain in seen:
            continue
        seen.add(plain)
        print(name, file=sys.stderr)
        first, parameters, losses = train_calmly(point, shape)
        if not np.isfinite(losses).all():
            print("  diverges: left out", file=sys.stderr)
            continue
        text = write_case(first, parameters, losses)
        print(f"case {jobs.trial(job, index)} {label}".rstrip())
        for line in extra:
            print(f"set {line}")
        print(text, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="*", help="job files; left out: all")
    found = sorted(glob.glob("jobs/**/*.yaml", recursive=True))
    paths = parser.parse_args().jobs or [path for path in found if "/examples/" not in path]
    for path in paths:
        write_job(path)


if __name__ == "__main__":
    main()
