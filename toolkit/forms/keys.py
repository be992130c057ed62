"""How our own form is laid out: the keys and places that its writer and its reader share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

META_SHEET = "_meta"
KEY, NUMBER, STATEMENT, ANSWER, FIRST = 1, 2, 3, 4, 5
"""Columns of the blank form. A returned form is never trusted to have them still."""

IDENTITY = ("school", "wave", "role")
"""What a form asks of the respondent besides the answers."""

TEAM_SIZE = "team_size"
"""Key of the hidden team size on a personal form: the number of forms per role."""

_ITEM_KEY = re.compile(r"item_(\d+)_(\d+)")


@lru_cache(512)
def item_key(item_id: str) -> str:
    """Key in an item's row, and the name of its answer cell: `item_1_1` for item 1.1."""
    return f"item_{item_id.replace('.', '_')}"


@lru_cache(512)
def item_of_key(key: str) -> str | None:
    """Return the item id behind a key, or None where the text is no such key."""
    match = _ITEM_KEY.fullmatch(key)
    return f"{match[1]}.{match[2]}" if match else None


def action_key(step: int) -> str:
    """Return the hidden key and defined name of a step's room for action points."""
    return f"action_{step}"


def first_key(item_id: str) -> str:
    """Return the defined name of the cell in which a form asks whether an item comes first."""
    return f"first_{item_id.replace('.', '_')}"


def about_key(name: str) -> str:
    """Return the hidden key and defined name of one of `IDENTITY`."""
    return f"about_{name}"


def write_team_size(forms: Mapping[str, int]) -> str:
    """Return the hidden text with the number of people per role; empty without roles.

    Examples
    --------
    >>> write_team_size({"director": 1, "teacher": 18})
    'director=1;teacher=18'
    """
    return ";".join(f"{role}={count}" for role, count in forms.items() if role and count)


def read_team_size(text: str, roles: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return the number of people per role; other texts are left out.

    Examples
    --------
    >>> read_team_size("director=1;teacher=18;cook=2", ["director", "teacher"])
    (('director', 1), ('teacher', 18))
    """
    pairs = re.findall(r"(\w+)=([1-9]\d{0,3})(?!\d)", text[:200])
    return tuple((role, int(count)) for role, count in pairs if role in roles)


def tick_boxes(answers: Sequence[str]) -> str:
    """Return what an answer cell holds before it is filled in: boxes to tick on paper.

    Examples
    --------
    >>> tick_boxes(["Ja", "Beetje", "Nee"])
    '☐ Ja   ☐ Beetje   ☐ Nee'
    """
    return "   ".join(f"☐ {answer}" for answer in answers)
