"""Jobs of very many trials: what they cost in processor time, memory, and sizes of files.

Limits are of processor time, so that other tests beside them do not matter much, and generous: they
find costs that grow with the square of the number of trials, or that each trial has anew."""

import os
import resource
import signal
import sys
import time

import h5py
import numpy as np
import xarray

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

DRAWN = {"lr": {"log_uniform": {"low": 1e-3, "high": 1.0}},
         "units": {"int_uniform": {"low": 1, "high": 64}}}
RESULTS = {"status": 2, "shards": 4, "train_samples": 64, "weights_hash": 1, "trial_seconds": 0.01,
           "learning_rate": 0.1, "epoch_seconds": 0.01}


def make_job(sweep, dataset=None, train=None):
    model = ["flatten", common.dense("$units"), common.dense(10, activation="softmax")]
    train = {"epochs": 1, "batch_size": 64, "optimizer": {"sgd": {"learning_rate": "$lr"}},
             **(train or {})}
    dataset = {"subset": {"train": 64, "test": 32}, **(dataset or {})}
    return common.make_job(sweep, model, dataset, train)


class Cost:
    """Processor seconds and peak memory in MB of a program that is run within."""

    def __enter__(self):
        self.before = resource.getrusage(resource.RUSAGE_CHILDREN)
        return self

    def __exit__(self, *_):
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = (after.ru_utime + after.ru_stime - self.before.ru_utime -
                        self.before.ru_stime)
        self.memory = after.ru_maxrss / 1024  # of all so far


def fill(path):
    """Writes results of all trials into a results file."""
    random = np.random.default_rng(1)
    with h5py.File(path, "r+") as file:
        epochs = file["epoch"].shape[0]
        file["epochs_run"][...] = file["best_epoch"][...] = epochs
        for name, item in file.items():
            if not isinstance(item, h5py.Dataset) or item.ndim == 0:
                continue
            if name in RESULTS:
                item[...] = RESULTS[name]
            elif "accuracy" in name or "loss" in name:
                item[...] = random.random(item.shape)


class ScaleTest(common.ProgramTest):
    """With `trials` trials; `seconds` are what a step may take at most."""

    trials = 20000
    seconds = 1.5

    def grid(self):
        return {"lr": {"log_range": [1e-3, 1.0], "count": self.trials // 40},
                "units": [1, 2, 3, 4], "replicates": 10}

    def drawn(self):
        return {**DRAWN, "count": self.trials}

    def check(self, job, seconds=None):
        """Returns what `check` prints of the job."""
        path = self.write_job(job)
        with Cost() as cost:
            text = self.lockstep("check", path).stdout
        self.assertLess(cost.seconds, seconds or self.seconds)
        self.assertLess(cost.memory, 500)
        return text

    def test_check(self):
        for sweep in (self.grid(), self.drawn()):
            text = self.check(make_job(sweep))
            self.assertIn(f"\n  and {self.trials - 1000} more\n", text)
            self.assertEqual(text.count(" lr="), 1000)

    def test_check_of_folds_with_balanced_classes(self):
        """Samples are divided once for each fold, and their classes counted once."""
        sweep = {**DRAWN, "count": self.trials // 5, "folds": 5}
        self.check(make_job(sweep, {"validation": "folds", "subset": None},
                            {"class_weight": "balanced"}))

    def make_results(self, job):
        """A results file of the job, as soon as it is there."""
        path = self.path("many.h5")
        process = self.start("run", self.write_job(job), "-o", path, "--progress", "none")
        self.wait_until(lambda: os.path.exists(path), 60)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        fill(path)
        return path

    def report(self, job):
        """The page of the finished job."""
        path = self.make_results(job)
        start = time.process_time()
        with xarray.open_dataset(path) as data:
            self.assertEqual(data["status"].size, self.trials)
        self.assertLess(time.process_time() - start, 1)
        with Cost() as cost:
            self.lockstep("report", path)
        self.assertLess(cost.seconds, 2 * self.seconds)
        self.assertLess(cost.memory, 500)
        page = self.path("many.html")
        self.assertLess(os.path.getsize(page), 5e6)
        with open(page, encoding="utf-8") as file:
            return file.read()

    def test_run(self):
        """What a run of small trials takes on 4 ranks beside their training, per trial: the limit
        allows for 2 ms, and a second for each rank to start. Ranks that wait cost some, too."""
        trials = self.trials // 20
        job = {**make_job({**DRAWN, "count": trials}), "keep_models": "none"}
        with Cost() as cost:
            fields = self.run_job(job, "--spread", "never", ranks=4, seconds=600)
        self.assertEqual(common.states(fields), ["done"] * trials)
        self.assertLess(cost.seconds, 4 + 0.002 * trials)
        self.assertLess(cost.memory, 500)
        self.assertEqual(os.listdir(self.path("1")), ["owner"])

    def test_report_of_drawn_points(self):
        page = self.report(make_job(self.drawn()))
        self.assertRegex(page, r"Of the points at \d+ neighbouring values of lr, the best is shown")

    def test_report_of_a_grid(self):
        self.report(make_job(self.grid()))
