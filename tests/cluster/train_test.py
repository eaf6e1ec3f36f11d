"""The job scripts of slurm/ on two nodes with two ranks each, over TCP."""

import os
import re

import slurm
from slurm import common


class TrainTest(slurm.ClusterTest):
    def test_two_nodes(self):
        job = slurm.sweep_job()
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.check_completed(number)
        self.check_same("sweep.h5", job)
        self.assertEqual(self.hosts("sweep.h5"), "n0 n1")

    def test_back_into_the_queue(self):
        """The signal before the time limit stops the run; the job is requeued and resumes."""
        job = slurm.sweep_job(replicates=8)
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.has_printed(number, "trial=2/16 .* epoch=1/")
        self.cluster("run", "scancel", "--batch", "--signal=USR1", number)
        self.check_completed(number, restarts=1)
        self.assertIn("interrupted, state saved; requeued (restart 1 ", self.printed(number))
        self.check_same("sweep.h5", job)

    def test_watch(self):
        """The login node shows the ranks of both nodes, though their processes are not on it."""
        self.write_job(slurm.sweep_job(epochs=1000000))
        number = self.submit("train.sbatch", "-o", "sweep.h5")

        def nodes():
            """the activity of both nodes"""
            if not os.path.exists(self.path("sweep.status")):
                return None
            shown = self.cluster("run", common.LOCKSTEP, "watch", "sweep.h5", "--once")
            return re.fullmatch(r"small\nrunning on 4 ranks, updated [\d.]+ s ago\n(.*\n)*l2=0 (.*\n)*"
                                r"n0: 2 ranks: \d .*\nn1: 2 ranks: \d \w.*\n", shown)
        self.wait_until(nodes, 300)
        with open(self.path("sweep.stop"), "w", encoding="utf-8"):
            self.wait(number)
        with self.assertRaisesRegex(AssertionError, "sweep.stop: this file stops the job"):
            self.cluster("run", common.LOCKSTEP, "watch", "sweep.h5")

    def test_mistakes_are_final(self):
        self.write_job(slurm.sweep_job())
        number = self.submit("train.sbatch", "--set", "train.sead=1")
        fields = self.wait(number)
        self.assertEqual((fields["JobState"], fields["ExitCode"], fields["Restarts"]),
                         ("FAILED", "2:0", "0"))
        self.assertIn("did you mean 'seed'?", self.printed(number))
        with open(self.path("sweep.stop"), "w", encoding="utf-8"):
            number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.assertEqual(self.wait(number)["ExitCode"], "1:0", self.printed(number))

    def test_submit(self):
        """lockstep submit requests the cores of the nodes; here with mpirun."""
        job = slurm.sweep_job()
        self.write_job(job)
        self.environment["LAUNCHER"] = "mpirun"
        said = self.cluster("run", common.LOCKSTEP, "submit", "job.yaml", "--nodes", "2",
                            "--sbatch=--output=%A.out", "-o", "sweep.h5")
        number = re.fullmatch(r"Submitted batch job (\d+)\n", said)[1]
        self.check_completed(number)
        self.assertEqual(self.fields(number)["NumTasks"], "4")
        self.check_same("sweep.h5", job)
        self.assertEqual(self.hosts("sweep.h5"), "n0 n1")


class ArrayTest(slurm.ClusterTest):
    def test_slices(self):
        """Two tasks side by side, each on its own node, and a third that is interrupted and
        requeued; the results are merged into one file."""
        job = slurm.sweep_job(epochs=20, replicates=3, ranks_per_trial=2)
        self.write_job(job)
        number = self.submit("array.sbatch", "-o", "sweep.h5",
                             sbatch=["--array=1-3", "--nodes=1", "--output=%A_%a.out"])
        self.has_printed(f"{number}_3", "epoch=1/")
        self.cluster("run", "scancel", "--batch", "--signal=USR1", f"{number}_3")
        for task in "123":
            self.check_completed(f"{number}_{task}", restarts=int(task == "3"))
        self.check_same("sweep.h5", job)
        self.assertIn("sweep.h5: 6 of 6 trials done in 3 slices", self.printed(f"{number}_3"))


if __name__ == "__main__":
    slurm.main()
