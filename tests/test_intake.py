"""A folder of returned forms: every file is accounted for, and no person leaves the intake."""

import os
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pandas as pd
import pytest

import toolkit as tk
from tests.forms import all_answers, edited, filled, template
from toolkit.errors import FolderError, ToolkitError
from toolkit.intake import STATUSES
from toolkit.sources.filled import fill_form
from toolkit.sources.layout import about_key, item_key


def put(folder, name, data=b""):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def outcome(intake) -> dict[str, str]:
    return dict(zip(intake.files["file"], intake.files["status"], strict=True))


def test_every_file_met_is_accounted_for(tmp_path):
    put(tmp_path, "a.xlsx", filled(all_answers("Ja")))
    put(tmp_path, "groep/b.xlsx", filled(all_answers("Nee") | {"1.1": "?"}))
    put(tmp_path, "groep/copy of a.xlsx", filled(all_answers("Ja")))
    put(tmp_path, "broken.xlsx", b"PK\x03\x04")
    put(tmp_path, "letter.docx", b"PK\x03\x04")
    put(tmp_path, "~$a.xlsx", b"lock")
    put(tmp_path, ".DS_Store", b"x")
    put(tmp_path, "__MACOSX/._a.xlsx", b"x")
    put(tmp_path, "Thumbs.db", b"x")
    intake = tk.read_folder(tmp_path)
    assert outcome(intake) == {
        "a.xlsx": "read",
        "groep/b.xlsx": "read-with-problems",
        "groep/copy of a.xlsx": "duplicate",
        "broken.xlsx": "refused",
        "letter.docx": "refused",
        "~$a.xlsx": "ignored",
        ".DS_Store": "ignored",
        "__MACOSX/._a.xlsx": "ignored",
        "Thumbs.db": "ignored",
    }
    assert sum(intake.counts().values()) == len(intake.files) == 9
    assert tuple(intake.counts()) == STATUSES
    assert len(intake.responses) == 2
    assert set(intake.problems["code"]) == {"unclear_answer", "not_a_workbook", "unsupported"}
    assert intake.files.set_index("file").loc["groep/copy of a.xlsx", "detail"] == "zelfde bestand als a.xlsx"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
def test_links_and_pipes_are_refused_without_opening_them(tmp_path):
    outside = put(tmp_path, "outside/a.xlsx", filled(all_answers()))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.xlsx").symlink_to(outside)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.xlsx")
    assert outcome(tk.read_folder(folder)) == {"link.xlsx": "refused", "loop": "refused", "pipe.xlsx": "refused"}


def test_two_colleagues_with_the_same_blank_are_two_respondents(tmp_path):
    texts = {item_key(item): "Ja" for item in all_answers()} | {about_key("role"): "Directie"}
    for name, minute in (("a", 1), ("b", 2)):
        put(tmp_path, f"{name}.xlsx", fill_form(template(), texts, datetime(2026, 3, 1, 9, minute, tzinfo=UTC)))
    intake = tk.read_folder(tmp_path)
    assert intake.counts()["read"] == 2
    assert intake.responses["respondent"].nunique() == 2


def test_of_a_personal_form_the_last_saved_version_counts(tmp_path):
    def personal(answer):
        def edit(sheet):
            sheet.parent["_meta"]["B3"] = "F-0001"

        return edited(filled(all_answers(answer)), edit)

    put(tmp_path, "b-first.xlsx", personal("Nee"))
    later = with_stamp(personal("Ja"), datetime(2030, 1, 1, tzinfo=UTC))
    put(tmp_path, "a-later.xlsx", later)
    intake = tk.read_folder(tmp_path)
    assert outcome(intake) == {"a-later.xlsx": "read", "b-first.xlsx": "superseded"}
    assert intake.responses["1.1"].tolist() == [2]
    assert "a-later.xlsx" in intake.files.set_index("file").loc["b-first.xlsx", "detail"]


def with_stamp(data, moment):
    from tests.test_workbook import with_part

    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    import re

    return with_part(
        data, "docProps/core.xml", lambda xml: re.sub(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{stamp}", xml)
    )


def test_no_name_path_or_author_leaves_the_intake(tmp_path):
    canary = "Kanarie-Jansen"

    def sign(sheet):
        sheet.parent.properties.creator = sheet.parent.properties.lastModifiedBy = canary
        sheet.parent.properties.title = canary
        sheet.title = canary

    put(tmp_path, f"{canary}/{canary}.xlsx", edited(filled(all_answers() | {"1.1": "?"}), sign))
    intake = tk.read_folder(tmp_path)
    for table in (intake.responses, intake.actions, intake.schools):
        assert canary not in table.to_csv()
    assert canary not in repr(intake) + intake.summary()
    assert canary.encode() not in pickle.dumps(
        tk.protect(intake.responses, tk.load_instrument(), actions=intake.actions)
    )
    assert canary in intake.files["file"][0], "the reading report says which file it is"


def test_the_same_folder_reads_the_same_whoever_reads_it(example, tmp_path):
    shutil.copytree(example.folder / "99AB00 Basisschool 't Zandpad", tmp_path / "in")
    alone = tk.read_folder(tmp_path / "in")
    with ThreadPoolExecutor(2) as executor:
        others = [tk.read_folder(tmp_path / "in", executor=executor), tk.read_folder(tmp_path / "in", workers=2)]
    for other in others:
        for name in ("responses", "actions", "files", "problems", "schools"):
            pd.testing.assert_frame_equal(getattr(alone, name), getattr(other, name))


def test_a_folder_that_is_not_there_is_said_in_dutch(tmp_path):
    with pytest.raises(FolderError, match="bestaat niet"):
        tk.read_folder(tmp_path / "weg")
    with pytest.raises(FolderError, match="geen map"):
        tk.read_folder(put(tmp_path, "a.xlsx"))
    with pytest.raises(ToolkitError, match="cache"):
        tk.read_folder(tmp_path, cache=tmp_path / "cache")


def test_an_empty_folder_gives_empty_tables_with_all_columns(tmp_path, checklist):
    intake = tk.read_folder(tmp_path)
    assert list(intake.files.columns) == ["file", "status", "school", "wave", "role", "answered", "detail"]
    assert list(intake.problems.columns) == ["file", "sheet", "cell", "item", "code", "found", "message"]
    assert list(intake.actions.columns) == ["school", "wave", "role", "respondent", "step", "text"]
    assert list(intake.responses.columns) == ["school", "wave", "role", "respondent", "form", *checklist.item_ids]
    assert tk.levels(tk.protect(intake.responses, checklist, actions=intake.actions), checklist).empty


def test_messages_come_in_english_too(tmp_path):
    put(tmp_path, "broken.xlsx", b"x")
    intake = tk.read_folder(tmp_path, language="en")
    assert "not a readable Excel file" in intake.problems["message"][0]
    assert "refused" in intake.summary("en")
