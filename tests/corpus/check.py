"""Try a case: read it, and say what is not as expected."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import toolkit as tk
from tests.corpus.binary_builders import ACTIONS, CHECKLIST, ITEMS, MIXED
from tests.corpus.cases import Case


def failures(case: Case, folder: Path) -> list[str]:
    """Make the case in an empty folder and read it; what is not as it must be, in words."""
    case.make(folder)
    return read_failures(case, folder)


def read_failures(case: Case, folder: Path) -> list[str]:
    intake = tk.read_folder(folder, CHECKLIST, progress=False, cache=False)
    wrong = [] if sum(intake.counts().values()) == len(intake.files) else ["files don't add up"]
    status = dict(zip(intake.files["file"], intake.files["status"], strict=True)).get(case.file)
    if status not in case.status:
        return [*wrong, f"is {status}: {'; '.join(intake.problems['message'])}"]
    wrong += [f"no problem {code}" for code in case.codes - set(intake.problems["code"])]
    wrong += ["broken off: an error of ours"] if "broken_off" in set(intake.problems["code"]) else []
    if status in ("read", "read-with-problems"):
        wrong += _answers(case, intake) + _actions(case, intake)
    return wrong


def _answers(case: Case, intake: tk.Intake) -> list[str]:
    if len(intake.responses) != 1:
        return [f"{len(intake.responses)} forms"]
    row = intake.responses.iloc[0]
    expected = {**MIXED, **case.otherwise}
    items_reported = set(intake.problems["item"].dropna())
    metadata = {name: None if pd.isna(row[name]) else row[name] for name in case.place}
    wrong = [] if metadata == case.place else [f"place: {metadata}"]
    for item in ITEMS:
        answer = None if pd.isna(row[item]) else int(row[item])
        expected_answer = None if item in case.missing | case.blank else expected[item]
        if answer != expected_answer:
            wrong.append(f"{item} is {answer}, not {expected_answer}")
        if item in case.missing and item not in items_reported:
            wrong.append(f"{item} is missing without a word")
    return wrong


def _actions(case: Case, intake: tk.Intake) -> list[str]:
    expected = ACTIONS if case.actions is None else case.actions
    actions = dict(zip(intake.actions["step"], intake.actions["text"], strict=True))
    if case.no_actions:
        return [f"actions: {str(actions)[:200]}"] if actions else []
    return [] if actions == expected or not expected else [f"actions: {str(actions)[:200]}"]
