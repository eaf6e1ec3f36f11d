"""Kills ranks of a sweep with SIGKILL and checks the files: the tests of kill_test.py and of the
long campaign differ in their number only."""

import os
import random
import signal
import time

import h5py
import numpy as np

import common
from common import dense, make_job

CURVES = ["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]


def sweep_job():
    return make_job(
        model=["flatten", dense(16, activation="relu", kernel_regularizer={"l2": "$l2"}),
               dense(10, activation="softmax")],
        train={"shards": 4, "epochs": 20}, sweep={"l2": [1e-5, 1e-4, 1e-3], "replicates": 3})


def children_of(parent):
    """The child processes of a process."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                after_name = file.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(after_name[1]) == parent:
            found.append(int(name))
    return sorted(found)


def ranks_of(process):
    """The processes of the ranks that an mpirun has started on this machine, by rank."""
    found = {}
    for child in children_of(process.pid):
        try:
            with open(f"/proc/{child}/environ", encoding="utf-8", errors="replace") as file:
                words = dict(word.partition("=")[::2] for word in file.read().split("\0"))
        except OSError:
            continue
        if "OMPI_COMM_WORLD_RANK" in words:
            found[int(words["OMPI_COMM_WORLD_RANK"])] = child
    return found


class KillTest(common.ProgramTest):
    """`campaign(count)` kills this number of times. Each file is killed once or twice, then
    completed."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(1)
        self.write_job(sweep_job())
        start = time.monotonic()
        self.start_sweep("whole.h5", ranks=2, each=1).communicate()
        self.duration = time.monotonic() - start
        self.whole = common.read(self.path("whole.h5"))
        self.assertEqual(set(common.states(self.whole)), {"done"})
        self.figures = dict.fromkeys(["kills", "files not made yet", "files opened",
                                      "rows checked", "rows wrong", "files completed"], 0)

    def start_sweep(self, file, ranks, each):
        return self.start("run", "job.yaml", "-o", file, "--progress", "none",
                          "--checkpoint-every", "60steps", "--set",
                          f"sweep.ranks_per_trial={each}", ranks=ranks)

    def kill(self, file):
        """Starts the sweep and kills a random rank at a random moment; False if the sweep had
        completed by then."""
        ranks = self.random.choice([2, 3])
        process = self.start_sweep(file, ranks, self.random.choice([1, 2]))
        time.sleep(self.random.uniform(0, self.duration))
        started = self.wait_until(lambda: children_of(process.pid) or process.poll() is not None)
        if process.poll() is not None:
            self.assertEqual(process.returncode, 0, process.communicate()[1])
            return False
        try:
            os.kill(self.random.choice(started), signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended in between
        process.communicate(timeout=300)
        if process.returncode == 0:
            return False
        self.wait_until(lambda: not any(os.path.exists(f"/proc/{rank}") for rank in started))
        return True

    def check_trial(self, fields, trial):
        """Counts rows and wrong rows. A row is wrong if any of its values is neither missing nor
        that of the undisturbed run, or if it is missing although epochs_run counts it."""
        state = common.STATES[fields["status"][trial]]
        run = fields["epochs_run"][trial]
        self.assertIn(state, {"pending", "running", "done"})
        for epoch in range(self.whole["loss"].shape[-1]):
            at = (*trial, epoch)
            values = {name: fields[name][at] for name in CURVES}
            there = [name for name in CURVES if not np.isnan(values[name])]
            right = all(values[name] == self.whole[name][at] for name in there)
            complete = len(there) == len(CURVES) and fields["epoch_seconds"][at] > 0
            self.figures["rows checked"] += bool(there)
            self.figures["rows wrong"] += not right or (epoch < run and not complete)
        if state == "done":
            self.assertEqual(run, self.whole["epochs_run"][trial])
            self.assertEqual(fields["weights_hash"][trial], self.whole["weights_hash"][trial])
        if state != "pending":
            self.assertEqual(fields["seed"][trial], self.whole["seed"][trial])

    def check_models(self, file, number, state, weights_hash):
        """Existing model files are complete, and those of finished trials exist."""
        for name in ("last", "best"):
            path = self.path(f"{os.path.splitext(file)[0]}/trial_{number}/{name}.h5")
            if not os.path.exists(path):
                self.assertNotEqual(common.STATES[state], "done")
                continue
            with h5py.File(path, "r") as model:
                kernel = model["model_weights/dense_1/dense_1/kernel:0"][()]
                self.assertTrue(np.isfinite(kernel).all() and kernel.any())
                if common.STATES[state] == "done" and name == "last":
                    self.assertEqual(model["lockstep"].attrs["weights_hash"], weights_hash)

    def check_left(self, file):
        self.figures["kills"] += 1
        if not os.path.exists(self.path(file)):
            self.figures["files not made yet"] += 1
            return
        fields = common.read(self.path(file))
        self.figures["files opened"] += 1
        for number, trial in enumerate(np.ndindex(fields["status"].shape), 1):
            self.check_trial(fields, trial)
            self.check_models(file, number, fields["status"][trial], fields["weights_hash"][trial])

    def complete(self, file):
        """After a further run the results are those of the undisturbed one."""
        process = self.start_sweep(file, ranks=2, each=1)
        _, errors = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, errors)
        fields = common.read(self.path(file))
        self.assertEqual(common.differing(fields, self.whole), [])
        self.figures["files completed"] += 1

    def campaign(self, count):
        while self.figures["kills"] < count:
            file = f"{self.figures['files completed']}.h5"
            for _ in range(2):
                if self.figures["kills"] < count and self.kill(file):
                    self.check_left(file)
            self.complete(file)
        print(", ".join(f"{name}: {number}" for name, number in self.figures.items()))
        self.assertEqual(self.figures["rows wrong"], 0)
        self.assertGreater(self.figures["rows checked"], 0)
