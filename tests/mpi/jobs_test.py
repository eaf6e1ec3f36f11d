"""Every job gives the same bits on 1 rank and on 4, at one point of its sweep."""

import common
from jobs import JobsTest, paths


class CheckTest(JobsTest):
    """Each job as it is: its references, orderings and figures fit its sweep and its curves."""

    def test_check(self):
        for name, path in paths().items():
            with self.subTest(name):
                self.lockstep("check", path, "--set", "dataset.subset=null")


class OnePointTest(JobsTest):
    def test_ranks(self):
        self.compare_all(whole_sweep=False, ranks=(1, 4))


if __name__ == "__main__":
    common.main()
