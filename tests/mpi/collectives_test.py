"""Collective MPI calls that fail on one rank: all ranks end with the same error, without waiting for
one another until the watchdog intervenes; the same command completes the job."""

import common
import faults


class CollectivesTest(faults.FaultsTest):
    def test_collectives(self):
        self.campaign(faults.COLLECTIVE, most=2)
        self.assertEqual(self.figures["ended by the watchdog"], 0)
        self.assertEqual(self.figures["harmless"], 0)
        self.assertEqual(self.figures["not reached"], 0)


if __name__ == "__main__":
    common.main()
