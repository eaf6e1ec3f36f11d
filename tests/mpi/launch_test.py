"""Errors in how ranks are started are reported before anything runs. Ranks with different
environments and files stand for different hosts."""

import os
import shutil
import socket
import subprocess

import common
from common import make_job

# What srun gives the third of four processes.
STEP = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4",
        "SLURM_PROCID": "2"}


class LaunchTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_job(make_job(train={"epochs": 1}))

    def run_command(self, *command, status=0, **variables):
        options = self.options()
        options["env"] = {**options["env"], **variables}
        done = subprocess.run(command, capture_output=True, timeout=240, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_two(self, one, other, arguments, status=0):
        """Starts two ranks, each with its own beginning of the command line."""
        return self.run_command("mpirun", "-n", "1", *one, *arguments, ":", "-n", "1", *other,
                                *arguments, status=status)

    def check_nothing_begun(self):
        self.assertFalse(os.path.exists(self.path("results")))


class WorldsTest(LaunchTest):
    def run_in_step(self, status=0, launcher=(), **changes):
        variables = {name: value for name, value in {**STEP, **changes}.items() if value}
        return self.run_command(*launcher, common.LOCKSTEP, "run", "job.yaml", status=status,
                                **variables)

    def test_without_pmix(self):
        """The first process prints the error, the others only exit."""
        done = self.run_in_step(status=2, SLURM_PROCID="0")
        self.assertEqual(self.complaints(done), [
            "lockstep: srun has started 4 processes, but each is alone: they don't reach one "
            "another (start them by 'srun --mpi=pmix', or by mpirun in the job script)"])
        done = self.run_in_step(status=2)
        self.assertEqual(done.stdout + done.stderr, "")
        self.check_nothing_begun()

    def test_right(self):
        """A job script, a step of one process, and ranks of mpirun within an allocation."""
        self.run_in_step(SLURM_STEP_ID=None, SLURM_STEP_NUM_TASKS=None, SLURM_PROCID="0")
        self.run_in_step(SLURM_STEP_NUM_TASKS="1")
        self.run_in_step(launcher=("mpirun", "-n", "1"))


class VersionsTest(LaunchTest):
    def check_refused(self, done, what):
        host = socket.gethostname()
        self.assertEqual(self.complaints(done), [
            f"lockstep: {what} is not the same for all ranks: rank 0 on {host} has another one than "
            f"rank 1 on {host}"])
        self.check_nothing_begun()

    def test_program(self):
        other = self.path("lockstep")
        shutil.copy(common.LOCKSTEP, other)
        with open(other, "ab") as file:
            file.write(b"x")
        done = self.run_two([common.LOCKSTEP], [other], ["run", "job.yaml"], status=2)
        self.check_refused(done, "the program")

    def test_job(self):
        one = [common.LOCKSTEP, "run", "--set", "train.epochs=1"]
        done = self.run_two(one, [*one[:-1], "train.epochs=2"], ["job.yaml"], status=2)
        self.check_refused(done, "the job")

    def test_dataset(self):
        """Each rank has its own folder of datasets; equal files in them are accepted."""
        self.write_job(make_job(dataset={"name": "digits"}, train={"epochs": 1}))
        starts = []
        for seed in ("1", "2"):
            path = self.path(f"{seed}/digits.h5")
            os.mkdir(os.path.dirname(path))
            self.lockstep("data", "digits", "--seed", seed, "--train", "300", "--test", "50", "-o",
                          path)
            starts.append(["env", f"LOCKSTEP_DATA={os.path.dirname(path)}", common.LOCKSTEP])
        done = self.run_two(*starts, ["run", "job.yaml"], status=2)
        self.check_refused(done, self.path("1/digits.h5"))
        os.remove(self.path("2/digits.h5"))
        done = self.run_two(*starts, ["run", "job.yaml"], status=2)
        self.assertIn("rank 1 on " + socket.gethostname() + " (none)", done.stderr)
        shutil.copy(self.path("1/digits.h5"), self.path("2/digits.h5"))
        self.run_two(*starts, ["run", "job.yaml"])


class CoresTest(LaunchTest):
    WARNING = "lockstep: warning: on {} 2 ranks share 1 of its {} cores (give each its own:"

    def test_shared(self):
        """Only a warning. Ranks that may use the whole machine are not warned of, even if there are
        more of them than cores."""
        if os.cpu_count() < 2:
            self.fail("needs a machine of two cores")
        core = str(min(os.sched_getaffinity(0)))
        done = self.run_command("taskset", "-c", core, "mpirun", "-n", "2", common.LOCKSTEP, "run",
                                "job.yaml")
        warnings = self.complaints(done)
        self.assertEqual(len(warnings), 1, done.stderr)
        self.assertTrue(warnings[0].startswith(
            self.WARNING.format(socket.gethostname(), os.cpu_count())), warnings[0])
        done = self.lockstep("run", "job.yaml", "-o", "y.h5", ranks=os.cpu_count() + 1)
        self.assertEqual(self.complaints(done), [])


if __name__ == "__main__":
    common.main()
