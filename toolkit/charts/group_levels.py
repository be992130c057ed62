"""The mean levels of every group of a grouping, for charts with a row or lane per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd

from toolkit.charts.gap_spread import hidden_note
from toolkit.core.i18n import Text
from toolkit.instrument.arguments import as_role
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats
from toolkit.narrative.extremes import largest, name_steps
from toolkit.narrative.selection import DisplayOptions, Selection, select_groups


@dataclass(frozen=True, slots=True)
class GroupLevels:
    """The levels of one role in one wave, a table per group; `first` has the words for all."""

    first: Selection
    role: str
    levels: dict[str, pd.DataFrame]
    notes: list[str]

    @property
    def checklist(self) -> Instrument:
        """The instrument."""
        return self.first.checklist

    @property
    def text(self) -> Text:
        """The words of the language."""
        return self.first.text

    @property
    def sentence(self) -> str:
        """At which step the groups are furthest apart, and between which levels they are."""
        table = pd.DataFrame({name: rows["level"].astype(float) for name, rows in self.levels.items()})
        spread = (table.max(axis=1) - table.min(axis=1)).dropna()
        if spread.empty:
            return self.text.say("cohort_chart.nothing")
        widest, steps = largest(spread, self.text)
        if widest == "0":
            return self.text.say("cohort_chart.heatmap_same", of=self.first.of_steps(len(spread)))
        ranges = [self._range(step, table.loc[[step]].to_numpy()) for step in steps]
        sentence = self.text.say("cohort_chart.heatmap_sentence", ranges="; ".join(ranges))
        return " ".join([sentence, *self.first.over_steps(len(spread), len(self.first.step_names))])

    def _range(self, step: int, levels: Floats) -> str:
        low, high = (self.text.number(float(end)) for end in (np.nanmin(levels), np.nanmax(levels)))
        return self.text.say("list.step_range", step=name_steps([step], self.checklist, self.text), low=low, high=high)

    def shown(self, name: str) -> list[str]:
        """The levels of a group as texts; a missing one is empty."""
        return ["" if pd.isna(level) else self.text.number(level) for level in self.levels[name]["level"]]


def group_levels(
    table: pd.DataFrame, wave: str | None, role: str, grouping: str | None, **display: Unpack[DisplayOptions]
) -> GroupLevels:
    """Take the levels of a role of all groups; parameters and errors as in `select_group`."""
    groups = select_groups(table, wave, grouping, **display)
    first = next(iter(groups.values()))
    role = as_role(role, first.checklist, first.text)
    levels = {name: group.rows_of_role(role) for name, group in groups.items()}
    notes = [note for name, group in groups.items() for note in hidden_note(group, levels[name])]
    return GroupLevels(first, role, levels, list(dict.fromkeys(notes)))
