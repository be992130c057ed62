"""What several tests need.

In `.ci/run` (HANDVAT_REQUIRE_ALL=1) a missing browser or LibreOffice is a failure; elsewhere the test is skipped.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import toolkit as tk

collect_ignore = ["hub_config.py"]  # JupyterHub reads it, with a function of its own at hand


@dataclass(frozen=True)
class Example:
    """The built-in schools as forms in a folder, what was planted in them, and what was read."""

    folder: Path
    planted: pd.DataFrame
    intake: tk.Intake
    safe: tk.Protected


@pytest.fixture(scope="session")
def checklist() -> tk.Instrument:
    return tk.load_instrument()


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory, checklist: tk.Instrument) -> Example:
    folder = tmp_path_factory.mktemp("example") / "forms"
    planted = tk.samples.write_folder(folder)
    intake = tk.read_folder(folder, checklist)
    return Example(folder, planted, intake, tk.protect(intake.responses, checklist, actions=intake.actions))


@pytest.fixture(scope="session")
def chromium() -> str:
    return _program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def soffice() -> str:
    return _program("soffice", "libreoffice")


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        stop = pytest.fail if os.environ.get("HANDVAT_REQUIRE_ALL") else pytest.skip
        stop(f"{names[0]} is not installed")
    return found
