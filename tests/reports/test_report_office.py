"""The report in LibreOffice, as a school opens it: Word and Excel files that a program other than ours can read."""

import io
import subprocess

import pytest
from docx import Document
from pypdf import PdfReader

import toolkit as tk

pytestmark = pytest.mark.office
SCHOOL = "99AA00"
HOSTILE = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[klik](javascript:alert(1))"]


@pytest.fixture(scope="module")
def intake(example):
    actions = example.intake.actions
    mine = actions[actions["school"].eq(SCHOOL) & actions["wave"].eq("2025-2026")]
    changed = actions.copy()
    changed.loc[mine.index[: len(HOSTILE)], "text"] = HOSTILE
    rest = {name: getattr(example.intake, name) for name in ("responses", "files", "problems", "schools")}
    return tk.Intake(actions=changed, **rest)


def converted(soffice, path, kind):
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(path.parent / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    (target,) = (path.parent / "out").iterdir()
    return target.read_bytes()


def pictures_in(pdf):
    """Numbers of the picture objects on all pages."""
    page_objects = (page["/Resources"].get("/XObject", {}) for page in pdf.pages)
    return {objects.raw_get(name).idnum for objects in page_objects for name in objects}


def test_the_word_document_opens_with_its_pictures_and_hostile_text_as_text(intake, soffice, tmp_path):
    path = tk.write_report(intake, SCHOOL, tmp_path / "rapport.docx")
    pdf = PdfReader(io.BytesIO(converted(soffice, path, "pdf")))
    assert 3 <= len(pdf.pages) <= 5, "one more than the four of the PDF"
    pages = [page.extract_text().splitlines() for page in pdf.pages]
    headings = {line.text for line in Document(path).paragraphs if line.style.name.startswith("Heading")}
    ends = [[line.strip() for line in lines if line.strip() and " / " not in line][-1] for lines in pages]
    assert headings.isdisjoint(ends), "no heading alone at the foot of a page"
    assert {"Gereedschap", "Hoe dit is gemaakt"} <= set(map(str.strip, pages[-1])), "no page of a few lines at the end"
    text = " ".join(" ".join(line for lines in pages for line in lines).split())
    for phrase in ("De vijf stappen", "Hoe dit is gemaakt", *HOSTILE):
        assert phrase in text
    assert len(pictures_in(pdf)) == 2


def test_the_workbook_opens_with_hostile_text_as_text(intake, soffice, tmp_path):
    path = tk.write_report(intake, SCHOOL, tmp_path / "rapport.xlsx")
    text = converted(soffice, path, "html").decode("utf-8")
    for phrase in ("&lt;script&gt;alert(1)&lt;/script&gt;", "=cmd|", "[klik](javascript:alert(1))"):
        assert phrase in text
    assert "Err:" not in text
    assert 'href="javascript' not in text.lower()
