"""What must come of each file of a folder of real files; what is not so, in words."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import toolkit as tk
from toolkit.core.errors import RefusedError, ToolkitError
from toolkit.forms.personal_forms import write_forms
from toolkit.spreadsheets.reader import cell_name, read_workbook

CHECKLIST = tk.load_instrument()
ITEMS = CHECKLIST.item_ids
PLACE = ("99AA00", "2025-2026", "teacher")


def read_alone(path: Path) -> tk.Intake:
    """Read a file as the only one in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(path, Path(folder, path.name))
        return tk.read_folder(folder, CHECKLIST, progress=False, cache=False)


def planted(respondent: int = 0) -> list[int]:
    """The answers that were planted: those of a form are the ones of respondent 0."""
    return [(item + respondent) % 3 for item in range(len(ITEMS))]


def answers(intake: tk.Intake) -> list[list[int | None]]:
    table = intake.responses[ITEMS].astype("object").where(intake.responses[ITEMS].notna(), None)
    return [[None if value is None else int(value) for value in row] for row in table.to_numpy().tolist()]


def is_form(path: Path, *codes: str) -> Iterator[str]:
    """One form with all 33 answers, and no other problem than these."""
    intake = read_alone(path)
    if answers(intake) != [planted()]:
        yield f"answers {answers(intake)}"
    if other_codes := set(intake.problems["code"]) - set(codes):
        yield f"problems {sorted(other_codes)}"


def is_refused(path: Path, *phrases: str, never: str = "") -> Iterator[str]:
    intake = read_alone(path)
    message = " ".join(intake.problems["message"])
    if intake.counts()["refused"] != 1 or len(intake.responses):
        yield f"not refused: {intake}"
    yield from (f"does not say {word!r}: {message}" for word in phrases if word not in message.lower())
    if never and never in message.lower():
        yield f"says {never!r}: {message}"


def is_read_or_refused_once(path: Path) -> Iterator[str]:
    intake = read_alone(path)
    if answers(intake) not in ([], [planted()]) or (not len(intake.responses) and len(intake.problems) != 1):
        yield f"{intake}, problems {intake.problems['code'].tolist()}"


def is_export(
    path: Path, respondents: int = 6, codes: tuple[str, ...] = (), school: str | None = PLACE[0], **defaults: str
) -> Iterator[str]:
    """An export, by `read_export` and in a folder."""
    for way, intake in (
        ("read_export", tk.read_export(path, CHECKLIST, progress=False, **defaults)),
        ("folder", read_alone(path)),
    ):
        if answers(intake) != [planted(number) for number in range(respondents)]:
            yield f"{way}: answers of {len(intake.responses)}: {intake.problems['message'].tolist()[:3]}"
        if school and set(intake.responses["school"]) != {school}:
            yield f"{way}: schools {set(intake.responses['school'])}"
        expected_codes = set(codes)
        if set(intake.problems["code"]) != expected_codes:
            yield f"{way}: problems {intake.problems['code'].tolist()}"


def q3_to_q7(path: Path) -> Iterator[str]:
    for intake in (tk.read_export(path, CHECKLIST, progress=False), read_alone(path)):
        wrong = [row for number, row in enumerate(answers(intake)) if row not in (planted(number), [None] * 33)]
        if wrong or len(intake.problems) > 5:
            yield f"{len(wrong)} wrong, {len(intake.problems)} messages"
    columns = {f"Q{int(item[0]) + 2}_{item[2:]}": item for item in ITEMS}
    if answers(tk.read_export(path, CHECKLIST, columns=columns)) != [planted(number) for number in range(6)]:
        yield "not read with a mapping"


def register(path: Path) -> Iterator[str]:
    table = tk.read_register(path)
    if table.loc[0, ["school", "municipality"]].tolist() != ["99AA00", "Rotterdam"]:
        yield str(table.to_dict("records"))


def with_total(path: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forms = write_forms(Path(folder, "out"), CHECKLIST, path, wave="2025-2026", progress=False)
    if set(forms["school"]) != {"99AA00"}:
        yield f"forms for {set(forms['school'])}"
    if not any("Totaal" in str(warning.message) for warning in caught):
        yield "not a word of the total"


def school_names(path: Path) -> Iterator[str]:
    intake = tk.read_folder(path, CHECKLIST, progress=False, cache=False)
    if intake.responses["school"].nunique() > 2 or len(intake.responses) != 8:
        yield f"schools {set(intake.responses['school'])}"
    if intake.problems["code"].tolist().count("similar_schools") != 1:
        yield f"problems {intake.problems['code'].tolist()}"


def export_among_forms(path: Path) -> Iterator[str]:
    intake = tk.read_folder(path, CHECKLIST, progress=False, cache=False)
    if len(intake.responses) != 6 or set(intake.responses["school"]) != {"99AA00"} or len(intake.problems) > 1:
        yield f"{len(intake.responses)} of {set(intake.responses['school'])}, {intake.problems['code'].tolist()}"


def icloud(path: Path) -> Iterator[str]:
    intake = tk.read_folder(path, CHECKLIST, progress=False, cache=False)
    status = dict(zip(intake.files["file"], intake.files["status"], strict=True))
    if status.get("~formulier-03.xlsx") not in ("read", "read-with-problems", "duplicate"):
        yield f"~formulier is {status}"
    if "nog niet gedownload" not in " ".join(intake.problems["message"]):
        yield f"messages {intake.problems['message'].tolist()}"
    if not any(name.startswith("formulieren.zip/") for name in status):
        yield f"zip: {status}"


def has(
    cells: Mapping[str, object], names: Mapping[str, str] | None = None, *, refusable: bool = False
) -> Callable[[Path], Iterator[str]]:
    """Expect the filled cells of a first sheet and the workbook's names, or a refusal."""

    def check(path: Path) -> Iterator[str]:
        try:
            book = read_workbook(path.read_bytes())
        except RefusedError:
            yield from () if refusable else ("refused",)
            return
        sheet = book.sheets[0]
        if (cells_read := {cell_name(at): value for at, value in sheet.cells.items()}) != cells:
            yield f"cells {str(cells_read)[:200]}"
        if (
            names is not None
            and (cells_read := {name: f"{on}!{cell_name(at)}" for name, (on, at) in book.names.items()}) != names
        ):
            yield f"names {cells_read}"

    return check


def is_no_workbook(path: Path) -> Iterator[str]:
    """Refused by every door, and nothing of it is read."""
    try:
        yield f"read: {read_workbook(path.read_bytes())}"
    except RefusedError:
        yield from is_refused(path)
    if tk.read_export(path, CHECKLIST).counts()["refused"] != 1:
        yield "read_export reads it"
    with contextlib.suppress(ToolkitError):
        yield f"read_actions reads it: {tk.read_actions(path, CHECKLIST)}"


EXPECTED: dict[str, Callable[[Path], Iterator[str]]] = {
    "form_blank_shared_cell.xlsx": is_form,
    "form_lowercase_refs.xlsx": is_read_or_refused_once,
    "form_inline_text_and_value.xlsx": is_form,
    "form_backslash_names.xlsx": is_form,
    "form_sst_zero_count.xls": is_form,
    "form_rights_managed.xlsx": lambda path: is_refused(path, "label", never="met een wachtwoord beveiligd"),
    "form_action_plan_sheet.xlsx": is_form,
    "folder_icloud": icloud,
    "folder_school_names": school_names,
    "folder_export_among_forms": export_among_forms,
    "export_q3_to_q7.csv": q3_to_q7,
    "export_qualtrics_three_rows.csv": lambda path: is_export(path, codes=("no_wave",)),
    "export_numbered_titles.csv": lambda path: is_export(path, codes=("no_wave",)),
    "export_natural_titles.csv": is_export,
    "export_section_per_role.csv": is_export,
    "export_school_with_name.csv": is_export,
    "export_google.csv.zip": is_export,
    "export_answer_codes.csv": lambda path: is_refused(path, "exporteer"),
    "export_filtered_in_excel.xlsx": lambda path: is_export(path, codes=("hidden_rows",), school=None),
    "register_trailing_semicolon.csv": register,
    "register_heading_broken.csv": register,
    "register_brin_code.xlsx": register,
    "scholen_with_total.xlsx": with_total,
    "01_shared_without_value.xlsx": has({"A1": "Ja", "C1": "Nee"}),
    "02_lower_case_references.xlsx": has({"A1": "Ja", "D1": "Nee"}, refusable=True),
    "05_unknown_encoding.xlsx": is_no_workbook,
    "06_inline_beside_value.xlsx": has({"A1": "1."}),
    "08_local_name_after_global.xlsx": has({"A1": "Ja", "C1": "Nee"}, {"item": "s1!C1"}),
    "09_shape_in_cell.ods": has({"B1": "Ja"}),
    "11_ruby.ods": has({"A1": "東京"}),
    "12_cut_off.xls": is_no_workbook,
    "13_formula_text_over_two_records.xls": has({"A1": "x" * 8_000 + "y" * 1_000}, refusable=True),
    "15_continue_of_one_byte.xls": has({"A1": "Ja"}),
    "17_formula_of_no_text.xls": has({}),
}


def failures(*folders: Path) -> dict[str, list[str]]:
    """What is not as expected of the files in folders, of those without an expectation, and of those missing."""
    met = {path.name: path for folder in folders for path in sorted(folder.iterdir())}
    wrong = {name: ["no expectation"] for name in met.keys() - EXPECTED.keys()}
    for name, expected in EXPECTED.items():
        faults = list(expected(met[name])) if name in met else ["is not there"]
        if faults:
            wrong[name] = faults
    return dict(sorted(wrong.items()))
