"""What report sections are made from: results of one school and wave, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from toolkit.narrative.findings import Findings
from toolkit.narrative.selection import Selection, select
from toolkit.results import SchoolResults


@dataclass(frozen=True, slots=True)
class ReportContext:
    """One school and wave, its findings and words; `reference` has others' levels."""

    results: SchoolResults
    selection: Selection
    findings: Findings
    reference: pd.DataFrame | None = None

    @property
    def selection_kwargs(self) -> dict[str, Any]:
        """The keywords of every chart and summary."""
        c = self.selection
        return {
            "school": c.school, "wave": c.wave, "name": c.name, "checklist": c.checklist, "language": c.language,
        }  # fmt: skip

    def of_this_wave(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of the report's wave."""
        return table[table["wave"] == self.selection.wave]

    def select(self, table: pd.DataFrame) -> Selection:
        """The rows of the report's school and wave, with their words."""
        return select(table, **self.selection_kwargs)

    def say(self, key: str, **fields: object) -> str:
        """The words behind a key."""
        return self.selection.text.say(key, **fields)

    def number(self, value: Any) -> str:
        """A number as the language writes it; empty where it is missing."""
        return "" if pd.isna(value) else self.selection.text.number(float(value))
