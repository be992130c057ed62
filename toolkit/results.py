"""Everything a report is made from: an intake, protected and measured once for all its schools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from toolkit.core.errors import SelectionError, UnprotectedError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.measures.agreement import agreement
from toolkit.measures.consensus import consensus
from toolkit.measures.counts import counted
from toolkit.measures.level import item_table, levels
from toolkit.measures.level_change import change
from toolkit.measures.priorities import priorities
from toolkit.measures.self_other import self_other
from toolkit.narrative.agenda import agenda
from toolkit.privacy import Policy, protect

FIRST, SECOND = "director", "teacher"
"""The two roles whose views are held beside each other."""


@dataclass(frozen=True, slots=True)
class Material:
    """Protected tables, each with a column `school` and most with a column `wave`.

    Attributes
    ----------
    people
        Columns `school, wave, role, n`: respondents of the roles that may be shown.
    levels, changes, items, consensus, self_other, per_step, per_item, actions
        What the measures of those names give; agreement per step and per item.
    first
        What `toolkit.measures.priorities` gives: what respondents would take up first; no rows where no form asked it.
    agenda
        What `toolkit.narrative.agenda` gives, in every language; column `language`.
    invited
        Columns `school, wave, role, invited`; no rows where it is not known.
    names
        School id to name.
    """

    checklist: Instrument
    people: pd.DataFrame
    levels: pd.DataFrame
    changes: pd.DataFrame
    items: pd.DataFrame
    consensus: pd.DataFrame
    self_other: pd.DataFrame
    per_step: pd.DataFrame
    per_item: pd.DataFrame
    actions: pd.DataFrame
    first: pd.DataFrame
    agenda: pd.DataFrame
    invited: pd.DataFrame
    names: Mapping[str, str]

    def schools(self) -> list[str]:
        """School ids, in order."""
        return sorted(self.levels["school"].unique())

    def waves(self, school: str) -> list[str]:
        """The moments of a school, in order; raises `SelectionError` for a school that is not there."""
        waves = sorted(self.levels.loc[self.levels["school"] == school, "wave"].unique())
        if not waves:
            there = ", ".join(self.schools()[:20])
            raise SelectionError(load_text().say("select.school", wanted=school, there=there))
        return waves

    def of(self, school: str) -> Material:
        """The same, of one school: small tables are quick to look through."""
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        own: dict[str, Any] = {
            name: table[table["school"] == school] for name, table in tables.items() if isinstance(table, pd.DataFrame)
        }
        return replace(self, **own)


def gather(
    intake: Intake,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    invited: pd.DataFrame | None = None,
) -> Material:
    """Protect an intake and measure it.

    Parameters
    ----------
    invited
        Columns `school, wave, role, invited`: how many people of a role were asked.

    Raises
    ------
    UnprotectedError
        The policy is a researcher's: nothing is hidden then, and no report is made of that.
    """
    checklist, policy = checklist or load_instrument(), policy or Policy()
    if policy.audience == "researcher":
        raise UnprotectedError(load_text().say("report.researcher"))
    safe = protect(intake.responses, checklist, policy, intake.actions)
    asked = pd.DataFrame(columns=["school", "wave", "role", "invited"]) if invited is None else invited
    once = counted(safe, checklist)
    level = levels(once, checklist, invited)
    people = safe.responses.groupby(["school", "wave", "role"], observed=True).size().rename("n").reset_index()
    return Material(
        checklist,
        people.astype({"role": "str"}),
        level,
        change(level),
        item_table(once, checklist),
        consensus(once, checklist, invited),
        self_other(once, checklist),
        agreement(once, checklist, FIRST, SECOND, invited=invited),
        agreement(once, checklist, FIRST, SECOND, per="item", invited=invited),
        safe.actions,
        priorities(intake.priorities, safe, checklist),
        pd.concat([agenda(once, checklist, language=name).assign(language=name) for name in LANGUAGES]),
        asked,
        dict(zip(intake.schools["school"], intake.schools["name"], strict=True)),
    )
