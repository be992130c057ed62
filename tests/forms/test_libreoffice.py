"""A form filled in by LibreOffice, not by our code, is read back exactly."""

from pathlib import Path

import numpy as np
import pytest

import toolkit as tk
from toolkit.forms.keys import about_key, action_key, item_key
from toolkit.spreadsheets.reader import cell_name, read_workbook

TEMPLATES = Path(__file__).parents[2] / "data" / "templates"


@pytest.mark.office
@pytest.mark.parametrize(("language", "count"), [("nl", "30 van 33"), ("en", "30 of 33")])
def test_a_template_filled_in_by_libreoffice_is_read_back_exactly(language, count, tmp_path, checklist, type_in_office):
    values = np.random.default_rng(7).integers(0, 3, 33)
    answers = {
        item: int(v) for item, v in zip(checklist.item_ids, values, strict=True) if item not in ("1.2", "3.3", "5.8")
    }
    texts = {item_key(item): checklist.answers[value].label[language] for item, value in answers.items()}
    texts |= {about_key("school"): "12ab00", about_key("wave"): "2025-2026"}
    texts |= {about_key("role"): checklist.role("care").label[language]}
    texts |= {action_key(2): "Eén regel\nen nog één: <b>ë</b>", action_key(5): "=1+1"}
    template = TEMPLATES / f"{checklist.id}-{language}.xlsx"
    (tmp_path / "in").mkdir()
    names = read_workbook(template.read_bytes()).names
    cells = {cell_name(names[name][1]): text for name, text in texts.items()}
    assert type_in_office(template, cells, tmp_path / "in" / "form.xlsx") == count
    intake = tk.read_folder(tmp_path / "in", checklist)
    assert intake.counts()["read"] == 1, intake.problems["message"].tolist()
    row = intake.responses.iloc[0]
    assert (row.school, row.wave, row.role) == ("12AB00", "2025-2026", "care")
    assert row[checklist.item_ids].dropna().to_dict() == answers
    assert intake.actions[["step", "text"]].to_numpy().tolist() == [[2, texts[action_key(2)]], [5, "=1+1"]]
