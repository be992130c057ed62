"""Agreement in words: tables and sentences that a team can read, out of protected tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.chosen import Chosen, choose
from toolkit.instrument import Instrument, load_instrument
from toolkit.privacy import require_protected
from toolkit.text import load_text
from toolkit.word_table import WordTable

MOST_PEOPLE = 10
"""A sentence counts out of at most this many people: more is harder to picture."""


def summarise_agreement(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> WordTable:
    """Say per step (or item) how often two roles answer the same, and which way they differ.

    Parameters
    ----------
    table
        From `agreement` on `Protected`.
    school, wave
        See `toolkit.chosen.choose`, also for what it raises.
    name
        The school's name for the caption; its id where none is given.

    Returns
    -------
    One row per step: shares in percent, the gap in points (positive: the first role higher), how often two of the
    second role agree among themselves, and a sentence.
    """
    chosen = choose(table, school, wave, checklist, language)
    say = chosen.text.say
    b = chosen.role(_role_b(chosen))
    kinds = ["same", "lower", "higher", "yardstick", "gap", "words"]
    columns = (say("summary.step"), *(say(f"summary.{kind}", b=b) for kind in kinds))
    rows = tuple(_agreement_row(chosen, row) for _, row in chosen.rows.iterrows())
    return WordTable(f"{name or chosen.school} · {chosen.wave}", columns, rows)


def summarise_differences(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    most: int = 3,
    *,
    name: str | None = None,
    checklist: Instrument | None = None,
    language: str = "nl",
) -> WordTable:
    """Name the items on which two roles differ most.

    Parameters
    ----------
    table
        From `agreement(..., per="item")` on `Protected`.
    most
        How many items at most; items without any difference are not named.
    school, wave
        See `toolkit.chosen.choose`, also for what it raises.
    name
        The school's name for the caption; its id where none is given.

    Returns
    -------
    One row per item: its label, the gap in points, and a sentence; the largest gap first.
    """
    chosen = choose(table, school, wave, checklist, language)
    say = chosen.text.say
    rows = chosen.rows[chosen.rows["gap"].abs().gt(0)]
    rows = rows.sort_values("gap", key=abs, ascending=False, kind="stable").head(most)
    columns = (say("summary.item"), say("summary.gap"), say("summary.words"))
    return WordTable(
        f"{chosen.school} · {chosen.wave}", columns, tuple(_difference_row(chosen, row) for _, row in rows.iterrows())
    )


def summarise_actions(
    actions: pd.DataFrame,
    checklist: Instrument | None = None,
    school: str | None = None,
    wave: str | None = None,
    *,
    language: str = "nl",
) -> WordTable:
    """List the action points of one school and wave per step.

    Parameters
    ----------
    actions
        `Protected.actions`.
    school, wave
        None takes the first school, and its last wave.

    Returns
    -------
    One row per text: step, role and text as written.

    Raises
    ------
    UnprotectedError
        The texts still carry a respondent: they did not come through `protect`.
    """
    if "respondent" in actions:
        require_protected(actions)
    checklist, text = checklist or load_instrument(), load_text(language)
    rows = actions[actions["school"] == (school or actions["school"].min())]
    rows = rows[rows["wave"] == (wave or rows["wave"].max())].sort_values("step", kind="stable")
    columns = tuple(text.say(f"summary.{name}") for name in ("step", "role", "action"))
    caption = " · ".join([*rows["school"].head(1), *rows["wave"].head(1)])
    texts = tuple(
        (f"{step} {checklist.step(step).label[language]}", checklist.role(role).plural[language], words)
        for step, role, words in zip(rows["step"], rows["role"], rows["text"], strict=True)
    )
    return WordTable(caption, columns, texts)


def split_sentence(chosen: Chosen, values: pd.Series) -> str:
    """Put the split of one row of an agreement table into a sentence; where there is none, the reason."""
    if values["suppressed"]:
        hidden = chosen.role(str(values["role_b"]))
        return chosen.text.say("chart.note", role=hidden, why=chosen.reason(str(values["why"])))
    names = {"a": chosen.in_sentence(values["role_a"]), "b": chosen.role(values["role_b"]).lower()}
    if pd.isna(values["same"]):
        return _capital(chosen.reason(str(values["reason"]))) + "."
    if values["n_b"] < 2:
        return chosen.text.say("split.too_few", **names)
    people = min(int(values["n_b"]), MOST_PEOPLE)
    parts = whole_parts(values[["same", "lower", "higher"]].to_numpy(dtype=float), people)
    words = dict(zip(("same", "lower", "higher"), parts, strict=True))
    key = "split.of_group" if people == values["n_b"] else "split.of_ten"
    return chosen.text.say(key, n=people, **names, **words)


def whole_parts(shares: np.ndarray, total: int) -> list[int]:
    """Divide `total` over shares that add to 1, in whole numbers that add up, by largest remainder.

    Examples
    --------
    >>> whole_parts(np.array([0.45, 0.45, 0.10]), 10)
    [5, 4, 1]
    """
    exact = np.round(shares * total, 9)
    parts = np.floor(exact).astype(int)
    left = total - parts.sum()
    parts[np.argsort(parts - exact, kind="stable")[:left]] += 1
    return [int(part) for part in parts]


def _role_b(chosen: Chosen) -> str:
    return str(chosen.rows["role_b"].iloc[0])


def _agreement_row(chosen: Chosen, values: pd.Series) -> tuple[str, ...]:
    step = chosen.checklist.step(int(values["step"]))
    shares = [_share(chosen, values[name]) for name in ("same", "lower", "higher", "yardstick")]
    label = f"{step.number} {step.label[chosen.text.language]}"
    return (label, *shares, _signed(chosen, values["gap"]), split_sentence(chosen, values))


def _difference_row(chosen: Chosen, values: pd.Series) -> tuple[str, ...]:
    item = chosen.checklist.item(str(values["item"]))
    label = f"{item.id} {item.label[chosen.text.language]}"
    return label, _signed(chosen, values["gap"]), split_sentence(chosen, values)


def _share(chosen: Chosen, value: float) -> str:
    return "" if pd.isna(value) else chosen.text.say("summary.share", share=chosen.text.number(100 * value))


def _signed(chosen: Chosen, value: float) -> str:
    if pd.isna(value):
        return ""
    sign = "+" if value >= 0.5 else ""
    return sign + chosen.text.number(value + 0.0 if abs(value) >= 0.5 else 0.0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
