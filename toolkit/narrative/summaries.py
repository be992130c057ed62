"""Protected tables in words: tables and sentences that a team can read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, floor
from typing import Unpack

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason
from toolkit.core.i18n import load_text, sentence_case
from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import as_checklist, as_whole, explained, kind_of
from toolkit.instrument.model import Instrument
from toolkit.narrative.selection import DisplayOptions, Selection, select, select_actions

MAX_PEOPLE = 10
"""A sentence counts out of at most this many people: more is harder to picture."""

PER_ITEM = 'agreement(per="item")'
NO_FIGURE = ("school", "wave", "step", "role_a", "role_b", "suppressed", "reason", "why")

RARE = 0.02
"""Pairs of opposed answers below this share are hardly any."""

FEW_ITEMS = 3
"""In a step with no more items than this, one answer weighs a third."""


@explained
def summarise_agreement(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Say per step (or item) how often two roles answer the same, and which way they differ.

    Parameters
    ----------
    table
        From `agreement` on `Protected`.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
        Another raises `SelectionError`, a table that is not protected `UnprotectedError`.
    **display
        `name` (the school's), `checklist` and `language` (`nl` or `en`).

    Returns
    -------
    One row per step (or item): shares in percent, the gap in points (positive: the first role higher), how often two of
    the second role agree among themselves, and a sentence. Where one of the two is hidden in every step: one row.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.agreement(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.summarise_agreement(table).columns[:2]
    ('Stap', 'Hetzelfde')
    """
    selection = select(table, school, wave, ("agreement", PER_ITEM), **display)
    a, b = (selection.role(str(selection.rows[side].iloc[0])).lower() for side in ("role_a", "role_b"))
    keys = ("step", "same", "lower", "higher", "yardstick", "gap", "words")
    summary = _text_table(selection, keys, _hidden_once(selection.rows, ["role_a", "role_b"]), _agreement_row)
    return replace(summary, caption=selection.text.say("summary.compared", caption=selection.caption, a=a, b=b))


@explained
def summarise_differences(
    table: pd.DataFrame,
    school: str | None = None,
    wave: str | None = None,
    most: int = 3,
    **display: Unpack[DisplayOptions],
) -> TextTable:
    """Name the items on which two roles differ most.

    Parameters
    ----------
    table
        From `agreement(..., per="item")` on `Protected`.
    most
        How many items at most; items without any difference are not named.
    school, wave
        The school's code in any case, or its name, and the school year. None takes the first school and its last year.
        Another raises `SelectionError`, a table that is not protected `UnprotectedError`.
    **display
        `name` (the school's), `checklist` and `language` (`nl` or `en`).

    Returns
    -------
    One row per item: its label, the gap in points, and a sentence; the largest gap first.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> len(tk.summarise_differences(tk.agreement(safe, per="item"), most=2).rows)
    2
    """
    selection = select(table, school, wave, (PER_ITEM,), **display)
    most = as_whole(most, "most", 1, selection.text)
    rows = selection.rows[selection.rows["gap"].abs().gt(0)]
    rows = rows.sort_values("gap", key=abs, ascending=False, kind="stable").head(most)
    return _text_table(selection, ("item", "gap", "words"), rows, _difference_row)


@explained
def summarise_levels(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Give the level per step and role, with its interval.

    Parameters
    ----------
    table
        From `levels` on `Protected`.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per step × role: level, interval (of sampled roles), and a sentence; or why there is none. A role that is
    hidden in every step has one row, at the end.

    Examples
    --------
    >>> import toolkit as tk
    >>> levels = tk.levels(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.summarise_levels(levels).columns[:4]
    ('Stap', 'Rol', 'Niveau', 'Marge')
    """
    selection = select(table, school, wave, ("levels",), **display)
    rows = _hidden_once(_standing_alone(selection.rows).sort_values("step", kind="stable"), ["role"])
    return _text_table(selection, ("step", "role", "table.only_level", "interval", "words"), rows, _level_row)


@explained
def summarise_consensus(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Say per step and role how much its members agree among themselves.

    Parameters
    ----------
    table
        From `consensus` on `Protected`.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per step × role: consensus (shown from 0 to 1), interval, and a sentence; or why there is none. A role that
    is hidden in every step has one row, at the end.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> tk.summarise_consensus(tk.consensus(safe)).columns[:3]
    ('Stap', 'Rol', 'Eensgezindheid')
    """
    selection = select(table, school, wave, ("consensus",), **display)
    rows = _hidden_once(_standing_alone(selection.rows).sort_values("step", kind="stable"), ["role"])
    return _text_table(selection, ("step", "role", "consensus", "words"), rows, _consensus_row)


@explained
def summarise_kappa(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Compare the agreement of two roles per step with agreement by chance.

    Parameters
    ----------
    table
        From `agreement` on `Protected`; or from `cohort_kappa`, of all schools together.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per step: kappa, its reference, and a sentence; or the reason why there is none.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.agreement(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.summarise_kappa(table).columns[:3]
    ('Stap', 'Kappa', 'Afgezet tegen')
    """
    if isinstance(table, pd.DataFrame) and kind_of(table) == "cohort_kappa":
        return _cohort_kappa_table(table, as_checklist(display.get("checklist")), display.get("language", "nl"))
    selection = select(table, school, wave, ("agreement", PER_ITEM), **display)
    return _text_table(selection, ("step", "kappa", "reference", "words"), selection.rows, _kappa_row)


@explained
def summarise_figures(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """List all figures of one school next to each other.

    Parameters
    ----------
    table
        From `agreement` per step, on `Protected`.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per figure that is known, and a column per step: the figure with its interval; at the end
    why something is missing or hidden.

    Examples
    --------
    >>> import toolkit as tk
    >>> table = tk.agreement(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.summarise_figures(table).rows[0][0]
    'Hetzelfde'
    """
    selection = select(table, school, wave, ("agreement",), **display)
    steps = [row for _, row in selection.rows.iterrows()]
    names = [name for name in table.columns if name not in NO_FIGURE and not name.endswith(("_low", "_high"))]
    columns = (selection.text.say("summary.figure"), *(_step_label(selection, step) for step in steps))
    roles = {side: selection.role(steps[0][f"role_{side}"]).lower() for side in "ab"}
    rows = [
        (selection.text.say(f"figure.{name}", **roles), *(_figure(selection, step, name) for step in steps))
        for name in names
    ]
    reasons = [step["why"] if pd.notna(step["why"]) else step["reason"] for step in steps]
    why = ("" if pd.isna(reason) else selection.reason(str(reason)) for reason in reasons)
    rows.append((selection.text.say("figure.why"), *why))
    return TextTable(selection.caption, columns, tuple(row for row in rows if any(row[1:])))


@explained
def summarise_self_other(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Compare how each role rates its own tasks with how the other roles rate them.

    Parameters
    ----------
    table
        From `self_other` on `Protected`.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per actor × other × step that has items about the actor: both levels and a sentence; or why there is none.
    Two roles of which one is hidden in every step have one row, at the end.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> tk.summarise_self_other(tk.self_other(safe)).columns[:3]
    ('Stap', 'Over wie', 'Wie kijkt')
    """
    selection = select(table, school, wave, ("self_other",), **display)
    keys = ("step", "actor", "other", "self_level", "other_level", "words")
    rows = _standing_alone(selection.rows)
    rows = rows[rows["reason"].ne(MissingReason.NO_ITEMS_ABOUT_THIS_ROLE).fillna(True)]
    return _text_table(selection, keys, _hidden_once(rows, ["actor", "other"]), _self_other_row)


@explained
def summarise_sensitivity(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **display: Unpack[DisplayOptions]
) -> TextTable:
    """Say whether what Beetje counts for changes the steps' order or the highest role.

    Parameters
    ----------
    table
        From `sensitivity` on `Protected`.
    school, wave, **display
        As in `summarise_agreement`.

    Returns
    -------
    One row per role, and one per pair of roles: a sentence.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> len(tk.summarise_sensitivity(tk.sensitivity(safe)).rows)
    3
    """
    selection = select(table, school, wave, ("sensitivity",), **display)
    columns = (selection.text.say("summary.role"), selection.text.say("summary.words"))
    shown = selection.rows[~selection.rows["suppressed"]].dropna(subset="changes")
    texts = tuple(
        _sensitivity_row(selection, str(measure), str(role), rows)
        for (measure, role), rows in shown.groupby(["measure", "role"], sort=False)
    )
    return TextTable(selection.caption, columns, texts)


@explained
def summarise_actions(
    actions: pd.DataFrame,
    checklist: Instrument | str | None = None,
    school: str | None = None,
    wave: str | None = None,
    *,
    language: str = "nl",
) -> TextTable:
    """List the action points of one school and wave per step.

    Parameters
    ----------
    actions
        `Protected.actions`.
    school, wave
        None takes the first school, and its last wave. A school may also come second.

    Returns
    -------
    One row per text: step, role and text as written.

    Raises
    ------
    UnprotectedError
        The texts still carry a respondent: they did not come through `protect`.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> tk.summarise_actions(tk.protect(intake).actions).columns
    ('Stap', 'Rol', 'Actiepunt')
    """
    if isinstance(checklist, str):  # a school where a checklist could be given: what is meant is clear
        checklist, school, wave = None, checklist, school
    text = load_text(language)
    checklist = as_checklist(checklist, text)
    rows = select_actions(actions, school, wave, text).sort_values("step", kind="stable")
    columns = tuple(text.say(f"summary.{name}") for name in ("step", "role", "action"))
    caption = " · ".join([*rows["school"].head(1), *rows["wave"].head(1)])
    texts = tuple(
        (f"{step} {checklist.step(step).label[language]}", checklist.role(role).plural[language], action)
        for step, role, action in zip(rows["step"], rows["role"], rows["text"], strict=True)
    )
    return TextTable(caption, columns, texts)


def _text_table(
    selection: Selection,
    keys: Sequence[str],
    rows: pd.DataFrame,
    in_words: Callable[[Selection, pd.Series], tuple[str, ...]],
) -> TextTable:
    """A row in words for each row of a table; the keys are those of the columns' headings in `summary`."""
    columns = tuple(selection.text.say(key if "." in key else f"summary.{key}") for key in keys)
    return TextTable(selection.caption, columns, tuple(in_words(selection, row) for _, row in rows.iterrows()))


def split_sentence(selection: Selection, values: pd.Series, with_range: bool = True) -> str:
    """Put the split of a row of an agreement table into words, or the reason for none.

    It counts the people of the second role, or of the first where only that one is a group. Known persons who answered
    differently have no split. `with_range` adds between what numbers the same answer would probably have been had
    others answered; others of the team where its size is known.
    """
    values = _group_second(selection, values)
    if values["suppressed"]:
        known = selection.checklist.known_role_ids
        hidden = dict.fromkeys(role for role in values[["role_a", "role_b"]] if role not in known)
        names = " / ".join(selection.role(role) for role in hidden)
        return selection.text.say("chart.note", role=names, why=selection.reason(str(values["why"])))
    phrases = {"a": selection.role_phrase(values["role_a"]), "b": selection.role(values["role_b"]).lower()}
    if pd.isna(values["same"]):
        return sentence_case(selection.reason(str(values["reason"]))) + "."
    if values["n_b"] < 2:
        return selection.text.say("split.too_few", **phrases)
    if values["n_unequal"] > 0:
        return selection.text.say("split.unequal", **phrases, n=values["n_unequal"], items=values["n_items"])
    sentences = [_split_words(selection, values, phrases)]
    if with_range and values["same_low"] < values["same_high"]:
        people = min(int(values["n_b"]), MAX_PEOPLE)
        low, high = floor(round(people * values["same_low"], 9)), ceil(round(people * values["same_high"], 9))
        key = "sentence.range" if pd.isna(values["team_size"]) else "sentence.range_in_team"
        sentences.append(selection.text.say(key, low=low, high=high))
    return " ".join(sentences)


def _split_words(selection: Selection, values: pd.Series, phrases: dict[str, str]) -> str:
    """How many of the group answer the same, less and more positive; a part with nobody is not named."""
    say, n = selection.text.say, int(values["n_b"])
    people = min(n, MAX_PEOPLE)
    parts = whole_parts(values[["same", "lower", "higher"]].to_numpy(dtype=float), people)
    present = [(part, count) for part, count in zip(("same", "lower", "higher"), parts, strict=True) if count]
    # the other role is named once
    keys = [part if number == 0 else f"{part}_too" for number, (part, _) in enumerate(present)]
    counted = [say(f"split.{key}", count=count, a=phrases["a"]) for key, (_, count) in zip(keys, present, strict=True)]
    of_item = "item" in values and pd.notna(values["item"])
    key = f"split.{'item_' if of_item else ''}{'of_group' if people == n else 'of_ten'}"
    return say(key, n=people, b=phrases["b"], parts=selection.text.join(counted))


def _group_second(selection: Selection, values: pd.Series) -> pd.Series:
    """The row seen the other way round, where the second role is known persons and the first a group."""
    known_roles = selection.checklist.known_role_ids
    if values["role_b"] not in known_roles or values["role_a"] in known_roles:
        return values
    turned = {"role_a": "role_b", "n_a": "n_b", "lower": "higher"}
    return values.rename(turned | {new: old for old, new in turned.items()})


def yardstick_sentence(selection: Selection, values: pd.Series) -> str:
    """How often two of the second role agree among themselves: what to hold the split against."""
    if values["suppressed"] or pd.isna(values["same"]) or pd.isna(values["yardstick"]):
        return ""
    share = selection.text.number(100 * values["yardstick"])
    return selection.text.say("sentence.yardstick", b=selection.role(values["role_b"]).lower(), share=share)


def few_items_sentence(selection: Selection, step: int) -> str:
    """A warning for a step in which one answer weighs a third or more."""
    items = len(selection.checklist.step(step).items)
    return selection.text.say("sentence.few_items", items=items) if items <= FEW_ITEMS else ""


def whole_parts(shares: np.ndarray, total: int) -> list[int]:
    """Divide `total` in whole numbers over shares that add to 1, by largest remainder.

    Examples
    --------
    >>> whole_parts(np.array([0.45, 0.45, 0.10]), 10)
    [5, 4, 1]
    """
    exact = np.round(shares * total, 9)
    parts = np.floor(exact).astype(int)
    shortfall = total - parts.sum()
    parts[np.argsort(parts - exact, kind="stable")[:shortfall]] += 1
    return [int(part) for part in parts]


def _agreement_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    shares = [selection.share(values[name]) for name in ("same", "lower", "higher", "yardstick")]
    sentences = [split_sentence(selection, values)]
    label = _step_label(selection, values)
    if "item" in values and pd.notna(values["step"]):
        label = selection.item(str(values["item"]))
    elif pd.notna(values["same"]):
        sentences.append(few_items_sentence(selection, int(values["step"])))
    return (label, *shares, _signed(selection, values["gap"]), " ".join(filter(None, sentences)))


def _difference_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    return selection.item(str(values["item"])), _signed(selection, values["gap"]), split_sentence(selection, values)


def _step_label(selection: Selection, values: pd.Series) -> str:
    step = values["step"]
    return selection.text.say("summary.all_steps") if pd.isna(step) else selection.step(int(step))


def _level_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    role = selection.role(values["role"])
    if pd.isna(values["level"]):
        return _step_label(selection, values), role, "", "", _why(selection, values, role)
    number = selection.text.number
    level = {"role": role, "level": number(values["level"])}
    if pd.isna(values["level_low"]):
        return _step_label(selection, values), role, level["level"], "", selection.text.say("sentence.level", **level)
    low, high = number(values["level_low"]), number(values["level_high"])
    sentence = selection.text.say("sentence.level_range", **level, low=low, high=high)
    return _step_label(selection, values), role, level["level"], f"{low}-{high}", sentence


def _consensus_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    role = selection.role(values["role"])
    if pd.isna(values["consensus"]):
        return _step_label(selection, values), role, "", _why(selection, values, role)
    shown = [
        selection.text.number(min(max(values[name], 0), 1), 2) if pd.notna(values[name]) else ""
        for name in ("consensus", "consensus_low", "consensus_high")
    ]
    opposed = float(values["polarisation"])
    key = "sentence.consensus" if opposed >= RARE else "sentence.consensus_none"
    sentence = selection.text.say(key, role=role, opposed=round(1 / max(opposed, RARE)))
    range_of = (
        selection.text.say("summary.figure_range", figure=shown[0], low=shown[1], high=shown[2])
        if shown[1]
        else shown[0]
    )
    return _step_label(selection, values), role, range_of, sentence


def _self_other_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    actor, other_role = selection.role(values["actor"]), selection.role(values["other"])
    if pd.isna(values["gap"]):
        why = _why(selection, values, f"{actor} / {other_role.lower()}")
        return _step_label(selection, values), actor, other_role, "", "", why
    levels = [selection.text.number(values[name]) for name in ("self_level", "other_level")]
    names = {"actor": selection.role_phrase(values["actor"]), "other": selection.role_phrase(values["other"])}
    sentence = selection.text.say("sentence.self_other", **names, self_level=levels[0], other_level=levels[1])
    return _step_label(selection, values), actor, other_role, *levels, sentence


def _sensitivity_row(selection: Selection, measure: str, role: str, rows: pd.DataFrame) -> tuple[str, str]:
    listed = selection.text.join([str(step) for step in rows["step"][rows["changes"]]])
    if measure == "level":
        key = "sentence.order_changes" if listed else "sentence.order_holds"
    else:
        key = "sentence.sign_changes" if listed else "sentence.sign_holds"
    names = dict(zip("ab", map(selection.role_phrase, role.split("-")), strict=False))
    sentence = selection.text.say(key, **names, role=names["a"], steps=listed)
    scope = selection.over_steps(len(rows), len(selection.step_names))
    return " / ".join(map(selection.role, role.split("-"))), " ".join([sentence, *scope])


def _figure(selection: Selection, values: pd.Series, name: str) -> str:
    value = values[name]
    if pd.isna(value):
        return ""
    if not isinstance(value, float):
        return str(value)
    shown, low, high = (
        selection.text.number(values[key], 0 if name == "gap" else 2) if pd.notna(values.get(key)) else ""
        for key in (name, f"{name}_low", f"{name}_high")
    )
    return selection.text.say("summary.figure_range", figure=shown, low=low, high=high) if low else shown


def _cohort_kappa_table(table: pd.DataFrame, checklist: Instrument, language: str) -> TextTable:
    """One row per wave and step, of all schools together."""
    text = load_text(language)
    columns = tuple(text.say(key) for key in ("reading.wave", "summary.step", "summary.kappa", "cohort_head.n_schools"))
    rows = []
    for wave, step, kappa, schools in table[["wave", "step", "kappa", "n_schools"]].itertuples(index=False):
        label = f"{step} {checklist.step(int(step)).label[language]}"
        counts = "" if pd.isna(schools) else str(int(schools))
        rows.append((str(wave), label, "" if pd.isna(kappa) else text.number(float(kappa), 2), counts))
    return TextTable("", columns, tuple(rows))


def _kappa_row(selection: Selection, values: pd.Series) -> tuple[str, ...]:
    if pd.isna(values["kappa"]):
        phrases = f"{selection.role(values['role_a'])} / {selection.role(values['role_b']).lower()}"
        return _step_label(selection, values), "", str(values["reference"]), _why(selection, values, phrases)
    kappa = selection.text.number(values["kappa"], 2)
    sentence = selection.text.say("sentence.kappa_point", kappa=kappa)
    if pd.notna(values["kappa_low"]):
        low, high = (selection.text.number(values[f"kappa_{end}"], 2) for end in ("low", "high"))
        sentence = selection.text.say("sentence.kappa", kappa=kappa, low=low, high=high)
    return _step_label(selection, values), kappa, str(values["reference"]), sentence


def _standing_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the rows of roles that are shown as the team: the team has rows of its own."""
    return rows[~rows["why"].eq(MissingReason.SHOWN_AS_TEAM).fillna(False)]


def _hidden_once(rows: pd.DataFrame, role_columns: list[str]) -> pd.DataFrame:
    """Keep one row for a role that is hidden in every step, at the end and without a step."""
    groups = rows.groupby(role_columns)["suppressed"]
    always = groups.transform("all") & groups.transform("size").gt(1)
    hidden_rows = rows[always].drop_duplicates(role_columns)
    return pd.concat([rows[~always], hidden_rows.assign(step=pd.array([pd.NA] * len(hidden_rows), dtype="Int64"))])


def _why(selection: Selection, values: pd.Series, phrases: str) -> str:
    """Why a row has no figure: hidden, or missing for a reason."""
    if pd.notna(values["why"]):
        return selection.text.say("chart.note", role=phrases, why=selection.reason(str(values["why"])))
    too_few = values["reason"] == MissingReason.TOO_FEW_RESPONDENTS
    why = selection.text.say("reason.too_few_among_themselves") if too_few else selection.reason(str(values["reason"]))
    return selection.text.say("chart.note", role=phrases, why=why)


def _signed(selection: Selection, value: float) -> str:
    if pd.isna(value):
        return ""
    sign = "+" if value >= 0.5 else ""
    return sign + selection.text.number(value + 0.0 if abs(value) >= 0.5 else 0.0)
