"""The official sentences come out whole or not at all; shown on a text of our own making with the same traps."""

import os
import textwrap

import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import all_answers, filled
from toolkit.cli import main
from toolkit.core.errors import ToolkitError
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.form_reader import read_form
from toolkit.forms.keys import about_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.official_wording import (
    find_wording,
    load_wording,
    read_wording,
    with_wording,
    write_wording,
)

CHECKLIST = tk.load_instrument()
SENTENCES = {
    item.id: f"Het team van uitspraak {item.id.replace('.', ' punt ')} onderhoudt de samenwerkingsafspraken met ouders."
    for item in CHECKLIST.items
}
SENTENCES["3.4"] = "Het team kiest wat leerlingen doen. Daarna komen zij mee naar elke ouder-kindbijeenkomst op school."
SENTENCES["2.1"] = "Het team legt vast hoe (in)formeel contact verloopt, ook in taal- en leesactiviteiten voor ouders."


def wrap(sentence: str, width: int) -> str:
    """The sentence over lines as print has it: long words break off with a hyphen."""
    lines = textwrap.wrap(sentence, width, break_on_hyphens=True)
    text = "\n".join(lines)
    return text.replace("samenwerkings", "samenwer-\nkings", 1).replace("(in)formeel", "(in)\nformeel")


def publication(width: int = 60, between: str = "\n\n", leave_out: str = "") -> str:
    parts = [
        "Inleiding\nEen checklist helpt. Een ouder-kindbijeenkomst ook.\n\nChecklist zonder antwoorden\n\nActiepunten\n"
    ]
    for step in CHECKLIST.steps:
        sentences = [wrap(SENTENCES[item.id], width) for item in step.items if item.id != leave_out]
        heading = "Ja Beetje Nee"
        body = [sentences[0], heading, *sentences[1:]] if step.number == 5 else [heading, *sentences]
        parts.append(f"Stap {step.number}\n\nChecklist {step.label['nl']}\n\n{between.join(body)}\n\nActiepunten\n\f")
    return "\n".join(parts)


@pytest.mark.parametrize("width", [40, 60, 75, 90, 200])
def test_every_sentence_is_found_whole(width):
    assert find_wording(publication(width), CHECKLIST) == SENTENCES


def test_sentences_are_found_in_a_text_that_lost_its_blank_lines():
    assert find_wording(publication(60, between="\n"), CHECKLIST) == SENTENCES


@pytest.mark.parametrize("item", ["1.1", "3.4", "5.1", "5.8"])
def test_one_sentence_too_few_is_an_error_that_names_the_step(item):
    with pytest.raises(ToolkitError, match=f"stap {item[0]}"):
        find_wording(publication(leave_out=item), CHECKLIST)


def test_another_text_is_no_publication():
    with pytest.raises(ToolkitError, match="0 checklists"):
        find_wording("Een brief aan ouders.", CHECKLIST)


def test_the_table_can_be_looked_through_in_excel_and_read_back(tmp_path):
    path = write_wording(tmp_path / "wording.csv", SENTENCES)
    assert load_wording(path, CHECKLIST) == SENTENCES
    dutch = tmp_path / "dutch.csv"
    dutch.write_text("item;text\n" + "".join(f'{i};"{s}"\n' for i, s in SENTENCES.items()), encoding="utf-8-sig")
    assert load_wording(dutch, CHECKLIST) == SENTENCES
    path.write_text(path.read_text(encoding="utf-8-sig").replace("3.4,", "3.3,"), encoding="utf-8")
    with pytest.raises(ToolkitError, match=r"3\.4"):
        load_wording(path, CHECKLIST)


def test_a_form_with_official_sentences_is_read_and_so_is_one_of_ours():
    official = with_wording(CHECKLIST, SENTENCES)
    blank = form_bytes(official, school="12AB00", school_name="", wave="2025-2026", language="nl")
    answer_texts = {item_key(item): "Ja" for item in SENTENCES} | {about_key("role"): "Directie"}
    form = read_form(fill_form(open_template(blank), answer_texts), official)
    assert (len(form.answers), form.problems) == (33, [])
    assert read_form(filled(all_answers()), official).problems == []
    assert read_form(fill_form(open_template(blank), answer_texts), CHECKLIST).answers == {}, (
        "never taken for our sentence"
    )


def test_the_command_writes_the_table_from_text_and_from_pdf(tmp_path, capsys):
    text, pdf, out = tmp_path / "handvat.txt", tmp_path / "handvat.pdf", tmp_path / "wording.csv"
    text.write_text(publication(), encoding="utf-8")
    pdf.write_bytes(as_pdf(publication(60)))
    for source in (text, pdf):
        assert main(["wording", str(source), "-o", str(out)]) == 0
        assert "33 uitspraken" in capsys.readouterr().out
        assert load_wording(out, CHECKLIST) == SENTENCES
    pdf.write_bytes(b"%PDF-1.4 broken")
    assert main(["wording", str(pdf), "-o", str(out)]) == 1
    assert main(["forms", str(tmp_path / "form.xlsx"), "--wording", str(out)]) == 0


def as_pdf(text: str) -> bytes:
    """A PDF of plain lines, a page per form feed."""
    pages = [page for page in text.split("\f") if page.strip()]
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"]
    kids = []
    for page in pages:
        lines = [line.replace("\\", "").replace("(", r"\(").replace(")", r"\)") for line in page.splitlines()]
        content = "BT /F1 8 Tf 10 TL 40 820 Td\n" + "".join(f"({line}) Tj T*\n" for line in lines) + "ET"
        raw = content.encode("latin-1")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(raw), raw))
        resources = b"/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 595 842]"
        objects.append(b"<</Type/Page/Parent 2 0 R/Contents %d 0 R%s>>" % (len(objects), resources))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return data + end % (len(places) + 1, table, len(places) + 1, len(data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"item,text\n" + b"x" * 2_000_000, "te groot"),
        (b'item,text\n1.1,"' + b"x" * 200_000 + b'"', "niet voor elke uitspraak"),
        (b"\xff\xfe\x00item", "niet voor elke uitspraak"),
        (b"", "niet voor elke uitspraak"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(data, message, tmp_path):
    table = tmp_path / "wording.csv"
    table.write_bytes(data)
    with pytest.raises(ToolkitError, match=message):
        load_wording(table, CHECKLIST)


@pytest.mark.parametrize("name", ["wording.csv", "wording.txt", "wording.pdf"])
def test_wording_is_read_from_a_file_and_not_through_a_link_or_pipe(name, tmp_path):
    real, link, pipe = (tmp_path / folder / name for folder in ("real", "link", "pipe"))
    for path in (real, link, pipe):
        path.parent.mkdir()
    real.write_text(publication(), encoding="utf-8")
    link.symlink_to(real)
    os.mkfifo(pipe)
    load = load_wording if name.endswith(".csv") else read_wording
    for path, message in ((link, "is er niet"), (pipe, "is er niet"), (tmp_path, "is een map")):
        with pytest.raises(ToolkitError, match=message):
            load(path, CHECKLIST)


def test_check_says_what_is_in_one_form(tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled(all_answers() | {"2.4": "x"}))
    assert main(["check", str(path)]) == 0
    output = capsys.readouterr().out
    assert "32 van 33" in output
    assert "uitspraak 2.4" in output
    path.write_bytes(b"x")
    assert main(["check", str(path)]) == 1


def test_export_and_dashboard_read_forms_with_the_official_sentences(tmp_path, monkeypatch):
    official = with_wording(CHECKLIST, SENTENCES)
    folder, table = tmp_path / "in", write_wording(tmp_path / "zinnen.csv", SENTENCES)
    folder.mkdir()
    blank = form_bytes(official, school="12AB00", school_name="De Test", wave="2025-2026", language="nl")
    texts = dict.fromkeys(map(item_key, CHECKLIST.item_ids), "Ja") | {about_key("role"): "Directie"}
    (folder / "d.xlsx").write_bytes(fill_form(open_template(blank), texts))
    assert main(["export", str(folder), str(tmp_path / "uit.csv"), "--wording", str(table)]) == 0
    assert pd.read_csv(tmp_path / "uit.csv", sep=";")["item_1_1"].tolist() == [2]
    monkeypatch.setenv("HANDVAT_WORDING", str(table))
    levels = tk.SchoolExplorer.as_page(folder)._results.levels
    assert levels.loc[levels["role"] == "director", "level"].tolist() == [100] * 5
