"""The talk sheet: two sides of one A4, in two languages and two formats, whatever the answers and the names."""

import io
import subprocess
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from pypdf import PdfReader

import toolkit as tk
from tests.support.forms import people, same_everywhere, table
from toolkit.cli import main
from toolkit.core.errors import SelectionError, ToolkitError
from toolkit.reports.talk_sheet import FORMATS, TalkSheet, sheet_of, to_docx, to_html
from toolkit.responses import ACTION_COLUMNS
from toolkit.results import SchoolResults

A4 = (595, 842)
HOSTILE = '<img src=x onerror="alert(1)">rekening\u202excod'


def intake_of(responses: pd.DataFrame, name: str) -> tk.Intake:
    schools = pd.DataFrame({"school": ["99AA00"], "name": [name]})
    return tk.Intake(responses, pd.DataFrame(columns=ACTION_COLUMNS), pd.DataFrame(), pd.DataFrame(), schools)


@pytest.fixture(scope="module")
def fullest(checklist):
    """Three items under each heading, three roles, every answer given, a long name."""
    forms = same_everywhere("director", 2, 3) + same_everywhere("teacher", 2, 24) + same_everywhere("care", 2, 9)
    for number, form in enumerate(forms):
        form |= dict.fromkeys(["2.1", "3.2", "4.2"], 2 if form["role"] == "director" else number % 5 // 4)
        form |= dict.fromkeys(["1.1", "4.3", "5.1"], number % 3)
        form |= {item: number % 7 and 2 for item in checklist.item_ids if item.startswith("2") and item != "2.1"}
    return intake_of(table(forms), "Interconfessionele Scholengemeenschap voor Basis- en Voortgezet Onderwijs " * 3)


def pages(data: bytes) -> list[tuple[int, int]]:
    return [(round(p.mediabox.width), round(p.mediabox.height)) for p in PdfReader(io.BytesIO(data)).pages]


@pytest.fixture(scope="module")
def hidden():
    """A school of which only the director is shown."""
    return intake_of(table(people("director", 2), people("teacher", *[0] * 4)), "De Test")


def overlong(sheet: TalkSheet) -> TalkSheet:
    def long(point):
        return replace(point, split="woord " * 50, difference="verschil " * 40, question="Waarom is dit zo lang? " * 8)

    findings = sheet.meeting.findings
    points = {heading: tuple(map(long, points_of_heading)) for heading, points_of_heading in findings.points.items()}
    notes = ("Te weinig gegevens bij 1.1, 1.2 en 1.3. " * 5,)
    return replace(sheet, meeting=replace(sheet.meeting, findings=replace(findings, points=points, notes=notes)))


@pytest.mark.browser
def test_texts_that_are_far_too_long_leave_the_room_to_write_on_the_last_side(fullest, chromium):
    document = PdfReader(io.BytesIO(FORMATS[".pdf"](overlong(sheet_of(SchoolResults.of_intake(fullest), "99AA00")))))
    for phrase in ("Wat spreken we af?", "Hoe zien we het", "Te weinig gegevens bij"):
        assert phrase in document.pages[-1].extract_text()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nl", "en"])
def test_on_paper_it_is_the_two_sides_of_one_a4(example, fullest, language, tmp_path, chromium):
    for number, (intake, school) in enumerate([(example.intake, "99AA00"), (fullest, "99AA00")]):
        path = tk.write_talk_sheet(intake, school, tmp_path / f"{number}.pdf", language=language)
        assert pages(path.read_bytes()) == [A4, A4]
        text = PdfReader(path).pages[1].extract_text()
        assert {"nl": "Wat spreken we af?", "en": "What do we agree on?"}[language] in text


@pytest.mark.office
def test_in_word_it_is_two_pages(example, fullest, hidden, tmp_path, soffice):
    """Also where there is hardly an agenda."""
    sheets = [
        (example.intake, school, language) for school in ("99AB00", "99AC00", "99AD01") for language in ("nl", "en")
    ]
    sheets += [(fullest, "99AA00", "nl"), (hidden, "99AA00", "nl")]
    files = [
        tk.write_talk_sheet(intake, school, tmp_path / f"{school}-{number}.docx", language=language)
        for number, (intake, school, language) in enumerate(sheets)
    ]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert [len(pages(file.with_suffix(".pdf").read_bytes())) for file in files] == [2] * len(files)


def test_it_has_the_agenda_the_radar_and_room_to_write(example):
    html = to_html(sheet_of(SchoolResults.of_intake(example.intake), "99AA00"))
    for phrase in ("Praatkaart · Basisschool De Regenboog", "<svg", "Beginnen we daar?", "Bespreken", "Kan beter",
                  "Gaat goed", "Wat spreken we af?", "Wij kozen ook welk gereedschap"):  # fmt: skip
        assert phrase in html
    assert html.count("<td></td>") == 20


def test_it_says_whose_work_an_item_is_about_and_word_has_what_paper_has(example):
    sheet = sheet_of(SchoolResults.of_intake(example.intake), "99AA00")
    with zipfile.ZipFile(io.BytesIO(to_docx(sheet))) as package:
        word = package.read("word/document.xml").decode()
    for output in (word, to_html(sheet)):
        assert "Over het werk van de leraren." in output
        assert "Gereedschap uit de Gereedschapskist: Checklist oudercontact." in output
        assert "2025-2026" in output


def test_the_same_sheet_is_the_same_file(example):
    sheet = sheet_of(SchoolResults.of_intake(example.intake), "99AA00")
    assert to_docx(sheet) == to_docx(sheet)


def test_nothing_on_it_runs_or_calls_out():
    sheet = sheet_of(
        SchoolResults.of_intake(intake_of(table(people("director", 2), people("teacher", *[0] * 9)), HOSTILE)), "99AA00"
    )
    html = to_html(sheet)
    assert "<img" not in html
    assert "&lt;img" in html
    assert "rekeningxcod" in html
    assert "<script" not in html
    assert "default-src 'none'" in html
    with zipfile.ZipFile(io.BytesIO(to_docx(sheet))) as package:
        assert "&lt;img" in package.read("word/document.xml").decode()


def test_a_hidden_group_is_not_on_it(hidden):
    html = to_html(sheet_of(SchoolResults.of_intake(hidden), "99AA00"))
    assert "Leraren (4)" not in html
    assert "niet getoond" in html
    assert html.count("Er zijn te weinig formulieren.") == 3


def test_what_is_wrong_is_said(example, tmp_path, capsys):
    with pytest.raises(ToolkitError, match=r"\.pdf, \.docx, \.html"):
        tk.write_talk_sheet(example.intake, "99AA00", tmp_path / "sheet.txt")
    with pytest.raises(SelectionError, match="99ZZ99"):
        tk.write_talk_sheet(example.intake, "99ZZ99", tmp_path / "sheet.html")
    assert main(["praatkaart", str(example.folder), "99AA00", "-o", str(tmp_path / "sheet.html")]) == 0
    assert "sheet.html" in capsys.readouterr().out
