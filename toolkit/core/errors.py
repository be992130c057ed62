"""What can go wrong: exceptions for programmers, problems for people.

A missing folder or a table without the right columns is an exception. Two crosses in a cell is a `Problem`: it is
collected, counted and shown to the person who can fix it.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ToolkitError(Exception):
    """Parent of every exception this package raises itself."""

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython shows instead of a traceback, which stays reachable with `import traceback`."""
        return [f"{type(self).__name__}: {self}"]


class InstrumentError(ToolkitError, ValueError):
    """An instrument file is incomplete or contradicts itself; the message names the place."""


class ResponsesError(ToolkitError, ValueError):
    """A table does not hold to the contract of `toolkit.responses`."""


class FolderError(ToolkitError, OSError):
    """A folder that was to be read is not there, or is not a folder."""


class UnprotectedError(ToolkitError, ValueError):
    """A table that did not come through `toolkit.privacy.protect` was offered to be shown."""


class SelectionError(ToolkitError, KeyError):
    """A school, school year or role was asked for that the table does not have."""

    __str__ = Exception.__str__  # a KeyError has quotes around it


class UnknownNameError(ToolkitError, AttributeError):
    """A name that the package does not have; the message names the public ones that resemble it."""

    def __init__(self, name: str, public: Sequence[str]) -> None:
        ends = {one.rpartition(".")[2]: one for one in public}
        close = [ends[end] for end in difflib.get_close_matches(name.rpartition(".")[2], ends, 3, 0.5)]
        hint = " of ".join(f"tk.{one}" for one in close)
        advice = f"Bedoelt u {hint}?" if close else "Typ tk. en druk op Tab: dan ziet u wat er is."
        super().__init__(f"tk.{name} is er niet. {advice}")


class RegisterWarning(UserWarning):
    """Something in a list of schools that is no school was left out."""


class RefusedError(ToolkitError):
    """A file can't be read as a form; carries the `Problem` that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class ProblemCode(StrEnum):
    """Every kind of `Problem`; its sentence for people is `problem.<code>` in the locale files."""

    ALREADY_READ = "already_read"
    ANSWERED_TWICE = "answered_twice"
    ANSWERS_DECODED = "answers_decoded"
    ANSWER_CODES = "answer_codes"
    ANSWERS_SHIFTED = "answers_shifted"
    ANSWER_MOVED = "answer_moved"
    BESIDE = "beside"
    BINARY_WORKBOOK = "binary_workbook"
    BROKEN_ARCHIVE = "broken_archive"
    BROKEN_OFF = "broken_off"
    BY_KEY_ONLY = "by_key_only"
    BY_NAME_ONLY = "by_name_only"
    CELL_TWICE = "cell_twice"
    CHANGED_STATEMENT = "changed_statement"
    CLASS_LIST = "class_list"
    COLUMN_PER_ANSWER = "column_per_answer"
    CONTRADICTION = "contradiction"
    DATA_FILE = "data_file"
    DOUBLE_ANSWERS = "double_answers"
    DOUBLE_ROW = "double_row"
    EMPTY_ARCHIVE = "empty_archive"
    EMPTY_FILE = "empty_file"
    FORMULA = "formula"
    FORMULA_IN_TEXT = "formula_in_text"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    GOOGLE_SHORTCUT = "google_shortcut"
    HIDDEN_ROWS = "hidden_rows"
    INCOMPLETE = "incomplete"
    ITEM_NOT_FOUND = "item_not_found"
    KEY_DIFFERS = "key_differs"
    LARGE_ARCHIVE = "large_archive"
    LONG_SCHOOL = "long_school"
    LOOKS_LIKE_BSN = "looks_like_bsn"
    LOOKS_LIKE_EMAIL = "looks_like_email"
    LOOKS_LIKE_PHONE = "looks_like_phone"
    MACRO_IGNORED = "macro_ignored"
    MAIL_FILE = "mail_file"
    MERGED_ANSWER = "merged_answer"
    MORE_PROBLEMS = "more_problems"
    MOVED_TOGETHER = "moved_together"
    NESTED_ARCHIVE = "nested_archive"
    NOT_AN_EXPORT = "not_an_export"
    NOT_A_FORM = "not_a_form"
    NOT_A_WORKBOOK = "not_a_workbook"
    NOT_DOWNLOADED = "not_downloaded"
    NOT_REGULAR = "not_regular"
    NO_ACTION_TEXT = "no_action_text"
    NO_RESPONDENT = "no_respondent"
    NO_ROLE = "no_role"
    NO_SCHOOL = "no_school"
    NO_STATEMENT = "no_statement"
    NO_WAVE = "no_wave"
    NOTES_NOT_READ = "notes_not_read"
    NUMBERS_FILE = "numbers_file"
    ODD_PACKAGE = "odd_package"
    ODD_SCHOOL_CODE = "odd_school_code"
    OTHER_ANSWERS = "other_answers"
    OTHER_ARCHIVE = "other_archive"
    OTHER_INSTRUMENT = "other_instrument"
    OTHER_VERSION = "other_version"
    OTHER_YEAR = "other_year"
    OUTSIDE_TABLE = "outside_table"
    OWN_EXPORT = "own_export"
    PASSWORD = "password"
    PDF_FILE = "pdf_file"
    PICTURE_FILE = "picture_file"
    POINT_ROLE = "point_role"
    POINT_STEP = "point_step"
    PUPILS_BESIDE = "pupils_beside"
    QUESTION_NUMBERS = "question_numbers"
    RIGHTS_MANAGED = "rights_managed"
    ROW_WIDTH = "row_width"
    SAID_TWICE = "said_twice"
    SAME_ANSWERS = "same_answers"
    SAME_MOMENT = "same_moment"
    SAME_ROW = "same_row"
    SCHOOL_DIFFERS = "school_differs"
    SEVERAL_FIRST = "several_first"
    SIMILAR_SCHOOLS = "similar_schools"
    SECOND_TABLE = "second_table"
    STATEMENTS_IN_ROWS = "statements_in_rows"
    STRAY_ANSWER = "stray_answer"
    STRAY_TEXT = "stray_text"
    TEXT_CUT = "text_cut"
    TOO_LARGE = "too_large"
    TOO_LARGE_EXPORT = "too_large_export"
    TWO_FORMS = "two_forms"
    UNCLEAR_ANSWER = "unclear_answer"
    UNKNOWN_ITEM = "unknown_item"
    UNKNOWN_POINT = "unknown_point"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_SCHOOL = "unknown_school"
    UNKNOWN_STEP = "unknown_step"
    UNKNOWN_WAVE = "unknown_wave"
    UNMATCHED_COLUMN = "unmatched_column"
    UNREADABLE = "unreadable"
    UNREAD_SHEET = "unread_sheet"
    UNSUPPORTED = "unsupported"
    WAVE_DIFFERS = "wave_differs"


class MissingReason(StrEnum):
    """Why a value is missing, as it is written in the columns `reason` and `why`.

    A role without a form has a reason of its own: see `no_role`.
    """

    CENSUS = "census"
    DERIVABLE = "derivable"
    ITEM_OF_DIRECTORS = "item of directors"
    MORE_THAN_INVITED = "more than invited"
    NO_ANSWERS = "no answers"
    NO_DISAGREEMENT_EXPECTED = "no disagreement expected"
    NO_ITEMS_ABOUT_THIS_ROLE = "no items about this role"
    NO_SHARED_ITEMS = "no shared items"
    NO_SPREAD = "no spread"
    NOT_KNOWN = "not known"
    SHOWN_AS_TEAM = "shown as team"
    TOO_FEW_ANSWERS = "too few answers"
    TOO_FEW_ITEMS = "too few items"
    TOO_FEW_RESPONDENTS = "too few respondents"
    TOO_FEW_SCHOOLS = "too few schools"


def no_role(role: str) -> str:
    """Missing reason for a role without a form, such as `no director`."""
    return f"no {role}"


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
        The content of the cell, as text.
    """

    code: ProblemCode
    sheet: str = ""
    cell: str = ""
    item: str = ""
    found: str = ""
