"""What happens to Slurm jobs: the time limit, the loss of a node, a network that is cut. Each time the
sweep ends complete, with the same bits as if nothing had been."""

import math
import os
import time

import numpy as np

import slurm
from slurm import common


def epochs_of(test, seconds, ranks_per_trial):
    """The number of epochs that take a trial about so long, with four ranks on this machine."""
    job = slurm.sweep_job(epochs=50, replicates=1, ranks_per_trial=ranks_per_trial)
    return math.ceil(seconds / np.median(test.run_job(job, ranks=4)["epoch_seconds"]))


class TimeLimitTest(slurm.ClusterTest):
    def test_goes_on(self):
        """Twenty trials that take a minute on one node; on two nodes, and with Slurm's limits of
        whole minutes, that is two allocations or more. The program stops by itself, since it knows
        the limit: Slurm's signal is one that means nothing."""
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
    NODES = 3  # one takes the place of that which is lost

    def written(self):
        """Which epochs of each trial the file has, [trial, epoch]."""
        loss = common.read(self.path("sweep.h5"))["loss"]
        return ~np.isnan(loss.reshape(-1, loss.shape[-1]))

    def rows(self):
        """The number of epochs written of each trial; a trial has no gaps, unless its rows are just
        being cleared."""
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
        """The numbers of their processes, which are the node's own."""
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
        """A node is cut off, and its ranks go on with a trial of their own. When the job has
        started again elsewhere they must not write, neither before the cable is back nor after,
        and end: by Slurm, or else by the watchdog, as they can't reach the others."""
        job = slurm.sweep_job(epochs=epochs_of(self, 60, ranks_per_trial=2), replicates=1,
                              ranks_per_trial=2)
        self.write_job(job)
        # Without progress: lines that nobody takes any more would make those cut off wait.
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
        self.wait_until(lambda: self.rows()[other] > left[other], seconds=300)  # gone on elsewhere
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
