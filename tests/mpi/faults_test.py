"""Some of the calls that can fail do; the long test has all of them."""

import common
import faults


class SomeFaultsTest(faults.FaultsTest):
    def test_some(self):
        self.campaign(faults.FILES + faults.MPI + faults.MEMORY, most=2)


if __name__ == "__main__":
    common.main()
