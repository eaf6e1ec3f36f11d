"""All integers of results files and checkpoints, changed one at a time."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import integers
from integers import common


class AllIntegersTest(integers.IntegersTest):
    every = True


if __name__ == "__main__":
    common.main()
