"""Changes of a school's steps between two waves, as a reader can check them.

Every change is the difference of the two levels as shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit.core.i18n import Text
from toolkit.measures.level_change import change
from toolkit.narrative.selection import Selection

ARROWS = ("=", "▲", "▼")
"""For no change, a higher level and a lower one."""


@dataclass(frozen=True, slots=True)
class StepChange:
    """The change of one role on one step.

    Attributes
    ----------
    before, level
        The two levels, in whole points.
    is_clear
        Whether the interval has no 0 in it; a role without interval has no clear change.
    """

    before: int
    level: int
    is_clear: bool

    @property
    def points(self) -> int:
        """The difference of the two levels as shown."""
        return self.level - self.before

    @property
    def arrow(self) -> str:
        """Its direction and size: `▲ 10`."""
        sign = ARROWS[(self.points > 0) - (self.points < 0)]
        return f"{sign}\N{NO-BREAK SPACE}{abs(self.points)}" if self.points else sign


def changes_between(levels: pd.DataFrame, selection: Selection, before: str) -> pd.DataFrame:
    """Return the changes from wave `before` to the selected one, per role and step.

    See `toolkit.measures.level_change.change`.
    """
    rows = levels[levels["school"].eq(selection.school) & levels["wave"].isin([before, selection.wave])]
    table = change(rows)
    return table[table["wave"].eq(selection.wave)]


def step_changes(changes: pd.DataFrame) -> dict[tuple[str, int], StepChange]:
    """Return the change per role and step, from rows of one school and wave."""
    clear = changes["change_low"].gt(0) | changes["change_high"].lt(0)
    columns = (changes[name] for name in ("role", "step", "level_before", "level"))
    return {
        (role, step): StepChange(int(f"{before:.0f}"), int(f"{level:.0f}"), is_clear)
        for role, step, before, level, is_clear in zip(*columns, clear, strict=True)
    }


def change_words(changed: StepChange, text: Text) -> str:
    """The arrow, and the word that goes with a clear change."""
    return text.say("table.clear_change", change=changed.arrow) if changed.is_clear else changed.arrow


def clear_changes_sentence(selection: Selection, changes: pd.DataFrame, role: str) -> str:
    """Which steps a sampled role moved on by more than other members of the team could explain."""
    rows = changes[changes["role"].eq(role)].dropna(subset=["change_low", "change_high"])
    if rows.empty:
        return ""
    say, name = selection.text.say, selection.role_phrase(role)
    clear = [selection.checklist.step(step) for (_, step), values in step_changes(rows).items() if values.is_clear]
    if not clear:
        return say("report.change_unclear", role=name, n=len(rows))
    steps = [say("finding.named_step", number=step.number, label=step.label[selection.language]) for step in clear]
    return say("report.change_clear", role=name, steps=selection.text.join(steps))
