"""What became of one file: a form, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from toolkit.core.errors import Problem
from toolkit.forms.form import Form

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file, or of one respondent in an export.

    Attributes
    ----------
    file
        Its name as shown, from the folder; of a member of a zip `name.zip/member`.
    digest
        The same for the same bytes, or for the same row of an export.
    problem
        Why it was refused.
    detail
        Key of the words that explain the status, and the file they name.
    file_problems
        Problems of the complete file, such as columns of an export that are not read.
    duplicate_warning
        That it may be a copy of another form.
    kind
        `form`; `respondent` for a row of an export, `export` for the file of these rows.
    """

    file: str
    status: str
    digest: str = ""
    form: Form | None = None
    problem: Problem | None = None
    detail: tuple[str, str] = ("", "")
    duplicate_warning: Problem | None = None
    file_problems: tuple[Problem, ...] = ()
    kind: str = "form"

    @property
    def problems(self) -> list[Problem]:
        """Everything there is to report of it."""
        problems = [self.problem] if self.problem else self.form.problems if self.form else []
        return [*problems, *self.file_problems, *([self.duplicate_warning] if self.duplicate_warning else [])]

    @property
    def source(self) -> str:
        """For whom its messages are: `form` or `export`."""
        return "form" if self.kind == "form" else "export"


def result_of_form(file: str, digest: str, form: Form, kind: str = "form") -> FileResult:
    """Return the result of a file, or row, that was read as a form."""
    return FileResult(file, "read-with-problems" if form.problems else "read", digest, form, kind=kind)


class FormCompactor:
    """Makes forms take less memory, since all forms of a folder are held at once."""

    def __init__(self, items: tuple[str, ...]) -> None:
        self._items, self._blanks = items, (_BLANK,) * len(items)
        self._shared = _share()

    def __call__(self, result: FileResult) -> FileResult:
        """Return the same result in less memory."""
        if result.form is None:
            return result
        form, shared = result.form, self._shared
        answers = _Answers(self._items, bytes(map(form.answers.get, self._items, self._blanks)))
        compact = Form(
            shared(form.school),
            shared(form.school_name),
            shared(form.wave),
            shared(form.role),
            shared(form.form),
            form.form_id,
            form.modified,
            answers,
            form.actions,
            form.problems,
            form.first,
            shared(form.team_size),
            shared(form.typed_name),
        )
        return FileResult(result.file, result.status, result.digest, compact, kind=result.kind)


def _share() -> Callable[[_T], _T]:
    """Return a function that gives one object for equal texts."""
    cache: dict[Any, Any] = {}

    def share(text: _T) -> _T:
        return cast(_T, cache.setdefault(text, text))

    return share


_BLANK = 255


@dataclass(frozen=True, slots=True)
class _Answers(Mapping[str, int]):
    """Answers by item in a byte each; a dict takes ten times the memory."""

    all_items: tuple[str, ...]
    values_or_blank: bytes

    def __getitem__(self, item: str) -> int:
        return self._as_dict()[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._as_dict())

    def __len__(self) -> int:
        return len(self.all_items) - self.values_or_blank.count(_BLANK)

    def items(self) -> ItemsView[str, int]:
        return self._as_dict().items()

    def _as_dict(self) -> dict[str, int]:
        pairs = zip(self.all_items, self.values_or_blank, strict=True)
        return {item: value for item, value in pairs if value != _BLANK}
