"""What happens to Slurm jobs: the time limit, the loss of a node, a network that is cut. Each time the
sweep ends complete, with the same bits as if nothing had been."""

import math
import time

import numpy as np

import slurm
from slurm import common


class TimeLimitTest(slurm.ClusterTest):
    def test_goes_on(self):
        """One rank needs ten seconds for it; with four on two nodes, and Slurm's limits of whole
        minutes, that is two allocations or more. The program stops by itself, since it knows the
        limit: Slurm's signal is one that means nothing."""
        self.undisturbed(slurm.sweep_job(replicates=1))
        start = time.monotonic()
        self.undisturbed(slurm.sweep_job(replicates=4))
        job = slurm.sweep_job(replicates=4 * math.ceil(10 / (time.monotonic() - start)))
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5",
                             sbatch=["--time=1", "--signal=B:URG@1"])
        fields = self.wait(number, seconds=900)
        self.assertEqual(fields["JobState"], "COMPLETED", self.printed(number))
        restarts = int(fields["Restarts"])
        self.assertGreaterEqual(restarts, 1)
        self.assertEqual(self.printed(number).count("stopped in time"), restarts)
        self.check_same("sweep.h5", job)


class LostNodeTest(slurm.ClusterTest):
    NODES = 3  # one takes the place of that which is lost

    def rows(self):
        """The number of epochs written of each trial; a trial has no gaps."""
        loss = common.read(self.path("sweep.h5"))["loss"]
        written = ~np.isnan(loss.reshape(-1, loss.shape[-1]))
        counts = written.sum(axis=1)
        for trial, count in enumerate(counts):
            self.assertTrue(written[trial, :count].all(), f"rows of trial {trial + 1} have gaps")
        return counts

    def lock(self):
        with open(self.path("sweep.h5.lock"), encoding="utf-8") as file:
            return file.read()

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
        started again elsewhere they must not write, neither before the cable is back nor after."""
        start = time.monotonic()
        self.run_job(slurm.sweep_job(epochs=20, replicates=1, ranks_per_trial=2), ranks=4)
        epochs = math.ceil(20 * 40 / (time.monotonic() - start))
        job = slurm.sweep_job(epochs=epochs, replicates=1, ranks_per_trial=2)
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.has_printed(number, "trial=1/2 .* epoch=2/")
        self.has_printed(number, "trial=2/2 .* epoch=2/")
        self.cluster("cut", "n1")
        self.wait_until(lambda: self.fields(number)["Restarts"] == "1", seconds=300)
        left = self.rows()
        self.wait_until(lambda: " restart 1\n" in self.lock(), seconds=300)
        self.assertGreater((self.rows() - left).max(), 0)  # by the ranks that were cut off
        self.wait_until(lambda: 0 < self.rows().max() < left.min(), seconds=300)  # begun anew
        self.cluster("heal", "n1")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            self.rows()
            time.sleep(0.1)
        self.check_completed(number, restarts=None, seconds=600)
        self.check_same("sweep.h5", job)


if __name__ == "__main__":
    slurm.main()
