"""What holds for the notebooks too: they say the moment at which their saved outputs were made."""

import os

from tools.run_notebooks import MOMENT

os.environ["SOURCE_DATE_EPOCH"] = MOMENT
