"""How a role looks, and the figures behind its marks: the same in every picture."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit.narrative.selection import Selection


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """How a role is drawn: colour, dash and marker each tell it apart by themselves.

    `ink` is for its text.
    """

    colour: str
    dash: str
    symbol: str
    band: str
    ink: str


_TEACHER = RoleStyle("#D55E00", "dash", "square", "rgba(213,94,0,0.17)", "#A84300")
ROLE_STYLES = {
    "director": RoleStyle("#0072B2", "solid", "circle", "rgba(0,114,178,0.17)", "#005A8C"),
    "teacher": _TEACHER,
    "team": _TEACHER,
    "care": RoleStyle("#009E73", "dot", "diamond", "rgba(0,158,115,0.17)", "#006B4E"),
}
OTHER_ROLE = RoleStyle("#52606D", "longdash", "cross", "rgba(82,96,109,0.17)", "#3E4C59")
"""For a role that another instrument brings along."""


def role_style(role: str) -> RoleStyle:
    """The style of a role or team."""
    return ROLE_STYLES.get(role, OTHER_ROLE)


def has_band(selection: Selection, role: str) -> bool:
    """Whether the interval of this role is drawn: of the teachers or the team.

    More bands would cover each other.
    """
    return role in ("teacher", selection.checklist.team.id) and "level_low" in selection.rows


def band_name(selection: Selection, role: str) -> str:
    """What the legend calls the interval of a role."""
    return selection.text.say("chart.band", role=selection.role(role).lower())


def rounded(levels: pd.Series) -> list[float | None]:
    """Levels as a picture carries them; a missing one is a gap."""
    return [None if pd.isna(level) else round(float(level), 1) for level in levels]


def level_or_reason(selection: Selection, rows: pd.DataFrame) -> list[str]:
    """Levels as shown, or the reason in words why one is missing.

    From columns `level, why, reason`.
    """
    return [
        selection.text.number(level) if pd.notna(level) else missing_reason(selection, why, reason)
        for level, why, reason in zip(rows["level"], rows["why"], rows["reason"], strict=True)
    ]


def missing_reason(selection: Selection, why: str | None, reason: str | None) -> str:
    """The reason why a level is missing: hidden, or no answers."""
    code = next((value for value in (why, reason) if isinstance(value, str)), "")
    return selection.reason(code) if code else selection.text.say("reason.no_answers")


def ranges(selection: Selection, rows: pd.DataFrame) -> list[str]:
    """Intervals as shown: '45-67'; from columns `level_low, level_high`."""
    number = selection.text.number
    return [
        "" if pd.isna(low) else f"{number(low)}-{number(high)}"
        for low, high in zip(rows["level_low"], rows["level_high"], strict=True)
    ]
