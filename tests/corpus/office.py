"""The cases that a real LibreOffice makes: saved in its formats, and worked in by hand as people do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.corpus.cases import PROBLEMS, READ, REFUSED, Case
from tests.corpus.made import MIXED, WORDS, form, place_of

WORKER = Path(__file__).with_name("in_office.py")
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
    (_case("Excel 5 format", "a.xls", READ, PROBLEMS, REFUSED), {"filter": "MS Excel 95"}),
]  # fmt: skip


def office_cases(root: Path) -> list[tuple[Case, Path]]:
    """Make all of them in one run of LibreOffice; none where it is not installed."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    python = uno_python()
    if soffice is None or python is None:
        print("LibreOffice is not installed: its cases are left out", file=sys.stderr)
        return []
    return make_office_cases(soffice, python, root)


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
    return [(case, folder) for case, folder in made if any(folder.iterdir())]
