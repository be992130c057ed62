"""The contents of one returned form, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from toolkit.core.errors import Problem


@dataclass(frozen=True, slots=True)
class Form:
    """The contents of one returned form.

    Attributes
    ----------
    school, wave, role
        None where the form does not have them, or has something else in their place.
    answers
        Value per item id, only for items with a usable answer.
    actions
        (step number, text), only where something was written.
    first
        The items marked as the one to take up first, at most one per step.
    form_id
        Set on a personal form only; blanks that a complete team fills in have none.
    typed_name
        What was typed with the school's code, to recognise the school where only that was typed. Never shown.
    team_size
        (role, how many people got a form), for each role; on a personal form of a school of which that was known.
    """

    school: str | None
    school_name: str
    wave: str | None
    role: str | None
    form: str
    form_id: str
    modified: datetime | None
    answers: Mapping[str, int]
    actions: list[tuple[int, str]]
    problems: list[Problem]
    first: tuple[str, ...] = ()
    team_size: tuple[tuple[str, int], ...] = ()
    typed_name: str = ""
