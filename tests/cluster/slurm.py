"""A Slurm cluster on this machine for each test (see the script `cluster`), a small sweep for it,
and the results of an uninterrupted run of that sweep on one node."""

import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import h5py

import common
from common import dense, make_job

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}


def possible():
    """Whether this user may create namespaces."""
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-p", "-f", "-m", "-n", "-u", "-i", "true"], check=False,
        stderr=subprocess.DEVNULL).returncode == 0


def sweep_job(epochs=2, replicates=2, **sweep):
    """Each trial runs on all four ranks, on both nodes, unless `sweep` says otherwise."""
    return make_job(
        model=["flatten", dense(16, activation="relu", kernel_regularizer={"l2": "$l2"}),
               dense(10, activation="softmax")],
        train={"shards": 4, "epochs": epochs, "batch_size": 300},
        sweep={"l2": [0, 1e-4], "replicates": replicates, "ranks_per_trial": 4, **sweep})


class ClusterTest(common.ProgramTest):
    NODES = 2

    @classmethod
    def setUpClass(cls):
        if not possible():
            raise unittest.SkipTest("a cluster needs root, and a kernel that lets it make namespaces")

    def setUp(self):
        super().setUp()
        self.environment = {"CLUSTER": self.path("cluster"), "LOCKSTEP": common.LOCKSTEP}
        shared = [self.folder, os.path.dirname(common.digits()), ROOT,
                  os.path.dirname(common.LOCKSTEP)]
        held = subprocess.Popen([os.path.join(HERE, "cluster"), "hold", str(self.NODES), *shared],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, **self.options())
        self.addCleanup(held.communicate)  # closes its input, which ends it
        self.assertEqual(held.stdout.readline(), "ready\n")

    def options(self, **changes):
        options = super().options(**changes)
        options["env"].update(self.environment)
        return options

    def cluster(self, *arguments):
        done = subprocess.run([os.path.join(HERE, "cluster"), *arguments], capture_output=True,
                              timeout=60, check=False, **self.options())
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def submit(self, script, *arguments, sbatch=()):
        """Submits a script of slurm/ that trains job.yaml on 2 nodes with 2 ranks each; returns the
        job ID."""
        said = self.cluster("run", "sbatch", "--parsable", "--nodes=2", "--ntasks-per-node=2",
                            "--output=%A.out", *sbatch, os.path.join(ROOT, "slurm", script),
                            "job.yaml", *arguments)
        return said.strip()

    def fields(self, job):
        """What scontrol shows of a job."""
        said = self.cluster("run", "scontrol", "show", "job", "--oneliner", job)
        return dict(re.findall(r"(\w+)=(\S+)", said))

    def printed(self, job):
        with open(self.path(f"{job}.out"), encoding="utf-8") as file:
            return file.read()

    def has_printed(self, job, pattern, seconds=300):
        def found():
            return (os.path.exists(self.path(f"{job}.out")) and
                    re.search(pattern, self.printed(job)))
        found.__doc__ = pattern
        return self.wait_until(found, seconds)

    def wait(self, job, seconds=300):
        """Waits until the job has ended and will not be requeued; returns its fields."""
        def ended():
            """the job's end"""
            fields = self.fields(job)
            return fields if fields["JobState"] in ENDED else None
        try:
            return self.wait_until(ended, seconds)
        except AssertionError:
            self.fail(f"{self.fields(job)}\n{self.printed(job)}")

    def check_completed(self, job, restarts=0, seconds=300):
        """`restarts` None: any number."""
        fields = self.wait(job, seconds)
        self.assertEqual(fields["JobState"], "COMPLETED", self.printed(job))
        if restarts is not None:
            self.assertEqual(fields["Restarts"], str(restarts), self.printed(job))

    def hosts(self, path):
        with h5py.File(self.path(path), "r") as file:
            return file["provenance"].attrs["hosts"]

    def undisturbed(self, job):
        """The fields of a run on one rank, outside the cluster."""
        return self.run_job({**job, "sweep": {**job["sweep"], "ranks_per_trial": 1}}, ranks=None,
                            seconds=600)

    def check_same(self, path, job):
        """The file is complete and has the bits of an uninterrupted run, except for times."""
        fields = common.read(self.path(path))
        self.assertEqual(set(common.states(fields)), {"done"})
        self.assertEqual(common.differing(fields, self.undisturbed(job)), [])


def main():
    """Runs as root if possible."""
    sudo = ["sudo", "-n"]
    if os.geteuid() != 0 and shutil.which("sudo") and subprocess.call([*sudo, "true"]) == 0:
        os.execvp("sudo", [*sudo, sys.executable, *sys.argv])
    common.main()
