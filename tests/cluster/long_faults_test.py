"""What happens to Slurm jobs: the time limit, the loss of a node, a network that is cut. Each time the
sweep ends complete, with the same bits as if nothing had been."""

import math
import time

import slurm


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


if __name__ == "__main__":
    slurm.main()
