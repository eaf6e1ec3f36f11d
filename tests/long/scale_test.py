"""Jobs of 100,000 trials."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

import scale
from scale import common


class ScaleTest(scale.ScaleTest):
    trials = 100000
    seconds = 5


if __name__ == "__main__":
    common.main()
