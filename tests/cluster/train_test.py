"""slurm/train.sbatch on two nodes with two ranks each, over TCP."""

import slurm


class TrainTest(slurm.ClusterTest):
    def test_two_nodes(self):
        job = slurm.sweep_job()
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.check_completed(number)
        self.check_same("sweep.h5", job)
        self.assertEqual(self.hosts("sweep.h5"), "n0 n1")

    def test_back_into_the_queue(self):
        """A warning that the limit is near stops the run; the job comes back and goes on."""
        job = slurm.sweep_job(replicates=3)
        self.write_job(job)
        number = self.submit("train.sbatch", "-o", "sweep.h5")
        self.has_printed(number, "trial=2/6 .* epoch=1/")
        self.cluster("run", "scancel", "--batch", "--signal=USR1", number)
        self.check_completed(number, restarts=1)
        self.assertIn("stopped in time; back into the queue (restart 1 ", self.printed(number))
        self.check_same("sweep.h5", job)

    def test_mistakes_are_final(self):
        self.write_job(slurm.sweep_job())
        number = self.submit("train.sbatch", "--set", "train.sead=1")
        fields = self.wait(number)
        self.assertEqual((fields["JobState"], fields["ExitCode"], fields["Restarts"]),
                         ("FAILED", "2:0", "0"))
        self.assertIn("did you mean 'seed'?", self.printed(number))


if __name__ == "__main__":
    slurm.main()
