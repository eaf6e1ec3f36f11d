"""Hundreds of states that a power loss may leave."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
import power


class PowerLossTest(power.PowerTest):
    def test_one_rank(self):
        self.replay(ranks=1, most=400)

    def test_three_ranks(self):
        self.replay(ranks=3, most=400)


if __name__ == "__main__":
    common.main()
