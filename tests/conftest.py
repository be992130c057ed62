"""What several tests need.

In `.ci/run` (HANDVAT_REQUIRE_ALL=1) a missing browser or LibreOffice is a failure; elsewhere the test is skipped.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import toolkit as tk
from tests.corpus import office
from tests.support.requirements import missing, program

FILLER = Path(__file__).parent / "support" / "fill_in_office.py"

collect_ignore = ["support/hub_config.py"]  # JupyterHub reads it, with a function of its own at hand


SLOWEST = (
    "test_browser", "test_notebooks", "test_report", "test_school_explorer", "test_page_visits", "test_own_texts",
    "test_hosting", "test_corpus", "test_cohort_report", "test_field", "test_compare", "test_findings", "test_outputs",
)  # fmt: skip
"""Files by the time they take (`pytest --durations=0`), the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the slowest files first: one that starts last leaves the other cores without work."""
    items.sort(key=lambda item: SLOWEST.index(item.path.stem) if item.path.stem in SLOWEST else len(SLOWEST))


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
    return program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def soffice() -> str:
    return program("soffice", "libreoffice")


@pytest.fixture(scope="session")
def uno_python(soffice: str) -> str:
    """A Python that can talk to LibreOffice: the system's own, where its package is installed."""
    return office.uno_python() or missing("no Python here can talk to LibreOffice (Debian: python3-uno)")


@pytest.fixture(scope="session")
def type_in_office(soffice: str, uno_python: str) -> Callable[[Path, Mapping[str, str], Path], str]:
    """Open a workbook in LibreOffice, type texts into cells, save it elsewhere; returns what the form counts."""

    def typed(book: Path, cells: Mapping[str, str], out: Path) -> str:
        command = [uno_python, str(FILLER), soffice, str(book), str(out), json.dumps(cells)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=180).stdout.strip()

    return typed
