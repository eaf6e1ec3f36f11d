"""40 kills of random ranks at random moments."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mpi"))

import common
from kills import KillTest


class KillCampaignTest(KillTest):
    def test_kills(self):
        self.campaign(40)


if __name__ == "__main__":
    common.main()
