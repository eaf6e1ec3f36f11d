"""What the program asks of Slurm, with scripts that stand in for Slurm's commands."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from common import make_job

ENDLESS = {"epochs": 100000}


class SlurmTest(common.ProgramTest):
    def setUp(self):
        super().setUp()
        self.slurm = {}  # environment of the program
        os.mkdir(self.path("bin"))

    def options(self, **changes):
        options = super().options(**changes)
        environment = {name: value for name, value in options["env"].items()
                       if not name.startswith("SLURM_")}
        path = f"{self.path('bin')}:{environment['PATH']}"
        options["env"] = {**environment, "PATH": path, **self.slurm}
        return options

    def stand_in(self, name, script):
        with open(self.path(f"bin/{name}"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/bash\n{script}\n")
        os.chmod(file.name, 0o755)


class TimeLeftTest(SlurmTest):
    """A run stops before its allocation ends."""

    def test_stops(self):
        self.write_job(make_job(train=ENDLESS))
        self.stand_in("squeue", "echo 0:04")
        end = str(int(time.time()) + 8)
        cases = {
            "told by the environment": {"SLURM_JOB_ID": "7", "SLURM_JOB_END_TIME": end},
            "told by squeue": {"SLURM_JOB_ID": "7"},
        }
        for name, self.slurm in cases.items():
            for ranks in (None, 3):
                with self.subTest(name, ranks=ranks):
                    start = time.monotonic()
                    self.lockstep("run", "job.yaml", "-o", "a.h5", "--progress", "none",
                                  "--status", "status", ranks=ranks, status=75)
                    self.assertLess(time.monotonic() - start, 12)
                    with open(self.path("status"), encoding="utf-8") as file:
                        self.assertEqual(file.read(), "75\n")

    def test_goes_on(self):
        self.write_job(make_job())
        for answer in ("echo 1:00:00", "echo UNLIMITED", "exit 1"):
            with self.subTest(answer):
                self.stand_in("squeue", answer)
                self.slurm = {"SLURM_JOB_ID": "7"}
                self.lockstep("run", "job.yaml", "-o", "a.h5", "--progress", "none")
                os.remove(self.path("a.h5"))


if __name__ == "__main__":
    common.main()
