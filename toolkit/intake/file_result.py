"""What became of one file: a form, or why there is none; held in little room, since a cohort has 200,000."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from toolkit.core.errors import Problem
from toolkit.forms.form_reader import Form

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file."""

    file: str
    status: str
    digest: str = ""
    form: Form | None = None
    problem: Problem | None = None
    detail: tuple[str, str] = ("", "")
    noted: Problem | None = None
    said: tuple[Problem, ...] = ()


def file_result_of(file: str, digest: str, form: Form) -> FileResult:
    """What became of a file of which a form was read."""
    return FileResult(file, "read-with-problems" if form.problems else "read", digest, form)


class FormCompactor:
    """Makes forms take less room, since all of a folder's are held at once: a cohort has 200,000."""

    def __init__(self, items: tuple[str, ...]) -> None:
        self._items, self._blanks = items, (_BLANK,) * len(items)
        self._same = _same()

    def __call__(self, outcome: FileResult) -> FileResult:
        """Return the same, in less room."""
        if outcome.form is None:
            return outcome
        form, same = outcome.form, self._same
        answers = _Answers(self._items, bytes(map(form.answers.get, self._items, self._blanks)))
        small = Form(
            same(form.school),
            same(form.school_name),
            same(form.wave),
            same(form.role),
            same(form.form),
            form.form_id,
            form.modified,
            answers,
            form.actions,
            form.problems,
            form.first,
        )
        return FileResult(outcome.file, outcome.status, outcome.digest, small)


def _same() -> Callable[[_T], _T]:
    """Give the same text for equal texts: one of each is kept."""
    known: dict[Any, Any] = {}

    def one(text: _T) -> _T:
        return cast(_T, known.setdefault(text, text))

    return one


_BLANK = 255


@dataclass(frozen=True, slots=True)
class _Answers(Mapping[str, int]):
    """Answers by item in a byte each; a dict takes ten times the room."""

    all_items: tuple[str, ...]
    values_or_blank: bytes

    def __getitem__(self, item: str) -> int:
        return self._given()[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given())

    def __len__(self) -> int:
        return len(self.all_items) - self.values_or_blank.count(_BLANK)

    def items(self) -> ItemsView[str, int]:
        return self._given().items()

    def _given(self) -> dict[str, int]:
        both = zip(self.all_items, self.values_or_blank, strict=True)
        return {item: value for item, value in both if value != _BLANK}
