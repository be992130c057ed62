"""What can go wrong: exceptions for programmers, problems for people.

A missing folder or a table without the right columns is an exception. Two crosses in a cell is a `Problem`: it is
collected, counted and shown to the person who can mend it.
"""

from __future__ import annotations

from dataclasses import dataclass


class ToolkitError(Exception):
    """Parent of every exception this package raises itself."""


class InstrumentError(ToolkitError, ValueError):
    """An instrument file is incomplete or contradicts itself; the message names the place in the file."""


class ResponsesError(ToolkitError, ValueError):
    """A table does not hold to the contract of `toolkit.responses`."""


class FolderError(ToolkitError, OSError):
    """A folder that was to be read is not there, or is not a folder."""


class UnprotectedError(ToolkitError, ValueError):
    """A table that did not come through `toolkit.privacy.protect` was offered to something that people see."""


class SelectionError(ToolkitError, LookupError):
    """A school, school year or role was asked for that the table does not have."""


class RefusedError(ToolkitError):
    """A file can't be read as a form; carries the `Problem` that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing a person should look at in a returned form.

    Attributes
    ----------
    code
        Which kind of problem; the sentence for people is `problem.<code>` in the locale files.
    sheet, cell, item
        Where it is; empty where that does not apply.
    found
        What stands there, as text.
    """

    code: str
    sheet: str = ""
    cell: str = ""
    item: str = ""
    found: str = ""
