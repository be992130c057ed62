"""The table of forms: its contract, a check, and counting answers.

One row per returned form: `school, wave, role, respondent, form`, then one column per item id with 0 (Nee), 1 (Beetje),
2 (Ja) or missing. A row whose school, wave or role is missing stays in the table and counts in no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import ResponsesError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, as_responses, explained
from toolkit.instrument.lookup import read_role, role_words
from toolkit.instrument.model import Instrument

AT_ONCE = 1_000
"""Schools × waves that are worked on at a time: bounds the memory, whatever their number."""

UNIT_COLUMNS = ["school", "wave"]
GROUP_COLUMNS = [*UNIT_COLUMNS, "role"]
PERSON_COLUMNS = [*GROUP_COLUMNS, "respondent"]
KEY_COLUMNS = [*PERSON_COLUMNS, "form"]
ACTION_COLUMNS = [*PERSON_COLUMNS, "step", "text"]


class HasResponses(Protocol):
    """What holds a table of forms, such as an `Intake`."""

    @property
    def responses(self) -> pd.DataFrame:
        """One row per form."""


@explained
def make_responses(
    rows: Iterable[Mapping[str, object]] | pd.DataFrame, instrument: Instrument | None = None
) -> pd.DataFrame:
    """Make a responses table of your own answers.

    Parameters
    ----------
    rows
        A dict per form, or a table with a row per form: `school, wave, role, respondent, form` and the item ids. What
        is absent is missing. A role is an id, or a word for it.
    instrument
        The built-in checklist where none is given.

    Raises
    ------
    ResponsesError
        A column is unknown, or see `check_responses`.

    Examples
    --------
    >>> table = make_responses([{"school": "99AA00", "wave": "2025-2026", "role": "leraar", "1.1": 2}])
    >>> table[["role", "1.1"]].to_dict("records")
    [{'role': 'teacher', '1.1': 2}]
    """
    checklist, text = as_checklist(instrument), load_text()
    dicts = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else list(rows)
    if not all(isinstance(row, Mapping) for row in dicts):
        raise ResponsesError(text.say("argument.rows"))
    names = [*KEY_COLUMNS, *checklist.item_ids]
    if unknown := sorted({str(name) for row in dicts for name in row} - set(names)):
        options = f"{checklist.item_ids[0]} … {checklist.item_ids[-1]}"
        raise ResponsesError(text.say("argument.columns", wanted=", ".join(unknown[:10]), options=options))
    return check_responses(pd.DataFrame([list(map(row.get, names)) for row in dicts], columns=names), checklist)


def check_responses(responses: pd.DataFrame | HasResponses, instrument: Instrument) -> pd.DataFrame:
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
        A column is missing or occurs twice, a role is unknown, or an answer is no value of the instrument.
    """
    columns, responses, text = [*KEY_COLUMNS, *instrument.item_ids], as_responses(responses), load_text()
    if missing := [column for column in columns if column not in responses.columns]:
        raise ResponsesError(text.say("argument.missing_columns", wanted=", ".join(missing[:10])))
    table = responses[columns].copy()
    if not table.columns.is_unique:
        raise ResponsesError(text.say("argument.two_columns"))
    for column in ("school", "wave", "respondent", "form"):
        table[column] = table[column].astype("str")
    table["role"] = pd.Categorical(_roles(table["role"], instrument), categories=instrument.role_ids)
    return table.assign(**{item: _answers(table[item], instrument) for item in instrument.item_ids})


def _roles(column: pd.Series, instrument: Instrument) -> pd.Series:
    """Role ids, also where a row has a word for one."""
    if (column == instrument.team.id).any():
        raise ResponsesError(load_text().say("argument.protected"))
    role_ids = {}
    for role in set(column.dropna().unique()) - set(instrument.role_ids):
        role_ids[role] = read_role(str(role), role_words(instrument))
        if role_ids[role] is None:
            options = ", ".join(instrument.role_ids)
            raise ResponsesError(load_text().say("argument.role", wanted=f'"{role}"', options=options))
    return (column.replace(role_ids) if role_ids else column).astype("str")


def _answers(column: pd.Series, instrument: Instrument) -> pd.Series:
    values = pd.to_numeric(column, errors="coerce")
    wrong = (values.isna() & column.notna()) | (values.notna() & ~values.isin([a.value for a in instrument.answers]))
    if wrong.any():
        examples = ", ".join(sorted({repr(value) for value in column[wrong]}))
        raise ResponsesError(load_text().say("argument.values", item=column.name, found=examples))
    return values.astype("Int8")


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
        The forms themselves, unit after unit: answers (forms, items) with -1 for missing, and the index of each form's
        unit and role.
    """

    units: pd.DataFrame
    roles: list[str]
    answers: NDArray[np.int64]
    respondents: NDArray[np.int64]
    forms: NDArray[np.int64]
    codes: NDArray[np.int8]
    form_unit: NDArray[np.int64]
    form_role: NDArray[np.int64]

    @property
    def per_item(self) -> NDArray[np.int64]:
        """Shape (units, roles, items): number of respondents who answered the item."""
        return np.asarray(self.answers.sum(axis=-1))

    def parts(self, size: int = AT_ONCE) -> Iterator[Counts]:
        """The same counts, some units at a time; at least one part."""
        for first in range(0, max(len(self.units), 1), size):
            units = slice(first, first + size)
            forms = slice(*np.searchsorted(self.form_unit, [first, first + size]))
            yield Counts(
                self.units[units].reset_index(drop=True),
                self.roles,
                self.answers[units],
                self.respondents[units],
                self.forms[units],
                self.codes[forms],
                self.form_unit[forms] - first,
                self.form_role[forms],
            )


def count_answers(responses: pd.DataFrame, instrument: Instrument, units: pd.DataFrame | None = None) -> Counts:
    """Count answers, vectorised over schools.

    Parameters
    ----------
    responses
        Rows without a school, wave or role are left out.
    units
        `school, wave` that must have a place also when nothing is left of them.
    """
    complete_rows = responses.dropna(subset=GROUP_COLUMNS)
    roles = instrument.shown_role_ids
    index, unit = _units(complete_rows, units)
    role = np.asarray(complete_rows["role"].astype(pd.CategoricalDtype(roles)).cat.codes, dtype=np.int64)
    if (role < 0).any():
        raise ResponsesError("responses: unknown role")
    order = np.argsort(unit, kind="stable")
    codes, unit, role = answer_matrix(complete_rows, instrument)[order], unit[order], role[order]
    shape = (len(index), len(roles), len(instrument.item_ids), len(instrument.answers))
    group = unit * len(roles) + role
    return Counts(
        units=index,
        roles=roles,
        answers=_tally(codes, group, shape),
        respondents=_respondents(codes, group, shape, instrument),
        forms=np.bincount(group, minlength=shape[0] * shape[1]).reshape(shape[:2]),
        codes=codes,
        form_unit=unit,
        form_role=role,
    )


def answer_matrix(responses: pd.DataFrame, instrument: Instrument) -> NDArray[np.int8]:
    """Return the answers as integers, forms × items, with -1 for a missing answer."""
    codes = np.empty((len(responses), len(instrument.item_ids)), dtype=np.int8, order="F")
    for column, item in enumerate(instrument.item_ids):
        codes[:, column] = _codes(responses[item])
    if codes.max(initial=0) >= len(instrument.answers) or codes.min(initial=0) < -1:
        raise ResponsesError("responses: an answer is not one of the instrument's values")
    return np.ascontiguousarray(codes)


def _codes(column: pd.Series) -> NDArray[np.int8]:
    if column.dtype == "Int8":  # as the contract has it: nothing to check, and no detour over floats
        return column.to_numpy(dtype=np.int8, na_value=-1)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    codes = np.where(np.isnan(values), -1, values)
    if not ((codes == np.round(codes)) & (np.abs(codes) < 100)).all():
        raise ResponsesError("responses: an answer is not one of the instrument's values")
    return codes.astype(np.int8)


def step_matrix(instrument: Instrument) -> NDArray[np.int64]:
    """Return which item belongs to which step, items × steps, as 0 and 1."""
    numbers = np.array([step.number for step in instrument.steps])
    return np.asarray((np.array(instrument.item_steps)[:, None] == numbers).astype(np.int64))


def _units(complete_rows: pd.DataFrame, extra: pd.DataFrame | None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Every school × wave there is, sorted, and which of them each form belongs to."""
    keys = [complete_rows[key].astype("str") for key in ("school", "wave")]
    if extra is not None:
        keys = [pd.concat([column, extra[column.name].astype("str")]) for column in keys]
    codes, names = zip(*(pd.factorize(column, sort=True) for column in keys), strict=True)
    pairs, unit = np.unique(codes[0] * max(len(names[1]), 1) + codes[1], return_inverse=True)
    school, wave = np.divmod(pairs, max(len(names[1]), 1))
    index = pd.DataFrame({"school": names[0].take(school), "wave": names[1].take(wave)})
    return index, unit[: len(complete_rows)].astype(np.int64)


def _tally(codes: NDArray[np.int8], group: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Count every answer, item after item, with a place for none that is cut off afterwards."""
    places, (items, answers) = shape[0] * shape[1], shape[2:]
    counts = np.empty((places, items, answers), dtype=np.int64)
    first = group * (answers + 1) + 1
    for item in range(items):
        tally = np.bincount(first + codes[:, item], minlength=places * (answers + 1))
        counts[:, item] = tally.reshape(places, answers + 1)[:, 1:]
    return counts.reshape(shape)


def _respondents(
    codes: NDArray[np.int8], group: NDArray[np.int64], shape: tuple[int, ...], instrument: Instrument
) -> NDArray[np.int64]:
    answered = codes >= 0
    steps = step_matrix(instrument).astype(bool)
    counts = [np.bincount(group[answered[:, items].any(axis=1)], minlength=shape[0] * shape[1]) for items in steps.T]
    return np.stack(counts, axis=1).reshape(shape[0], shape[1], len(counts))
