"""Steps with the highest or lowest value: all that read the same in whole numbers are named."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from toolkit.core.i18n import Text
from toolkit.instrument.model import Instrument


def largest(values: pd.Series, text: Text) -> tuple[str, list[int]]:
    """Largest value as it reads, and the index of all values that read the same."""
    shown = values.astype(float).map(text.number)
    highest = text.number(float(values.max()))
    return highest, shown.index[shown.eq(highest)].tolist()


def name_steps(steps: Iterable[int], checklist: Instrument, text: Text) -> str:
    """Steps inside a sentence: '1 (Thuisomgeving kennen) en 3 (Open klimaat)'."""
    return text.join([f"{step} ({checklist.step(step).label[text.language]})" for step in steps])


def ends_of_steps(values: pd.Series, checklist: Instrument, text: Text) -> dict[str, str]:
    """The highest and lowest steps, as `high` and `low`: the same where all read the same."""
    ends = {"high": values, "low": -values}
    return {name: name_steps(largest(signed, text)[1], checklist, text) for name, signed in ends.items()}


def largest_changes(old: pd.Series, new: pd.Series, checklist: Instrument, text: Text) -> str:
    """The steps that change most, as 'stap 2 (Organisatie op orde): van 60 naar 68', or ''."""
    change, steps = largest((new - old).dropna().abs(), text)
    levels = [(name_steps([step], checklist, text), text.number(old[step]), text.number(new[step])) for step in steps]
    parts = [text.say("list.step_change", step=step, old=before, new=after) for step, before, after in levels]
    return "; ".join(parts) if change != "0" else ""
