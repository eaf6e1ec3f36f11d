"""Published hashes: six shipped jobs, on 3,000 generated digits and for one epoch, have these final
weights on every processor, with every instruction set and on any number of ranks."""
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "mpi"))
import common  # takes the program from the command line

PUBLISHED = pathlib.Path(__file__).with_name("published.txt")
SETS = ["dataset.name=digits", "dataset.subset=null", "dataset.validation=test", "train.epochs=1"]


def published():
    """[(job, further settings, hash)]"""
    lines = (line.split() for line in PUBLISHED.read_text().splitlines() if line[0] != "#")
    return [(job, sets, value) for job, *sets, value in lines]


def instruction_sets():
    """Those that this processor has, of a build for x86-64-v3; elsewhere the build's own."""
    flags = pathlib.Path("/proc/cpuinfo").read_text().split()
    return [None, *(["x86-64-v3"] if "fma" in flags and "avx512dq" in flags else [])]


class PublishedTest(common.ProgramTest):
    isa = None  # None: the widest that the processor has

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("data"))
        subprocess.run([common.LOCKSTEP, "data", "digits", "--train", "3000", "--test", "600",
                        "-o", self.path("data/digits.h5")], check=True, stdout=subprocess.DEVNULL)

    def options(self, **changes):
        options = super().options(**changes)
        options["env"]["LOCKSTEP_DATA"] = self.path("data")
        options["env"].pop("LOCKSTEP_ISA", None)
        if self.isa:
            options["env"]["LOCKSTEP_ISA"] = self.isa
        return options

    isa = None

    def hash_of(self, job, sets, ranks):
        self.runs += 1
        output = self.path(f"{self.runs}.h5")
        options = [word for value in [*SETS, *sets] for word in ("--set", value)]
        self.lockstep("run", ROOT / "jobs" / f"{job}.yaml", "-o", output, "--progress", "none",
                      *options, ranks=ranks)
        value, = common.read(output)["weights_hash"].flat
        return f"{int(value):016x}"

    def test_hashes(self):
        for job, sets, expected in published():
            for self.isa in instruction_sets():
                for ranks in (1, 2):
                    with self.subTest(job=job, isa=self.isa, ranks=ranks):
                        self.assertEqual(self.hash_of(job, sets, ranks), expected)


if __name__ == "__main__":
    common.main()
