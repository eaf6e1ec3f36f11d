"""Every job file in small: a few generated samples in the place of its dataset, one epoch, on
several numbers of ranks. The tests of jobs_test.py and of the long run differ in how much of the
sweeps they run."""

import glob
import os
import subprocess

import yaml

import common

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIRST = "e9_1_autoencoder"  # whose weights another job begins with


def paths():
    """All jobs but those of jobs/examples, whose datasets are made of files: cli/examples_test.py
    runs them."""
    found = sorted(glob.glob(os.path.join(ROOT, "jobs", "**", "*.yaml"), recursive=True))
    return {os.path.relpath(path, ROOT): path for path in found if "/examples/" not in path}


def is_numeric(values):
    return isinstance(values, list) and all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def first_of(values):
    if isinstance(values, list):
        return values[:1]
    if "log_range" in values or "range" in values:
        return [0.001]
    name = next(iter(values))
    return {name: values[name]}


def in_small(path, whole_sweep):
    """The job with one value of each variable, or with all values that are not numbers if
    `whole_sweep`."""
    with open(path, encoding="utf-8") as file:
        job = yaml.safe_load(file)
    for key in ("reference", "reference_label", "reference_metric", "references", "orderings"):
        job.pop(key, None)
    job["dataset"]["subset"] = {"train": 90, "test": 30}
    job["train"].update(epochs=1, shards=4)
    if not isinstance(job["train"]["batch_size"], str):
        job["train"]["batch_size"] = 35  # 9 samples of a shard, or 8; a last batch that is smaller
    sweep = job.get("sweep", {})
    for name, values in sweep.items():
        if name not in ("replicates", "folds") and (is_numeric(values) or not whole_sweep
                                                    or "log_range" in values):
            sweep[name] = first_of(values)
    sweep.pop("replicates", None)
    if "folds" in sweep:
        sweep["folds"] = 2
    job["sweep"] = sweep
    return job


class JobsTest(common.ProgramTest):
    def setUp(self):
        """A folder of datasets, with generated samples under the names that the jobs use."""
        super().setUp()
        self.data = self.path("data")
        os.mkdir(self.data)
        for name, kind in (("mnist", "digits"), ("fashion_mnist", "digits"), ("digits", "digits"),
                           ("clock", "clock")):
            path = os.path.join(self.data, f"{name}.h5")
            subprocess.run([common.LOCKSTEP, "data", kind, "--train", "90", "--test", "30",
                            "-o", path], check=True, stdout=subprocess.DEVNULL)

    def options(self, **changes):
        options = super().options(**changes)
        options["env"]["LOCKSTEP_DATA"] = self.data
        return options

    def compare(self, path, whole_sweep, ranks):
        job = in_small(path, whole_sweep)
        reference = None
        for count in ranks:
            job["sweep"]["ranks_per_trial"] = count  # one group of all ranks
            fields = self.run_job(job, ranks=count, status=(0, 1))
            # Exponential activations of so few samples may diverge, on any number of ranks then.
            self.assertLessEqual(set(common.states(fields)), {"done", "diverged"})
            reference = reference or fields
            self.assertEqual(common.differing(fields, reference), [])

    def compare_all(self, whole_sweep, ranks):
        found = paths()
        self.assertGreater(len(found), 40)
        first = next(path for path in found.values() if FIRST in path)
        os.mkdir(self.path("results"))
        self.lockstep("run", self.write_job(in_small(first, False)), "--progress", "none")
        for name, path in found.items():
            with self.subTest(job=name):
                self.compare(path, whole_sweep, ranks)
