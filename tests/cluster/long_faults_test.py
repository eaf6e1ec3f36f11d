"""Slurm jobs at their time limit, after the loss of a node, and in a network that is cut. The sweep
always completes, with the bits of an uninterrupted run."""

import math
import os
import time

import numpy as np

import slurm
from slurm import common


def epochs_of(test, seconds, ranks_per_trial):
    """The number of epochs with which a trial takes about this long, with four ranks here."""
    job = slurm.sweep_job(epochs=50, replicates=1, ranks_per_trial=ranks_per_trial)
    return math.ceil(seconds / np.median(test.run_job(job, ranks=4)["epoch_seconds"]))


class TimeLimitTest(slurm.ClusterTest):
    def test_resumes(self):
        """Twenty trials that take a minute on one node; on two nodes, and with Slurm's limits in
        minutes, that is two allocations or more. The program knows the limit and stops by itself:
        the signal that Slurm sends here has no effect."""
        job = slurm.sweep_job(epochs=epochs_of(self, 3, ranks_per_trial=4), replicates=10)
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5",
                             sbatch=["--time=1", "--signal=B:URG@1"])
        fields = self.wait(number, seconds=900)
        self.assertEqual(fields["JobState"], "COMPLETED", self.printed(number))
        restarts = int(fields["Restarts"])
        self.assertGreaterEqual(restarts, 1)
        self.assertEqual(self.printed(number).count("interrupted, state saved"), restarts)
        self.check_same("sweep.h5", job)


class LostNodeTest(slurm.ClusterTest):
    NODES = 3  # one replaces the lost node

    def written(self):
        """Which epochs of each trial are in the file, [trial, epoch]."""
        loss = common.read(self.path("sweep.h5"))["loss"]
        return ~np.isnan(loss.reshape(-1, loss.shape[-1]))

    def rows(self):
        """The number of epochs in the file of each trial. A trial has no gaps, unless its rows are
        being cleared at this moment."""
        for _ in range(2):
            written = self.written()
            counts = written.sum(axis=1)
            if all(written[trial, :count].all() for trial, count in enumerate(counts)):
                return counts
            time.sleep(0.2)
        places = [np.flatnonzero(trial) for trial in written]
        return self.fail(f"rows have gaps: {places}")

    def lock(self):
        if not os.path.exists(self.path("sweep.h5.lock")):
            return ""
        with open(self.path("sweep.h5.lock"), encoding="utf-8") as file:
            return file.read()

    def ranks_on(self, node):
        """The process IDs of the ranks on a node, in its own namespace."""
        return set(self.cluster("on", node, "bash", "-c", "pgrep -x lockstep || true").split())

    def test_power_cut(self):
        job = slurm.sweep_job(replicates=8)
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.has_printed(number, "trial=2/16 .* epoch=1/")
        self.cluster("kill", "n1")
        self.check_completed(number, restarts=None, seconds=600)
        self.assertGreaterEqual(int(self.fields(number)["Restarts"]), 1)
        self.assertEqual(self.fields(number)["NodeList"], "n[0,2]")
        self.check_same("sweep.h5", job)

    def test_cable(self):
        """A node loses its network while its ranks train a trial of their own. Once the job has
        been restarted elsewhere these ranks must not write, neither before nor after the network is
        back, and must end: by Slurm, or by the watchdog, since they cannot reach the others."""
        job = slurm.sweep_job(epochs=epochs_of(self, 60, ranks_per_trial=2), replicates=1,
                              ranks_per_trial=2)
        self.write_job(job)
        # Without progress: the ranks that are cut off would wait for their output to be read.
        number = self.submit("train.sbatch", "-o", "sweep.h5", "--progress", "none")
        self.wait_until(lambda: os.path.exists(self.path("sweep.h5")) and self.rows().min() > 2,
                        seconds=300)
        cut_off = self.ranks_on("n1")
        self.assertEqual(len(cut_off), 2)
        self.cluster("cut", "n1")
        self.wait_until(lambda: self.fields(number)["Restarts"] == "1", seconds=300)
        left = self.rows()
        self.wait_until(lambda: " restart 1\n" in self.lock(), seconds=300)
        more = self.rows() - left
        self.assertGreater(more.max(), 0)  # by the ranks that were cut off
        other = more.argmin()  # the trial of the ranks that Slurm could end
        self.wait_until(lambda: self.rows()[other] > left[other], seconds=300)  # resumed elsewhere
        self.cluster("heal", "n1")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.rows()
            time.sleep(0.1)
        self.wait_until(lambda: not cut_off & self.ranks_on("n1"), seconds=90)
        self.check_completed(number, restarts=None, seconds=600)
        self.check_same("sweep.h5", job)


if __name__ == "__main__":
    slurm.main()
