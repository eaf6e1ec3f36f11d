"""Every job gives the same bits on 1 rank and on 4, at one point of its sweep."""

import common
from jobs import JobsTest


class OnePointTest(JobsTest):
    def test_ranks(self):
        self.compare_all(whole_sweep=False, ranks=(1, 4))


if __name__ == "__main__":
    common.main()
