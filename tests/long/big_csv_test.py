"""lockstep data on large CSV files whose last row is wrong: the message names it, memory does not
grow with the file, and nothing is left. The files are compressed and repeat their rows, so that they
need little space.

Usage: big_csv_test.py PATH_TO_LOCKSTEP. LS_CSV_GB is the size of the uncompressed file (10)."""

import gzip
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common

GIGABYTES = float(os.environ.get("LS_CSV_GB", "10"))
ROWS = 65536  # of a block
MEBIBYTES = 64  # that the program may use
MEASURE = """import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(status)"""


class BigCsvTest(common.ProgramTest):
    def write(self, gigabytes, last):
        """A file of about this size with a last row of its own; returns the number of its lines."""
        numbers = "0.12345678901234,0.2345678901234,12.345678901234,-1.2345678901234e-3"
        block = "".join(f"{numbers},c{i % 3}\n" for i in range(ROWS)).encode()
        member = gzip.compress(block)
        count = int(gigabytes * 1e9 / len(block))
        with open(self.path("big.csv.gz"), "wb") as file:
            file.write(gzip.compress(b"a,b,c,d,kind\n"))
            for _ in range(count):
                file.write(member)
            file.write(gzip.compress(last))
        return count * ROWS + 2

    def refuse(self, says):
        """Converts the file, in a process that prints the memory of the program in MiB."""
        done = subprocess.run([sys.executable, "-c", MEASURE, common.LOCKSTEP, "data", "big.csv.gz",
                               "-o", "big.h5", "--target", "kind"],
                              capture_output=True, **self.options())
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stderr, f"lockstep: big.csv.gz:{says}\n")
        self.assertEqual(os.listdir(self.folder), ["big.csv.gz"])
        self.assertLess(int(done.stdout), MEBIBYTES)

    def test_ragged(self):
        """Found when the types of the columns are."""
        lines = self.write(GIGABYTES, b"1,2,3,c0\n")
        self.refuse(f"{lines}: has 4 fields (expected 5 as in the first row)")

    def test_missing(self):
        """Found when the dataset is written."""
        lines = self.write(GIGABYTES / 5, b"1,2,,4,c0\n")
        self.refuse(f"{lines}: column c: is missing or not a number (expected a number; "
                    "lockstep data --missing fills it or leaves the row out)")


if __name__ == "__main__":
    common.main()
