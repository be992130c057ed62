"""What a chart is to show: one school and wave out of a protected table, and the words for its roles and gaps."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit.errors import SelectionError
from toolkit.instrument import Instrument, load_instrument
from toolkit.privacy import require_protected
from toolkit.text import Text, load_text


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows of one school and wave, with what is needed to put them into words."""

    rows: pd.DataFrame
    school: str
    wave: str
    checklist: Instrument
    text: Text

    def role(self, role: str) -> str:
        """How people call a role, as a group."""
        return self.checklist.role(role).plural[self.text.language]

    def in_sentence(self, role: str) -> str:
        """The role's name inside a sentence: 'volgens de directie'."""
        return self.text.say("list.the_role", role=self.role(role).lower())

    def reason(self, code: str) -> str:
        """A reason or `why` code in words."""
        if code.removeprefix("no ") in self.checklist.shown_role_ids:
            return self.text.say("reason.no_role", role=self.in_sentence(code.removeprefix("no ")))
        return self.text.say(f"reason.{code.replace(' ', '_')}", team=self.role(self.checklist.team.id).lower())

    def note(self, role: str, why: str) -> str:
        """A line that says why a role is not shown."""
        return self.text.say("chart.note", role=self.role(role), why=self.reason(why))

    def shown_roles(self, wanted: list[str] | None = None) -> list[str]:
        """The roles that may be shown, in their fixed order; the team where it stands for a wanted role."""
        shown = self.rows.loc[~self.rows["suppressed"], "role"].unique()
        team = self.checklist.team
        names = self.checklist.shown_role_ids
        ask = names if wanted is None else [*wanted, *([team.id] if set(wanted) & set(team.roles) else [])]
        return [role for role in names if role in shown and role in ask]

    def hidden_notes(self, wanted: list[str] | None = None) -> list[str]:
        """Why whole roles are not shown; a role that is part of the team is shown, and needs no note."""
        whole = self.rows.groupby("role", sort=False)["suppressed"].transform("all")
        hidden = self.rows[whole & ~self.rows["why"].eq("shown as team")].drop_duplicates("role")
        ask = self.checklist.role_ids if wanted is None else wanted
        pairs = zip(hidden["role"], hidden["why"], strict=True)
        return [self.note(role, why) for role, why in pairs if role in ask]


def choose(
    table: pd.DataFrame, school: str | None, wave: str | None, checklist: Instrument | None, language: str
) -> Chosen:
    """Take one school and wave out of a protected table.

    Parameters
    ----------
    school
        None takes the first, by id.
    wave
        None takes the last.

    Raises
    ------
    UnprotectedError
        The table did not come through `protect`.
    SelectionError
        The school or wave is not in the table.
    """
    require_protected(table)
    text = load_text(language)
    school = _one(table, "school", school, text, first=0)
    rows = table[table["school"] == school]
    wave = _one(rows, "wave", wave, text, first=-1)
    return Chosen(rows[rows["wave"] == wave], school, wave, checklist or load_instrument(), text)


def _one(table: pd.DataFrame, column: str, wanted: str | None, text: Text, first: int) -> str:
    there = sorted(table[column].unique())
    if wanted is None and there:
        return str(there[first])
    if wanted in there:
        return str(wanted)
    raise SelectionError(text.say(f"select.{column}", wanted=wanted or "", there=", ".join(there[:20])))
