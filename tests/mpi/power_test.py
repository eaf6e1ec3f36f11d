"""Some states that a power loss may leave; the long test has hundreds."""

import common
import power


class SomePowerLossTest(power.PowerTest):
    def test_some(self):
        self.replay(ranks=3, most=30)


if __name__ == "__main__":
    common.main()
