"""A few kills of random ranks at random moments; tests/long/kill_campaign_test.py has many."""

import common
from kills import KillTest


class FewKillsTest(KillTest):
    def test_kills(self):
        self.campaign(5)


if __name__ == "__main__":
    common.main()
