"""Everything an explorer may show of an intake, computed once."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.measures.agreement import agreement
from toolkit.measures.consensus import consensus
from toolkit.measures.level import item_table, levels
from toolkit.measures.priorities import priorities
from toolkit.privacy import Policy, protect

FIRST, SECOND = "director", "teacher"
"""The two roles whose views are held beside each other."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Protected tables of one intake.

    Attributes
    ----------
    levels, items, per_step, per_item, consensus
        From `levels`, `item_table`, `agreement` per step and item, and `consensus`.
    actions
        Action points that may be shown: columns `school, wave, role, step, text`.
    first
        From `priorities`: what respondents would take up first; no rows where no form asked it.
    names
        School id to name.
    """

    checklist: Instrument
    levels: pd.DataFrame
    items: pd.DataFrame
    per_step: pd.DataFrame
    per_item: pd.DataFrame
    consensus: pd.DataFrame
    actions: pd.DataFrame
    first: pd.DataFrame
    names: Mapping[str, str]

    def name(self, school: str) -> str:
        """The school's name, or its id where no form carries its name."""
        return self.names.get(school, school)

    def schools(self) -> list[str]:
        """School ids, by name."""
        return sorted(self.per_step["school"].unique(), key=self.name)

    def waves(self, school: str) -> list[str]:
        """The waves of a school, the last first."""
        return sorted(self.per_step.loc[self.per_step["school"] == school, "wave"].unique(), reverse=True)

    def of(self, school: str) -> Tables:
        """The same tables with one school in them: what is drawn of it then costs the same among a thousand."""
        own: dict[str, Any] = {
            field.name: table[table["school"] == school]
            for field in fields(self)
            if isinstance(table := getattr(self, field.name), pd.DataFrame)
        }
        return replace(self, **own, names={school: name} if (name := self.names.get(school)) else {})

    def keep(self, path: Path) -> None:
        """Write them to a file, for a page that is not to see more than these."""
        path.write_bytes(pickle.dumps(self))

    @classmethod
    def kept(cls, path: Path) -> Tables:
        """Read what `keep` wrote; only a file of one's own making, since reading a pickle can run what is in it."""
        tables = pickle.loads(path.read_bytes())
        assert isinstance(tables, cls)
        return tables


def prepare(intake: Intake, checklist: Instrument | None = None, policy: Policy | None = None) -> Tables:
    """Protect an intake and compute what an explorer shows."""
    checklist = checklist or load_instrument()
    safe = protect(intake.responses, checklist, policy, intake.actions)
    return Tables(
        checklist,
        levels(safe, checklist),
        item_table(safe, checklist),
        agreement(safe, checklist, FIRST, SECOND),
        agreement(safe, checklist, FIRST, SECOND, per="item"),
        consensus(safe, checklist),
        safe.actions,
        priorities(intake.priorities, safe, checklist),
        dict(zip(intake.schools["school"], intake.schools["name"], strict=True)),
    )
