"""Every network, activation and optimizer of every job gives the same bits on 1, 2 and 4 ranks."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from jobs import JobsTest


class AllPointsTest(JobsTest):
    def test_ranks(self):
        self.compare_all(whole_sweep=True, ranks=(1, 2, 4))


if __name__ == "__main__":
    common.main()
