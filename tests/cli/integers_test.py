"""Some of the integers of results files and checkpoints, changed one at a time."""

import integers
from integers import IntegersTest, common  # pylint: disable=unused-import

if __name__ == "__main__":
    common.main()
