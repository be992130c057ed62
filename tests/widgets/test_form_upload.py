"""Forms handed in with a button are read as a folder is, and nothing of them stays."""

import html
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat

import toolkit as tk
from tests.support.forms import all_answers, filled
from toolkit.widgets.form_upload import MAX_UPLOADED, read_files
from tools.run_notebooks import notebooks


def hand_in(upload: tk.FormUpload, *files: tuple[str, bytes]) -> str:
    """What Jupyter does when somebody chose files; gives what is shown."""
    upload.button.value = tuple(
        {"name": name, "type": "", "size": len(data), "content": memoryview(data), "last_modified": datetime.now(UTC)}
        for name, data in files
    )
    return upload.shown.value


def test_what_is_handed_in_is_read_and_every_file_and_problem_is_shown():
    upload = tk.FormUpload()
    shown = hand_in(upload, ("a.xlsx", filled(all_answers() | {"2.4": "Ja/Nee"})), ("<b>.docx", b"PK\x03\x04"))
    assert upload.intake.counts() | {"read-with-problems": 1, "refused": 1} == upload.intake.counts()
    assert 'uitspraak 2.4: er staat "Ja/Nee"' in html.unescape(shown)
    assert "<b>" not in shown
    assert upload.button.value == (), "the answers are not kept in the notebook"


def test_the_limit_is_said_before_and_after_in_both_languages():
    for language, phrase in (("nl", "Er is niets gelezen"), ("en", "Nothing was read")):
        upload = tk.FormUpload(language=language)
        assert "5 MB" in upload.children[0].value
        assert "8 MB" in upload.children[0].value
        assert phrase in hand_in(upload, ("a.xlsx", bytes(MAX_UPLOADED)), ("b.xlsx", b"x"))
        assert upload.intake is None


def test_no_name_can_leave_the_folder_or_hide_another_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = ["../../x.xlsx", "/etc/x.xlsx", "C:\\x.xlsx", "x.xlsx", "", "é" * 300 + ".xlsx", "a\0b.xlsx"]
    intake = read_files([(name, filled({"1.1": "Ja"})) for name in names])
    assert len(intake.files) == len(names) == sum(intake.counts().values())
    assert not list(tmp_path.rglob("*")), "nothing stays"


def test_only_the_notebook_for_reading_has_the_button():
    with_button = {path.stem for path in notebooks() if "FormUpload" in str(nbformat.read(path, as_version=4))}
    assert with_button == {"02_inlezen"}
    widgets = sorted((Path(tk.__file__).parent / "widgets").glob("*.py"))
    assert [path.stem for path in widgets if "FileUpload" in path.read_text(encoding="utf-8")] == ["form_upload"]


def test_of_two_files_with_one_name_only_the_readable_one_is_saved(tmp_path):
    (tmp_path / "Form.xlsx").write_bytes(filled(all_answers("Ja")))
    upload = tk.FormUpload(folder=tmp_path)
    hand_in(upload, ("form.xlsx", b"no workbook"), ("map/form.xlsx", filled(all_answers("Nee"))))
    saved = {path.name: path.read_bytes() for path in tmp_path.glob("*.xlsx")}
    assert len(saved) == 2
    assert b"no workbook" not in saved.values()
    assert set(tk.read_folder(tmp_path).files["status"]) == {"read"}
