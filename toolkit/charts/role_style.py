"""How a role looks, and the figures behind its marks: the same in every picture."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit.charts.style import pale
from toolkit.narrative.selection import Selection


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """How a role is drawn, told apart by colour, dash or marker alone; `ink` is for its text."""

    colour: str
    dash: str
    symbol: str
    ink: str

    @property
    def band(self) -> str:
        """The colour of its interval."""
        return pale(self.colour)


_TEACHER = RoleStyle("#D55E00", "dash", "square", "#A84300")
ROLE_STYLES = {
    "director": RoleStyle("#0072B2", "solid", "circle", "#005A8C"),
    "teacher": _TEACHER,
    "team": _TEACHER,
    "care": RoleStyle("#009E73", "dot", "diamond", "#006B4E"),
}
OTHER_ROLE = RoleStyle("#52606D", "longdash", "cross", "#3E4C59")
"""For a role that another instrument brings along."""


def role_style(role: str) -> RoleStyle:
    """The style of a role or team."""
    return ROLE_STYLES.get(role, OTHER_ROLE)


def has_band(selection: Selection, role: str) -> bool:
    """Whether a role's interval is drawn: only teachers or team, or bands cover each other."""
    return role in ("teacher", selection.checklist.team.id) and "level_low" in selection.rows


def band_name(selection: Selection, role: str) -> str:
    """What the legend calls the interval of a role."""
    return selection.text.say("chart.band", role=selection.role(role).lower())


def rounded(levels: pd.Series) -> list[float | None]:
    """Levels as a picture carries them; a missing one is a gap."""
    return [None if pd.isna(level) else round(float(level), 1) for level in levels]


def level_or_reason(selection: Selection, rows: pd.DataFrame) -> list[str]:
    """Levels as shown, or why one is missing, from columns `level, why, reason`."""
    return [
        selection.text.number(level) if pd.notna(level) else missing_reason(selection, why, reason)
        for level, why, reason in zip(rows["level"], rows["why"], rows["reason"], strict=True)
    ]


def missing_reason(selection: Selection, why: str | None, reason: str | None) -> str:
    """The reason why a level is missing: hidden, or no answers."""
    code = next((value for value in (why, reason) if isinstance(value, str)), "")
    return selection.reason(code) if code else selection.text.say("reason.no_answers")


def ranges(selection: Selection, rows: pd.DataFrame, low: str = "level_low", high: str = "level_high") -> list[str]:
    """Intervals as shown: '45-67'; from two columns."""
    number = selection.text.number
    ends = zip(rows[low], rows[high], strict=True)
    return ["" if pd.isna(first) else f"{number(first)}-{number(last)}" for first, last in ends]


def count_text(n: int | None) -> str:
    """A count as shown; a missing one is empty."""
    return "" if pd.isna(n) else str(n)
