"""Jobs of 20,000 trials."""

import scale
from scale import ScaleTest, common  # pylint: disable=unused-import

if __name__ == "__main__":
    common.main()
