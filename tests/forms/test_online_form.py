"""Questions for online forms: what each tool makes of them is read back without a question."""

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from docx import Document

import toolkit as tk
from toolkit.cli import main
from toolkit.core.errors import ToolkitError

CHECKLIST = tk.load_instrument()
PLACE = {"school": "99AA00", "wave": "2025-2026"}
ADDED = {
    "docx": ["Id", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"],
    "gs": ["Tijdstempel"],
    "txt": ["Antwoord-ID", "Datum ingezonden", "Laatste pagina", "Begintaal"],
}


def word_questions(path: Path) -> list[tuple[str, list[str]]]:
    """Numbered lines are questions, lettered lines their answers: what Quick import does."""
    questions: list[tuple[str, list[str]]] = []
    for line in (paragraph.text for paragraph in Document(str(path)).paragraphs):
        if question := re.fullmatch(r"\d+\. (.+)", line):
            questions.append((question[1], []))
        elif answer := re.fullmatch(r"[A-H]\. (.+)", line):
            questions[-1][1].append(answer[1])
    return questions


def script_questions(path: Path) -> list[tuple[str, list[str]]]:
    """The questions in the data of the script."""
    content = json.loads(re.search(r"const content = (\{.*?\n\});?\n", path.read_text("utf-8"), re.DOTALL)[1])
    return [(question["words"], question["choices"]) for page in content["pages"] for question in page["questions"]]


def limesurvey_questions(path: Path) -> list[tuple[str, list[str]]]:
    questions: list[tuple[str, list[str]]] = []
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["class"] == "Q":
            assert re.fullmatch("[A-Za-z][A-Za-z0-9]*", row["name"]), "LimeSurvey allows no other codes"
            questions.append((row["text"], []))
        elif row["class"] == "A":
            questions[-1][1].append(row["text"])
    return questions


QUESTIONS = {"docx": word_questions, "gs": script_questions, "txt": limesurvey_questions}


def answered(questions: list[tuple[str, list[str]]], respondent: int) -> list[str]:
    """An answer to every question: the choices in turn; typed text where there are none."""
    typed = {"School": "99AA00", "Schooljaar": "2025-2026", "School year": "2025-2026"}
    row = []
    for number, (sentence, choices) in enumerate(questions):
        name = next((name for name in ("Schooljaar", "School year", "School") if sentence.startswith(name)), "")
        row.append(choices[(number + respondent) % len(choices)] if choices else typed.get(name, f"Idee {number}"))
    return row


def export(tool: str, questions: list[tuple[str, list[str]]], folder: Path) -> Path:
    """The export of three respondents, as the tool writes it."""
    head = [*ADDED[tool], *(sentence for sentence, _ in questions)]
    rows = [[*(f"{name} {number}" for name in ADDED[tool]), *answered(questions, number)] for number in range(3)]
    if tool == "docx":
        book = openpyxl.Workbook()
        for row in (head, *rows):
            book.active.append(row)
        book.save(folder / "export.xlsx")
        return folder / "export.xlsx"
    with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows((head, *rows))
    return folder / "export.csv"


@pytest.mark.parametrize("tool", QUESTIONS)
@pytest.mark.parametrize(("language", "metadata"), [("nl", PLACE), ("en", {})])
def test_what_the_tool_exports_is_read_without_a_question(tool, language, metadata, tmp_path):
    path = tk.write_online_form(tmp_path / f"questions.{tool}", CHECKLIST, language=language, **metadata)
    questions = QUESTIONS[tool](path)
    assert len(questions) == 3 + 33 + 5
    intake = tk.read_export(export(tool, questions, tmp_path), CHECKLIST, progress=False)
    assert intake.problems.empty, intake.problems[["code", "found"]].to_string()
    assert intake.responses[list(CHECKLIST.item_ids)].notna().all(axis=None)
    assert set(intake.responses["role"]) == {"director", "teacher", "care"}
    assert set(intake.responses["school"]) == {"99AA00"}
    assert set(intake.responses["wave"]) == {"2025-2026"}
    assert len(intake.actions) == 3 * 5
    values = {"Ja": 2, "Beetje": 1, "Nee": 0, "Yes": 2, "Partly": 1, "No": 0}
    expected = [
        values[answered(questions, 0)[number]]
        for number, (sentence, _) in enumerate(questions)
        if sentence[:3] == "3.4"
    ]
    assert int(intake.responses["3.4"].iloc[0]) == expected[0]


@pytest.mark.parametrize("tool", QUESTIONS)
def test_official_sentences_of_a_schools_own_copy_are_the_questions(tool, tmp_path):
    wording = {
        item: f"Zin {item} uit het eigen exemplaar van de school, woord voor woord." for item in CHECKLIST.item_ids
    }
    official = tk.with_wording(CHECKLIST, wording)
    questions = QUESTIONS[tool](tk.write_online_form(tmp_path / f"questions.{tool}", official, **PLACE))
    assert any(sentence.endswith(wording["2.3"]) for sentence, _ in questions)
    intake = tk.read_export(export(tool, questions, tmp_path), official, progress=False)
    assert intake.problems.empty
    assert intake.responses[list(CHECKLIST.item_ids)].notna().all(axis=None)


def test_the_same_form_is_the_same_file_and_another_ending_is_refused(tmp_path):
    for tool in QUESTIONS:
        files = [tk.write_online_form(tmp_path / f"{n}.{tool}", CHECKLIST).read_bytes() for n in (1, 2)]
        assert files[0] == files[1]
    with pytest.raises(ToolkitError, match="MS Forms"):
        tk.write_online_form(tmp_path / "questions.pdf", CHECKLIST)
    with pytest.raises(ToolkitError, match="schooljaar"):
        tk.write_online_form(tmp_path / "questions.gs", CHECKLIST, wave="2025")


def test_the_command_says_how_to_use_the_file(tmp_path, capsys):
    assert main(["online-form", str(tmp_path / "vragen.docx"), "--school", "99AA00", "--wave", "2025-2026"]) == 0
    assert "Snel importeren" in capsys.readouterr().out
