"""What a test can't do without: its absence is a failure in `.ci/run`, and a reason to skip elsewhere."""

import os
import shutil
from typing import NoReturn

import pytest


def missing(why: str) -> NoReturn:
    """Fail where everything is required (HANDVAT_REQUIRE_ALL), skip with the reason elsewhere."""
    stop = pytest.fail if os.environ.get("HANDVAT_REQUIRE_ALL") else pytest.skip
    stop(why)


def program(*names: str) -> str:
    """Where the first of these programs is."""
    return next((path for name in names if (path := shutil.which(name))), None) or missing(
        f"{names[0]} is not installed"
    )
