"""The table of forms: its contract, a check, putting tables together, and counting answers.

One row per returned form: `school, wave, role, respondent, form`, then one column per item id with 0 (Nee), 1 (Beetje),
2 (Ja) or missing. A row whose school, wave or role is missing could not be placed: it is kept, and counts in no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.errors import ResponsesError
from toolkit.instrument import Instrument

KEYS = ["school", "wave", "role", "respondent", "form"]
PLACE = ["school", "wave", "role"]


def make_responses(rows: Iterable[dict[str, object]], instrument: Instrument) -> pd.DataFrame:
    """Make a responses table from one dict per form; keys that are absent become missing."""
    table = pd.DataFrame(list(rows), columns=[*KEYS, *instrument.item_ids])
    return check_responses(table, instrument)


def check_responses(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Return a copy with the contract's columns, order and types.

    Parameters
    ----------
    responses
        Columns `school, wave, role, respondent, form` and one per item id; other columns are left out.

    Returns
    -------
    Text columns as `str`, `role` categorical over the instrument's roles, answers as nullable `Int8`.

    Raises
    ------
    ResponsesError
        A column is missing or stands there twice, a role is unknown, or an answer is no value of the instrument.
    """
    wanted = [*KEYS, *instrument.item_ids]
    if missing := [column for column in wanted if column not in responses.columns]:
        raise ResponsesError(f"responses: column(s) missing: {', '.join(missing)}")
    table = responses[wanted].copy()
    if not table.columns.is_unique:
        raise ResponsesError("responses: a column stands there twice")
    for column in ("school", "wave", "respondent", "form"):
        table[column] = table[column].astype("str")
    unknown = set(table["role"].dropna().unique()) - set(instrument.role_ids)
    if unknown:
        raise ResponsesError(f"responses: unknown role(s) {', '.join(sorted(map(str, unknown)))}")
    table["role"] = pd.Categorical(table["role"].astype("str"), categories=instrument.role_ids)
    return table.assign(**{item: _answers(table[item], instrument) for item in instrument.item_ids})


def _answers(column: pd.Series, instrument: Instrument) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce")
    wrong = (values.isna() & column.notna()) | (values.notna() & ~values.isin([a.value for a in instrument.answers]))
    if wrong.any():
        found = ", ".join(sorted({repr(value) for value in column[wrong]}))
        raise ResponsesError(f"responses: item {column.name} holds {found}; expected 0, 1, 2 or missing")
    return values.astype("Int8")


def combine(tables: Iterable[pd.DataFrame], instrument: Instrument) -> pd.DataFrame:
    """Put several responses tables under each other, checked."""
    parts = [check_responses(table, instrument) for table in tables]
    if not parts:
        return make_responses([], instrument)
    return check_responses(pd.concat(parts, ignore_index=True), instrument)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each answer was given, for every school × wave (a *unit*), role and item.

    Attributes
    ----------
    units
        Columns `school, wave`, sorted; row u belongs to index u of the arrays.
    roles
        Role ids; index r of the arrays.
    answers
        Shape (units, roles, items, answers): number of respondents who gave that answer.
    respondents
        Shape (units, roles, steps): number of respondents with at least one answer in the step.
    forms
        Shape (units, roles): number of forms, empty ones included.
    codes, form_unit, form_role
        The forms themselves: answers (forms, items) with -1 for missing, and the index of each form's unit and role.
    """

    units: pd.DataFrame
    roles: list[str]
    answers: NDArray[np.int64]
    respondents: NDArray[np.int64]
    forms: NDArray[np.int64]
    codes: NDArray[np.int64]
    form_unit: NDArray[np.int64]
    form_role: NDArray[np.int64]

    @property
    def per_item(self) -> NDArray[np.int64]:
        """Shape (units, roles, items): number of respondents who answered the item."""
        n: NDArray[np.int64] = self.answers.sum(axis=-1)
        return n


def count_answers(responses: pd.DataFrame, instrument: Instrument, units: pd.DataFrame | None = None) -> Counts:
    """Count answers, vectorised over schools.

    Parameters
    ----------
    responses
        Rows without a school, wave or role are left out.
    units
        `school, wave` that must have a place also when nothing is left of them.
    """
    placed = responses.dropna(subset=PLACE)
    roles = instrument.shown_role_ids
    index, unit = _units(placed, units)
    role = placed["role"].astype(pd.CategoricalDtype(roles)).cat.codes.to_numpy()
    if (role < 0).any():
        raise ResponsesError("responses: unknown role")
    values = answer_matrix(placed, instrument)
    shape = (len(index), len(roles), len(instrument.item_ids), len(instrument.answers))
    place = unit * len(roles) + role
    return Counts(
        units=index,
        roles=roles,
        answers=_tally(values, place, shape),
        respondents=_respondents(values, place, shape, instrument),
        forms=np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape[:2]),
        codes=values,
        form_unit=unit,
        form_role=role.astype(np.int64),
    )


def answer_matrix(responses: pd.DataFrame, instrument: Instrument) -> NDArray[np.int64]:
    """Return the answers as integers, forms × items, with -1 for a missing answer."""
    values = responses[instrument.item_ids].to_numpy(dtype=float, na_value=np.nan)
    missing = np.isnan(values)
    codes = np.where(missing, -1, values).astype(np.int64)
    if (
        ((codes != values) & ~missing).any()
        or codes.max(initial=0) >= len(instrument.answers)
        or codes.min(initial=0) < -1
    ):
        raise ResponsesError("responses: an answer is not one of the instrument's values")
    return codes


def step_matrix(instrument: Instrument) -> NDArray[np.int64]:
    """Return which item belongs to which step, items × steps, as 0 and 1."""
    numbers = np.array([step.number for step in instrument.steps])
    belongs: NDArray[np.int64] = (np.array(instrument.item_steps)[:, None] == numbers).astype(np.int64)
    return belongs


def _units(placed: pd.DataFrame, extra: pd.DataFrame | None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    keys = placed[["school", "wave"]].astype("str")
    known = keys if extra is None else pd.concat([keys, extra[["school", "wave"]].astype("str")])
    index = known.drop_duplicates().sort_values(["school", "wave"], ignore_index=True)
    position = pd.MultiIndex.from_frame(index).get_indexer(pd.MultiIndex.from_frame(keys))
    return index, position.astype(np.int64)


def _tally(values: NDArray[np.int64], place: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Count every answer, with a place for none that is cut off afterwards: no search for what is filled in."""
    _, _, items, answers = shape
    cell = (place[:, None] * items + np.arange(items)) * (answers + 1) + values + 1
    counts = np.bincount(cell.ravel(), minlength=int(np.prod(shape[:3])) * (answers + 1))
    return counts.reshape(*shape[:3], answers + 1)[..., 1:]


def _respondents(
    values: NDArray[np.int64], place: NDArray[np.int64], shape: tuple[int, ...], instrument: Instrument
) -> NDArray[np.int64]:
    steps = len(instrument.steps)
    answered = ((values >= 0).astype(float) @ step_matrix(instrument)) > 0
    cell = place[:, None] * steps + np.arange(steps)
    counts = np.bincount(cell[answered], minlength=shape[0] * shape[1] * steps)
    return counts.reshape(shape[0], shape[1], steps)
