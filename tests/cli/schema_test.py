"""`lockstep schema`: the JSON Schema of job files accepts what `check` accepts and rejects what it
rejects."""

import copy
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Loader(yaml.SafeLoader):
    """The core schema of YAML 1.2, where PyYAML has that of YAML 1.1: 1e-3 is a number, `on` is
    none of the booleans."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in [
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(node.value))

# Wrong jobs: `--set` overrides of one that is right.
WRONG = [
    "epochs=3",  # unknown keys
    "train.epoch=3",
    "train.early_stopping.patient=3",
    "model[1].dense.unit=3",
    "dataset.subset={train: 100, random: true}",
    "train.epochs=many",  # wrong types
    "train.epochs=1.5",
    "train.epochs=[1]",
    "train.epochs=null",
    "train.optimizer={sgd: {nesterov: 1}}",
    "model={dense: 10}",
    "name=[a]",
    "dataset=[mnist, digits]",
    "model[1].dense.use_bias=yes",
    "train.epochs=0",  # out of bounds
    "train.seed=-1",
    "model[2]={dropout: 1}",
    "model[2]={dropout: 1.5}",
    "train.optimizer={adam: {beta_1: 1}}",
    "train.optimizer={sgd: -0.1}",
    "dataset.validation=1",
    "model=[]",
    "train.optimizer=null",  # missing
    "model[1].dense={activation: relu}",
    "model[2]=dropout",
    "dataset={validation: test}",
    "train={epochs: 3, loss: mean_squared_error}",
    "heads={a: {target: x}}",
    "references={value: 0.9}",
    "references=[]",
    "references=[{metric: loss}]",
    "references=[{value: 0.9, of: last}]",
    "references=[{value: 0.9, at: [{lr: 0.1}]}]",
    "orderings=[{best: 0.1}]",
    "orderings=[{order: []}]",
    "model[1]=dens",  # misspelt names
    "model[1]={dens: 10}",
    "model[1]={dense: 10, flatten: null}",
    "model[1].dense.activation=rellu",
    "train.loss=crossentropy",
    "train.reduction=ring",
    "model[1].dense.kernel_regularizer={l3: 0.1}",
    "dataset={name: mnist, file: mnist.h5}",  # one of two
    "sweep.lr=[]",  # a wrong sweep
    "sweep.lr=null",
    "sweep.lr=[0.1, 0.1]",
    "sweep.lr={range: [0, 1]}",
    "sweep.lr={range: [0, 1], count: 3, step: 0.5}",
    "sweep.lr={range: [0, 1, 2], count: 3}",
    "sweep.lr={range: [a, b], count: 3}",
    "sweep.lr={log_range: [0, 1], count: 3}",
    "sweep.lr={log_range: [0.1, 1], cuont: 3}",
    "sweep.lr={log_range: [0.1, 1], count: 0}",
    "sweep.replicates=0",
    "sweep.replicates=$lr",
    "sweep.folds=1",
    "sweep.ranks_per_trial=all",
    "sweep.learning_rate=[1, 2]",
    "sweep.val_x=[1, 2]",
    "sweep={2x: [1, 2]}",
    "sweep=[1, 2]",
    "sweep={lr: {log_uniform: {low: 0, high: 1}}, count: 3}",
    "sweep={lr: {log_uniform: {low: 0.1}}, count: 3}",
    "sweep={lr: {log_uniform: [0.1, 1]}, count: 3}",
    "sweep={lr: {choice: 0.1}, count: 3}",
    "sweep={lr: {choice: [0.1, 0.2]}, count: 0}",
    "sweep={lr: {choice: [0.1, 0.2]}, count: 2, sampler: halton}",
    "sweep={joint: {lr: 0.1}}",
    "sweep={joint: []}",
]

# Right ones, in forms that an editor should not mark.
RIGHT = [
    "name=2024",
    "train.optimizer=adam",
    "train.optimizer={adam: null}",
    "train.optimizer={sgd: 0.1}",
    "train.optimizer={sgd: {learning_rate: {cosine_decay: 0.1}, clipnorm: 1}}",
    "model[1].dense=16",
    "model[1].dense.activation={leaky_relu: 0.1}",
    "model[1].dense.kernel_regularizer=null",
    "model[2]={dropout: {rate: $lr}}",
    "model[2]={dropout: 2 * $lr}",
    "model[2]={activation: relu}",
    "model[2]={reshape: [-1]}",
    "dataset.validation=0.2",
    "dataset.validation={fraction: {fraction: 0.2, shuffle: true}}",
    "dataset.transform=[standardization, {pca: 3}]",
    "train.early_stopping={monitor: val_loss, patience: 3}",
    "train.early_stopping=loss",
    "train.metrics=[]",
    "reference=[0.9, null]",
    "references=[{value: 0.9}, {value: [0.9, null], metric: val_loss, of: best, label: a}]",
    "references=[{value: 0.9, at: {lr: 0.1}, bound: lower}]",
    "orderings=[{best: {lr: 0.1}}, {order: [{lr: 0.1}, {lr: 0.2}], label: a}]",
    "orderings=[{same: [{lr: 0.1}, {lr: 0.2}], metric: val_loss}]",
    "sweep.lr=0.1",
    "sweep.lr={low: 0.01, high: 0.1}",
    "sweep.lr={range: [0.1, 0.5], step: 0.1}",
    "sweep.lr={normal: 0.01, high: 0.1}",
    "sweep={lr: {log_uniform: {low: 0.1, high: 1}}, count: 3}",
    "sweep={lr: {choice: [0.1, 0.2]}, count: 2, sampler: sobol}",
    "sweep={lr: {choice: {low: 0.1, high: 0.2}}, count: 2}",
    "sweep={joint: {lr: [0.1, 0.2]}}",
    "sweep={joint: [{lr: 0.1}, {lr: 0.2}]}",
    "sweep.ranks_per_trial=auto",
    "sweep.ranks_per_trial=1",
    "sweep.replicates=2",
]

JOB = """
name: right
dataset: {file: digits.h5}
model: [flatten, dense: {units: 16, activation: relu}, flatten, dense: {units: 10, activation: softmax}]
train:
  epochs: 1
  optimizer: {sgd: {learning_rate: $lr}}
  loss: categorical_crossentropy
sweep:
  lr: [0.1, 0.2]
"""


def steps(path):
    """model[1].dense -> "model", 1, "dense"."""
    return [int(step) if step.isdigit() else step for step in re.findall(r"\w+", path)]


def with_override(job, override):
    """The job as --set changes it, where it changes or adds one key."""
    job, (path, value) = copy.deepcopy(job), override.split("=", 1)
    *parents, last = steps(path)
    at = job
    for step in parents:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
    at[last] = yaml.load(value, Loader)
    return job


class SchemaTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.text = self.lockstep("schema").stdout
        self.schema = json.loads(self.text)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def test_schema_is_valid(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_shipped_jobs(self):
        jobs = glob.glob(os.path.join(ROOT, "jobs", "**", "*.yaml"), recursive=True)
        self.assertGreater(len(jobs), 40)
        for path in jobs:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with self.subTest(os.path.relpath(path, ROOT)):
                self.validator.validate(yaml.load(text, Loader))
                schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1]
                self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), schema)))

    def test_shipped_schema(self):
        """jobs/job.schema.json is what the program prints."""
        with open(os.path.join(ROOT, "jobs", "job.schema.json"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.text, "run scripts/generate")

    def check(self, override):
        """The verdict of check on the job with an override; its variable has an effect in any case."""
        unused = "$lr" not in str(with_override(yaml.load(JOB, Loader), override))
        sets = [override, "model[1].dense.kernel_regularizer={l2: $lr}"] if unused else [override]
        return subprocess.run([common.LOCKSTEP, "check", "job.yaml", *(f"--set={s}" for s in sets)],
                              capture_output=True, **self.options())

    def test_verdicts(self):
        """The schema's are those of check."""
        os.symlink(common.digits(), self.path("digits.h5"))
        with open(self.path("job.yaml"), "w", encoding="utf-8") as file:
            file.write(JOB)
        job = yaml.load(JOB, Loader)
        for override in RIGHT:
            with self.subTest(override):
                done = self.check(override)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.validator.validate(with_override(job, override))
        for override in WRONG:
            with self.subTest(override):
                done = self.check(override)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(f"--set {override}: ", done.stderr)
                self.assertFalse(self.validator.is_valid(with_override(job, override)))

    def test_defaults(self):
        """Every default in the schema is valid in its place."""
        def walk(schema):
            if isinstance(schema, dict):
                if "default" in schema:
                    place = {"$defs": self.schema["$defs"], **schema}
                    jsonschema.Draft202012Validator(place).validate(schema["default"])
                for part in schema.values():
                    walk(part)
            elif isinstance(schema, list):
                for part in schema:
                    walk(part)
        walk(self.schema)


if __name__ == "__main__":
    common.main()
