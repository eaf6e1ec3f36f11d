"""Shared by the tests of the program: a small dataset, jobs, running them under mpirun, and reading
the results. A test file ends with `common.main()` and is started as

    X_test.py PATH_TO_LOCKSTEP [unittest options]"""

import atexit
import contextlib
import copy
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import h5py
import numpy as np

LOCKSTEP = None
STATES = ["pending", "running", "done", "stopped_early", "diverged", "failed", "pruned"]
TIMES = {"epoch_seconds", "trial_seconds"}  # differ from run to run

# Started by root, with more ranks than cores, beside other tests.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}

JOB = {
    "name": "small",
    "model": [
        "flatten",
        {"dense": {"units": 16, "activation": "relu"}},
        {"dense": {"units": 10, "activation": "softmax"}},
    ],
    "train": {
        "epochs": 2,
        "batch_size": 77,
        "seed": 3,
        "optimizer": {"sgd": {"learning_rate": 0.1, "momentum": 0.9}},
        "loss": "categorical_crossentropy",
    },
}


@functools.lru_cache(maxsize=None)
def digits():
    """The path of a small dataset, made once: 3000 training and 600 test images."""
    folder = tempfile.mkdtemp(prefix="lockstep-digits-")
    atexit.register(shutil.rmtree, folder)
    path = os.path.join(folder, "digits.h5")
    subprocess.run([LOCKSTEP, "data", "digits", "--train", "3000", "--test", "600", "-o", path],
                   check=True, stdout=subprocess.DEVNULL)
    return path


def dense(units, **settings):
    return {"dense": {"units": units, **settings}}


def make_job(sweep=None, model=None, dataset=None, train=None, **keys):
    """The small job, on the small dataset unless another is named, with keys of its sections added
    or replaced."""
    job = {**copy.deepcopy(JOB), **keys}
    named = dataset is not None and "name" in dataset
    job["dataset"] = {**({} if named else {"file": digits()}), **(dataset or {})}
    job["train"].update(train or {})
    if model:
        job["model"] = model
    if sweep:
        job["sweep"] = sweep
    return job


def command(ranks, *arguments):
    """`ranks` None runs the program without mpirun."""
    launcher = [] if ranks is None else ["mpirun", "-n", str(ranks)]
    return [*launcher, LOCKSTEP, *arguments]


def read(path):
    """All fields of a results file."""
    with h5py.File(path, "r") as file:
        return {name: item[()] for name, item in file.items() if isinstance(item, h5py.Dataset)}


def states(fields):
    return [STATES[state] for state in np.ravel(fields["status"])]


def bits(array):
    """The bytes of an array; texts are objects, and compared as lists."""
    return array.tolist() if array.dtype == object else (array.dtype, array.shape, array.tobytes())


def differing(one, other):
    """The names of fields whose bits differ, except times."""
    names = sorted(set(one) | set(other))
    return [name for name in names if name not in TIMES and
            (name not in one or name not in other or bits(one[name]) != bits(other[name]))]


class ProgramTest(unittest.TestCase):
    """A test in a temporary folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lockstep-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.runs = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def write_job(self, job, name="job.yaml"):
        """Writes the job as JSON, which is YAML."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(job, file, indent=1)
        return self.path(name)

    def options(self, **changes):
        environment = {**os.environ, **ENVIRONMENT}
        return {"cwd": self.folder, "env": environment, "text": True, **changes}

    def lockstep(self, *arguments, ranks=None, status=0, seconds=120):
        """Runs the program and waits for it."""
        done = subprocess.run(command(ranks, *arguments), capture_output=True, timeout=seconds,
                              **self.options())
        expected = status if isinstance(status, tuple) else (status,)
        self.assertIn(done.returncode, expected, done.stdout + done.stderr)
        return done

    def start(self, *arguments, ranks=None):
        """Starts the program; it is ended with the test at the latest."""
        process = subprocess.Popen(command(ranks, *arguments), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **self.options())
        self.addCleanup(self.finish, process)
        return process

    @staticmethod
    def finish(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def run_job(self, job, *arguments, ranks=1, status=0, seconds=120):
        """Runs a job, given as a dict, with a new results file, and returns its fields."""
        self.runs += 1
        output = self.path(f"{self.runs}.h5")
        self.lockstep("run", self.write_job(job), "-o", output, "--progress", "none", *arguments,
                      ranks=ranks, status=status, seconds=seconds)
        return read(output)

    def remove_results(self, name):
        """Removes a results file NAME.h5, if there is one, and the models that belong to it."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path(name))
        shutil.rmtree(self.path(name.removesuffix(".h5")), ignore_errors=True)

    def wait_until(self, condition, seconds=30):
        """Waits until `condition()` is true and returns its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.01)
        return self.fail(f"not within {seconds} s: {condition.__doc__ or condition}")

    def complaints(self, process):
        """The program's own lines on standard error, without those of mpirun."""
        return [line for line in process.stderr.splitlines() if line.startswith("lockstep:")]


def library(name):
    """A library to preload (faults/NAME.c), built beside the program."""
    build = os.path.dirname(os.path.dirname(LOCKSTEP))
    return os.path.join(build, "tests", f"{name}.so")


def main():
    global LOCKSTEP
    LOCKSTEP = os.path.abspath(sys.argv.pop(1))
    unittest.main()
