"""Make returned forms for tests: people, wholes of answers, and what was done to a form afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pandas as pd
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import toolkit as tk
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.keys import about_key, action_key, first_key, item_key
from toolkit.forms.template import Template, fill_form, open_template

SCHOOL, WAVE = "99AA00", "2025-2026"
PLACE = {"school": SCHOOL, "wave": WAVE, "role": "teacher"}


@cache
def template(
    language: str = "nl", school: str = SCHOOL, wave: str = WAVE, school_name: str = "De Test", priorities: bool = False
) -> Template:
    identity = {"school": school, "school_name": school_name, "wave": wave, "language": language}
    return open_template(form_bytes(tk.load_instrument(), **identity, priorities=priorities))


def all_answers(answer: str = "Ja") -> dict[str, str]:
    return dict.fromkeys(tk.load_instrument().item_ids, answer)


def filled(
    answers: Mapping[str, str],
    role: str = "Leraar",
    actions: Mapping[int, str] | None = None,
    first: Iterable[str] = (),
    **form: str,
) -> bytes:
    """A form with these words in its answer cells, and these items marked as the first to take up."""
    texts = {item_key(item): word for item, word in answers.items()} | {about_key("role"): role}
    texts |= {action_key(step): text for step, text in (actions or {}).items()}
    texts |= dict.fromkeys(map(first_key, first), "Eerst")
    return fill_form(template(**form, priorities=bool(first)), texts)


def edited(data: bytes, edit: Callable[[Worksheet], None]) -> bytes:
    """The form after somebody worked on its sheet with another program."""
    workbook, saved = load_workbook(io.BytesIO(data)), io.BytesIO()
    edit(workbook.worksheets[0])
    workbook.save(saved)
    return saved.getvalue()


def row_of(sheet: Worksheet, item: str) -> int:
    """The row in which an item's number stands."""
    return next(cell.row for (cell,) in sheet.iter_rows(min_col=2, max_col=2) if cell.value == item)


def people(role: str, *answers: int | None, item: str = "1.1", **identity: str) -> list[dict[str, object]]:
    """One form per answer, all to one item."""
    return [{**PLACE, **identity, "role": role, item: answer} for answer in answers]


def same_everywhere(role: str, answer: int | None, number: int = 1, **identity: str) -> list[dict[str, object]]:
    """So many forms with the same answer to every item."""
    answers = dict.fromkeys(tk.load_instrument().item_ids, answer)
    return [{**PLACE, **identity, "role": role, **answers} for _ in range(number)]


def table(*rows: list[dict[str, object]]) -> pd.DataFrame:
    return tk.make_responses([row for group in rows for row in group], tk.load_instrument())
