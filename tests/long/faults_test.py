"""Failing calls: all calls for files and MPI-IO, and as many allocations as the time allows."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import faults

MINUTES = int(os.environ.get("FAULTS_MINUTES", "15"))


class AllFaultsTest(faults.FaultsTest):
    def test_files(self):
        self.campaign(faults.FILES, most=10**6, seconds=MINUTES * 25)

    def test_mpi_io(self):
        self.campaign(faults.MPI, most=10**6, seconds=MINUTES * 15)

    def test_memory(self):
        self.campaign(faults.MEMORY, most=400, seconds=MINUTES * 20)


if __name__ == "__main__":
    common.main()
