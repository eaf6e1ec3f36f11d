"""Errors in how ranks are started are reported before anything runs. Ranks with different
environments and files stand for different hosts."""

import os
import shutil
import socket
import subprocess

import h5py
import numpy as np

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


class SharedMemoryTest(LaunchTest):
    def setUp(self):
        super().setUp()
        self.write_job(make_job(train={"epochs": 2, "shards": 4}))

    def train(self, *launcher, status=0, options=(), **variables):
        """Trains on three ranks; returns the weights' hash and what is printed on errors."""
        done = self.run_command(*launcher, "mpirun", "-n", "3", *options, common.LOCKSTEP, "run",
                                "job.yaml", "-o", "x.h5", "--progress", "none", "--status",
                                "status", status=status, **variables)
        with open(self.path("status"), encoding="utf-8") as file:
            self.assertEqual(int(file.read()), status)
        if status != 0:
            return None, done.stderr
        found = common.read(self.path("x.h5"))["weights_hash"]
        self.remove_results("x.h5")
        return found, done.stderr

    def fail(self, kind, status=0):
        """The same where a call of rank 0 fails."""
        return self.train(status=status, options=("-x", f"LD_PRELOAD={common.library('inject')}"),
                          FAULTS_KIND=kind, FAULTS_AT="1", FAULTS_LASTING="1", FAULTS_RANK="0")

    def test_by_messages(self):
        """Where ranks cannot share memory they exchange messages, with the same results."""
        expected, errors = self.train()
        self.assertEqual(errors, "")
        found, errors = self.fail("memfd")
        self.assertEqual(found, expected)
        self.assertEqual(errors, "lockstep: warning: the ranks of a node cannot share memory (are "
                         "they in containers of their own?); they exchange messages instead, which "
                         "is slower\n")

    def test_out_of_memory(self):
        self.assertRegex(self.fail("allocate", status=1)[1], r"lockstep: .*out of memory: \d+\.\d "
                         "MiB of shared memory needed: No space left on device")

    def test_small_folder(self):
        """A container's /dev/shm of 64 MB is enough for a dataset that is larger than that."""
        with h5py.File(self.path("wide.h5"), "w") as file:
            file["train/x"] = np.zeros((3000, 6000), np.float32)
            file["train/y"] = np.arange(3000) % 10
        self.write_job(make_job(dataset={"file": "wide.h5", "validation": 0.1}, model=[
            common.dense(10, activation="softmax")]))
        script = self.path("small")
        with open(script, "w", encoding="utf-8") as file:
            file.write('mount -t tmpfs -o size=64m none /dev/shm && exec "$@"\n')
        namespace = ["unshare", *([] if os.getuid() == 0 else ["--map-root-user"]), "--mount"]
        self.assertEqual(self.train(*namespace, "sh", script)[1], "")


class QuietTest(LaunchTest):
    def test_quiet(self):
        """With mpirun's option -q, or its variable, an error is the one line of the program, and
        the exit status stays."""
        arguments = ("-n", "3", common.LOCKSTEP, "run", "job.yaml", "--set", "train.sead=1")
        for options, variables in (("-q",), {}), ((), {"OMPI_MCA_orte_execute_quiet": "1"}):
            with self.subTest(options):
                done = self.run_command("mpirun", *options, *arguments, status=2, **variables)
                self.assertEqual(done.stderr, "lockstep: --set train.sead=1: train: unknown key "
                                 "'sead' (did you mean 'seed'?)\n")


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
