"""Job files read without the program: the points of their sweeps, and the job at each point."""

import itertools
import re

import yaml

SETTINGS = ("replicates", "folds", "ranks_per_trial")


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def values_of(job, variable):
    """The values of a variable, in the order of its axis."""
    values = job["sweep"][variable]
    if isinstance(values, list):
        return values
    if set(values) == {"log_range", "count"}:
        (low, high), count = values["log_range"], values["count"]
        return [low * (high / low) ** (i / (count - 1)) for i in range(count)]
    return list(values.values())


def names_of(job, variable):
    """The same, as labels."""
    values = job["sweep"][variable]
    return [str(name) for name in (values if isinstance(values, dict) and "count" not in values
                                   else values_of(job, variable))]


def variables(job):
    return [name for name in job.get("sweep", {}) if name not in SETTINGS]


def is_numeric(values):
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def points(job):
    """Yields index tuples: all combinations of values that are not numbers; numbers vary one at a
    time from their first values."""
    axes = [values_of(job, name) for name in variables(job)]
    numeric = [is_numeric(values) for values in axes]
    for index in itertools.product(*(range(len(values)) for values in axes)):
        moved = [i for i, number in zip(index, numeric) if i > 0 and number]
        others = [i for i, number in zip(index, numeric) if i > 0 and not number]
        if len(moved) <= 1 and not (moved and others):
            yield index


def trial(job, index):
    """The number of a point's first trial: the last variable varies fastest, replicates and folds
    faster still."""
    number = 0
    for name, i in zip(variables(job), index):
        number = number * len(values_of(job, name)) + i
    return number * trials_of_a_point(job)


def trials_of_a_point(job):
    sweep = job.get("sweep", {})
    return sweep.get("replicates", 1) * sweep.get("folds", 1)


def trials(job):
    count = trials_of_a_point(job)
    for name in variables(job):
        count *= len(values_of(job, name))
    return count


def replace(node, values):
    """The tree with $variables replaced, and arithmetic with them evaluated."""
    if isinstance(node, dict):
        return {key: replace(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [replace(value, values) for value in node]
    if not isinstance(node, str) or "$" not in node:
        return node
    if node[1:] in values:
        return replace(values[node[1:]], values)
    assert re.fullmatch(r"[$\w.+\-*/() ]+", node), node
    return eval(re.sub(r"\$(\w+)", lambda match: repr(values[match[1]]), node))


def at(job, index):
    """The job at a point of its sweep, without the sweep."""
    values = {name: values_of(job, name)[i] for name, i in zip(variables(job), index)}
    return replace({key: value for key, value in job.items() if key != "sweep"}, values)


def label(job, index):
    return " ".join(f"{name}={names_of(job, name)[i]}" for name, i in zip(variables(job), index))
