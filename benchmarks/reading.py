"""Reading returned forms and filling in forms, beside pandas and openpyxl."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

import toolkit as tk
from benchmarks.compare import Comparison, best
from toolkit.sources.blank import form_bytes
from toolkit.sources.filled import fill_form, open_template
from toolkit.sources.layout import item_key

FORMS = 60


def compare() -> list[Comparison]:
    """Compare reading, and writing, of the same number of forms."""
    return [*compare_reading(), *compare_writing()]


def compare_reading() -> list[Comparison]:
    """Our reader finds every item and answer; pandas only gives cells, and unzipping is what no reader escapes."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_forms(Path(place))
        files = sorted(folder.iterdir())
        ours = best(lambda: tk.read_folder(folder, workers=1, cache=False, progress=False))
        pandas = best(lambda: [pd.read_excel(file, engine="openpyxl", header=None) for file in files])
        floor = best(lambda: [unzip(file) for file in files])
    return [
        Comparison(f"read {FORMS} forms, beside pandas.read_excel (openpyxl)", ours, pandas),
        Comparison(f"read {FORMS} forms, beside only unzipping them", ours, floor),
    ]


def write_forms(place: Path) -> Path:
    """Put the first forms of the built-in schools in one folder; each has another's answers."""
    tk.samples.write_folder(place / "example")
    made = sorted((place / "example").rglob("*.xlsx"))[:FORMS]
    assert len(made) == FORMS
    folder = place / "returned"
    folder.mkdir()
    for number, form in enumerate(made):
        shutil.copy(form, folder / f"{number:02}.xlsx")
    return folder


def unzip(file: Path) -> list[bytes]:
    """Every part of a workbook, without a look at what it says."""
    with zipfile.ZipFile(file) as package:
        return [package.read(name) for name in package.namelist()]


def compare_writing() -> list[Comparison]:
    """Ours patches a prebuilt form; the peers write the whole workbook, anew or after opening it."""
    checklist = tk.load_instrument()
    blank = new_form(checklist)
    template = open_template(blank)
    texts = {item_key(item): "Ja" for item in checklist.item_ids}
    cells = {template.cells[name]: text for name, text in texts.items()}
    ours = best(lambda: [fill_form(template, texts) for _ in range(FORMS)])
    opened = best(lambda: [fill_with_openpyxl(blank, cells) for _ in range(FORMS)])
    anew = best(lambda: [new_form(checklist) for _ in range(FORMS)])
    return [
        Comparison(f"fill in {FORMS} forms, beside openpyxl that opens, fills in and saves", ours, opened),
        Comparison(f"fill in {FORMS} forms, beside openpyxl that writes them anew (empty)", ours, anew),
    ]


def new_form(checklist: tk.Instrument) -> bytes:
    """Return a blank form, written by openpyxl cell by cell."""
    return form_bytes(checklist, school="", school_name="", wave="", language="nl")


def fill_with_openpyxl(blank: bytes, cells: Mapping[str, str]) -> bytes:
    """Return the form with these texts, saved by openpyxl."""
    workbook, saved = load_workbook(io.BytesIO(blank)), io.BytesIO()
    for cell, text in cells.items():
        workbook.worksheets[0][cell] = text
    workbook.save(saved)
    return saved.getvalue()
