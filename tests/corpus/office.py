"""The cases that a real LibreOffice makes: saved in its formats, and worked in by hand as people do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.corpus.binary_builders import MIXED, WORDS, form, place_of
from tests.corpus.cases import PROBLEMS, READ, REFUSED, Case

WORKER = Path(__file__).with_name("libreoffice_worker.py")
XLSX, XLS, ODS = "Calc MS Excel 2007 XML", "MS Excel 97", "calc8"
FIRST = int(place_of("1.1")[1:])
_OTHER = WORDS[(MIXED["2.4"] + 1) % 3]
END = 120


def _case(what: str, file: str, *status: str, **expected: object) -> Case:
    return Case("office", what, lambda folder: None, status, file, **expected)  # type: ignore[arg-type]


JOBS: list[tuple[Case, dict[str, object]]] = [
    (_case("saved as xlsx", "a.xlsx", READ), {"filter": XLSX}),
    (_case("saved as ods", "a.ods", READ), {"filter": ODS}),
    (_case("saved as xls", "a.xls", READ), {"filter": XLS}),
    (_case("saved as xlsm", "a.xlsm", READ), {"filter": "Calc MS Excel 2007 VBA XML"}),
    (_case("saved as flat ods", "a.fods", REFUSED), {"filter": "OpenDocument Spreadsheet Flat XML"}),
    (_case("ods with a password", "a.ods", REFUSED, codes=frozenset({"password"})), {"filter": ODS, "password": "geheim"}),
    (_case("xlsx with a password", "a.xlsx", REFUSED, codes=frozenset({"password"})), {"filter": XLSX, "password": "geheim"}),
    (_case("two rows inserted above the first item", "a.xlsx", READ), {"filter": XLSX, "do": [["insert_rows", FIRST, 2]]}),
    (_case("two rows inserted, as ods", "a.ods", READ), {"filter": ODS, "do": [["insert_rows", FIRST, 2]]}),
    (_case("a column inserted before the answers", "a.xlsx", READ), {"filter": XLSX, "do": [["insert_columns", 4, 1]]}),
    (_case("sheet renamed", "a.ods", READ), {"filter": ODS, "do": [["rename", "Juf Anna – ingevuld"]]}),
    (_case("first row moved below the form", "a.xlsx", READ, PROBLEMS), {"filter": XLSX, "do": [["move_row", FIRST, END]]}),
    (_case("first row moved below the form, as xls", "a.xls", READ, PROBLEMS), {"filter": XLS, "do": [["move_row", FIRST, END]]}),
    (_case("a formula as answer", "a.xlsx", PROBLEMS, otherwise={"2.4": 2}, codes=frozenset({"formula"})), {"filter": XLSX, "formulas": {place_of("2.4"): '=IF(1;"Ja";"Nee")'}}),
    (_case("a formula as answer, as ods", "a.ods", PROBLEMS, otherwise={"2.4": 2}, codes=frozenset({"formula"})), {"filter": ODS, "formulas": {place_of("2.4"): '=IF(1;"Ja";"Nee")'}}),
    (_case("a formula as answer, as xls", "a.xls", PROBLEMS, otherwise={"2.4": 2}, codes=frozenset({"formula"})), {"filter": XLS, "formulas": {place_of("2.4"): '=IF(1;"Ja";"Nee")'}}),
    (_case("unclear and clear words, as ods", "a.ods", PROBLEMS, otherwise={"2.3": 1}, missing=frozenset({"2.4"})), {"filter": ODS, "cells": {place_of("2.3"): "een béétje", place_of("2.4"): "soms"}}),
    (_case("unclear and clear words, as xls", "a.xls", PROBLEMS, otherwise={"2.3": 1}, missing=frozenset({"2.4"})), {"filter": XLS, "cells": {place_of("2.3"): "een béétje", place_of("2.4"): "soms"}}),
    (_case("a number as answer, as xls", "a.xls", PROBLEMS, missing=frozenset({"2.4"})), {"filter": XLS, "numbers": {place_of("2.4"): 1.5}}),
    (_case("a number as answer, as ods", "a.ods", PROBLEMS, missing=frozenset({"2.4"})), {"filter": ODS, "numbers": {place_of("2.4"): 1.0}}),
    (_case("row copied with another answer, as ods", "a.ods", PROBLEMS, missing=frozenset({"2.4"}), codes=frozenset({"double_answers"})), {"filter": ODS, "do": [["copy_row", int(place_of("2.4")[1:]), END]], "cells": {f"D{END}": _OTHER}}),
    (_case("an answer cut and pasted on the next", "a.xlsx", PROBLEMS, otherwise={"2.5": MIXED["2.4"]}, blank=frozenset({"2.4"}), codes=frozenset({"answer_moved"})), {"filter": XLSX, "do": [["move_cell", place_of("2.4"), place_of("2.5")]]}),
    (_case("xls with a password", "a.xls", REFUSED, codes=frozenset({"password"})), {"filter": XLS, "password": "geheim"}),
]  # fmt: skip

GNUMERIC = [
    (_case("saved by gnumeric as Excel 95", "a.xls", READ), "Gnumeric_Excel:excel_biff7"),
    (_case("saved by gnumeric as Excel 97 and 95 in one file", "a.xls", READ), "Gnumeric_Excel:excel_dsf"),
    (_case("saved by gnumeric as ods", "a.ods", READ), "Gnumeric_OpenCalc:odf"),
    (_case("saved by gnumeric as xlsx", "a.xlsx", READ), "Gnumeric_Excel:xlsx2"),
]
"""LibreOffice no longer writes the format of Excel 95; gnumeric does."""


def office_cases(root: Path) -> list[tuple[Case, Path]]:
    """Make all of them; a message names what is not installed."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    python, ssconvert = uno_python(), shutil.which("ssconvert")
    made = []
    if soffice is None or python is None:
        print("LibreOffice is not installed: its cases are left out", file=sys.stderr)
    else:
        made += make_office_cases(soffice, python, root)
    if ssconvert is None:
        print("gnumeric is not installed: its cases are left out", file=sys.stderr)
    else:
        made += make_gnumeric_cases(ssconvert, root.with_name("gnumeric"))
    return made


def uno_python() -> str | None:
    """A Python that can talk to LibreOffice: the system's own, where its package is installed."""
    for python in ("/usr/bin/python3", sys.executable):
        try:
            if subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


def make_office_cases(soffice: str, python: str, root: Path) -> list[tuple[Case, Path]]:
    root.mkdir(parents=True)
    source = root / "form.xlsx"
    source.write_bytes(form())
    made, jobs = [], []
    for number, (case, job) in enumerate(JOBS):
        folder = root / str(number)
        folder.mkdir()
        jobs.append({**job, "form": str(source), "out": str(folder / case.file)})
        made.append((case, folder))
    subprocess.run([python, str(WORKER), soffice], input=json.dumps(jobs), text=True, check=True, timeout=300)
    return made


def make_gnumeric_cases(ssconvert: str, root: Path) -> list[tuple[Case, Path]]:
    root.mkdir(parents=True)
    source, made = root / "form.xlsx", []
    source.write_bytes(form())
    for number, (case, kind) in enumerate(GNUMERIC):
        folder = root / str(number)
        folder.mkdir()
        command = [ssconvert, "-T", kind, str(source), str(folder / case.file)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        made.append((case, folder))
    return made
