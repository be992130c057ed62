"""A school's report: what it contains, what it may never contain, and what each format does with hostile text."""

import io
import json
import re
import zipfile
from itertools import pairwise

import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document
from lxml import etree, html

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.charts.svg import BETWEEN, NARROW, WIDE, draw
from toolkit.core.errors import SelectionError, ToolkitError, UnprotectedError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.version import VERSION
from toolkit.measures.level_change import change
from toolkit.reports.docx_writer import to_docx, to_png
from toolkit.reports.html_writer import to_html
from toolkit.reports.model import DefinitionList, Figure, Report, Table
from toolkit.reports.sections import make_report
from toolkit.reports.write import FORMATS
from toolkit.reports.xlsx_writer import to_xlsx
from toolkit.results import SchoolResults

CHECKLIST = tk.load_instrument()
SCHOOL = "99AA00"
HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "[klik hier](javascript:alert(1))",
    "</script><img src=x onerror=alert(1)>",
    "rekening\u202excod.exe\u2066",
    "nul\x00en bel\x07",
    "@SUM(1+1)",
]
LONG = "w" * 32_767


@pytest.fixture(scope="module")
def material(example):
    return SchoolResults.of_intake(example.intake, CHECKLIST)


@pytest.fixture(scope="module")
def report(material):
    return make_report(material, SCHOOL)


def an_intake(responses, texts=(), role="teacher", name="De School") -> tk.Intake:
    actions = pd.DataFrame(
        [("99AA00", "2025-2026", role, f"r{n}", 1 + n % 5, text) for n, text in enumerate(texts)],
        columns=["school", "wave", "role", "respondent", "step", "text"],
    )
    schools = pd.DataFrame({"school": ["99AA00"], "name": [name]})
    no_files = pd.DataFrame({"status": []})
    return tk.Intake(responses, actions, no_files, no_files, schools)


def small_school(teachers: int, care: int = 0) -> pd.DataFrame:
    return table(
        same_everywhere("director", 2), same_everywhere("teacher", 1, teachers), same_everywhere("care", 0, care)
    )


def report_of(intake: tk.Intake, **options) -> Report:
    return make_report(SchoolResults.of_intake(intake, CHECKLIST), "99AA00", **options)


def section(report: Report, id: str):
    return next((part for part in report.sections if part.id == id), None)


def page(report: Report):
    return html.fromstring(to_html(report, interactive=False))


def words_of(data: bytes) -> str:
    """Everything in an Office file, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return "\n".join(package.read(name).decode("latin-1") for name in package.namelist())


# --- contents ---


def test_the_sections_come_in_the_order_of_reading(report):
    ids = [part.id for part in report.sections]
    assert ids[:4] == ["agenda", "overview", "steps", "change"], "the findings come first"
    assert ids[-7:-4] == ["who", "about", "method"], "the method comes last"
    assert {"images", "actions", "tools"} <= set(ids)
    assert [part.id for part in report.sections if part.extra] == ids[-4:]
    assert ids[-4:] == ["all", "waves", "answers", "consensus"]


def test_the_talking_points_have_their_question_factor_and_whom_they_are_about(report):
    lists = [block for block in section(report, "agenda").blocks if isinstance(block, DefinitionList)]
    assert [block.title for block in lists] == ["Gaat goed", "Kan beter", "Bespreken"]
    better = {entry.term: entry for entry in lists[1].entries}
    statement, answers, question = better["4.6 Ouder-kindactiviteiten"].texts
    linked = better["4.6 Ouder-kindactiviteiten"].details
    assert statement == CHECKLIST.item("4.6").statement["nl"]
    assert answers.startswith("Directie: Beetje. Leraren (13): 2 Ja")
    assert question.endswith("?")
    assert "Dit gaat over het werk van" in linked
    assert "Succesfactor 8" in linked


def test_it_says_who_filled_in_and_the_response_where_that_is_known(example, report):
    (grid,) = [block for block in section(report, "who").blocks if isinstance(block, Table)]
    assert grid.table.rows == (("Directie", "1"), ("Leraren", "14"), ("Zorgprofessionals", "7"))
    invited = pd.DataFrame([(SCHOOL, "2025-2026", "teacher", 20)], columns=["school", "wave", "role", "invited"])
    with_response = make_report(SchoolResults.of_intake(example.intake, CHECKLIST, invited=invited), SCHOOL)
    assert section(with_response, "who").blocks[0].table.rows[1] == ("Leraren", "14", "14 van 20 (70%)")


def test_levels_and_intervals_in_the_report_are_those_of_the_measures(example, report):
    grid = next(block for block in section(report, "steps").blocks if isinstance(block, Table))
    levels = tk.levels(example.safe, CHECKLIST)
    mine = levels[levels["school"].eq(SCHOOL) & levels["wave"].eq("2025-2026") & levels["role"].eq("teacher")]
    expected = [f"{r.level:.0f} ({r.level_low:.0f}–{r.level_high:.0f})" for r in mine.itertuples()]
    assert [row[2] for row in grid.table.rows] == expected


def test_the_change_is_this_moment_less_the_one_before_and_has_an_interval():
    forms = [
        {"school": "99AA00", "wave": wave, "role": role, **dict.fromkeys(CHECKLIST.item_ids, value)}
        for wave, values in (("2024-2025", [0, 0, 1, 1, 1, 0]), ("2025-2026", [2, 2, 2, 2, 1, 2]))
        for role, answers in (("teacher", values), ("director", values[:1]))
        for value in answers
    ]
    levels = tk.levels(tk.make_responses(forms, CHECKLIST), CHECKLIST)
    rows = change(levels)
    teachers = rows[rows["role"] == "teacher"]
    assert np.allclose(teachers["change"], 100 * 11 / 12 - 25)
    assert (teachers["change_low"] > 0).all()
    assert (teachers["change_low"] < teachers["change"]).all()
    assert (teachers["change"] < teachers["change_high"]).all()
    assert rows.loc[rows["role"] == "director", ["change_low", "change_high"]].isna().all(axis=None)
    school_report = report_of(an_intake(tk.make_responses(forms, CHECKLIST)))
    assert section(school_report, "change").blocks[0].table.rows[0][1:] == (
        "0 → 100 (+100)",
        "25 → 92 (+67, duidelijk)",
    )
    assert "duidelijk bij stap 1, " in section(school_report, "change").blocks[1].texts[0]


def test_a_first_moment_has_no_section_on_change():
    assert section(report_of(an_intake(small_school(5))), "change") is None


def test_a_group_that_was_shown_otherwise_before_is_not_compared():
    before = small_school(4, 2).assign(wave="2024-2025")
    last_wave = small_school(6)
    school_report = report_of(an_intake(pd.concat([before, last_wave], ignore_index=True)))
    assert section(school_report, "change").blocks[0].table.columns == ("Stap", "Directie")


def test_tools_are_those_of_the_items_named_and_lead_to_the_toolbox(report):
    links = section(report, "tools").blocks[1].links
    tool_urls = {tool.url for step in CHECKLIST.steps for tool in step.tools}
    assert {link.url for link in links[:-1]} <= tool_urls
    assert links[-1].url == CHECKLIST.source.toolbox
    assert "Wij kozen" in section(report, "tools").blocks[0].text


def test_a_tool_for_another_sector_is_left_out():
    intake = an_intake(table(same_everywhere("director", 2), same_everywhere("teacher", 0, 5)))
    tool_names = {link.text for link in section(report_of(intake, sector="po"), "tools").blocks[1].links}
    assert not any("vmbo" in name for name in tool_names)


def test_what_is_hidden_is_said_in_words_and_has_no_number():
    school_report = report_of(an_intake(small_school(4)))
    who_section = section(school_report, "who")
    assert who_section.blocks[0].table.rows == (("Directie", "1"),)
    assert "Leraren: niet getoond" in who_section.blocks[1].text
    assert section(school_report, "answers") is None


def test_where_nothing_may_be_shown_no_picture_is_drawn():
    hidden = make_report(SchoolResults.of_responses(table(same_everywhere("teacher", 1, 2))), None)
    assert list(hidden.figures()) == []
    one_role = make_report(SchoolResults.of_responses(table(same_everywhere("director", 2))), None)
    assert [figure.title for figure in one_role.figures()] == ["99AA00"], "nobody to draw next to the director"


def test_the_version_is_that_of_the_package():
    import tomllib
    from pathlib import Path

    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["version"] == VERSION


def test_the_band_and_its_interval_are_explained_where_they_are_drawn(report):
    for school_report, drawn in ((report, True), (report_of(an_intake(small_school(4))), False)):
        levels = next(block for block in section(school_report, "steps").blocks if isinstance(block, Table))
        assert ("gekleurde band" in section(school_report, "overview").blocks[1].text) == drawn
        assert ("marge" in levels.table.caption) == drawn


# --- what may never stand in it ---


def all_bytes(report: Report) -> dict[str, str]:
    """What each format holds, unpacked (pictures too), with the figures as JSON."""
    return {
        "html": to_html(report),
        "static": to_html(report, interactive=False),
        "docx": words_of(to_docx(report)),
        "xlsx": words_of(to_xlsx(report)),
        "figures": json.dumps([figure.picture.to_plotly_json() for figure in report.figures()]),
    }


def test_the_answers_of_a_hidden_group_change_no_byte_of_any_report():
    """Four teachers and no care: whatever they answer and write, and however many they are, the report is the same."""
    silent = an_intake(small_school(2), ["xq-canary-één"])
    loud = an_intake(
        table(same_everywhere("director", 2), same_everywhere("teacher", 0, 4)), ["xq-canary-zeven", "xq-canary-acht"]
    )
    first, second = report_of(silent), report_of(loud)
    second_bytes = all_bytes(second)
    assert all_bytes(first) == second_bytes
    assert "xq-canary" not in "".join(second_bytes.values())


def test_no_pseudonym_and_no_form_is_in_any_report():
    intake = an_intake(small_school(6).assign(respondent="xq-pseudonym"), ["een actiepunt"] * 5)
    assert "xq-pseudonym" not in "".join(all_bytes(report_of(intake)).values())


def test_a_researchers_own_table_becomes_no_report(example):
    with pytest.raises(UnprotectedError, match="onderzoeker"):
        SchoolResults.of_intake(example.intake, CHECKLIST, tk.Policy(audience="researcher"))


# --- hostile text ---


@pytest.fixture(scope="module")
def hostile() -> Report:
    return report_of(an_intake(small_school(6), [*HOSTILE, LONG], name="<b>De</b> =School <script>"))


@pytest.mark.parametrize("interactive", [True, False])
def test_hostile_text_is_text_in_html(hostile, interactive):
    text = to_html(hostile, interactive=interactive)
    tree = html.fromstring(text)
    shown = tree.find(".//main").text_content()
    for payload in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[klik hier](javascript:alert(1))", LONG):
        assert payload in shown
    assert "rekeningxcod.exe" in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert tree.xpath("//img") == []
    assert [
        link for link in tree.xpath("//@href") if not link.startswith(("#", "https://www.hogeschoolrotterdam.nl/"))
    ] == []
    assert tree.xpath("//@*[starts-with(name(), 'on')]") == []
    assert len(tree.xpath("//script")) == (4 if interactive else 0)
    assert "<script>" in tree.find(".//h1").text_content()


def test_hostile_text_is_text_in_word(hostile):
    document = Document(io.BytesIO(to_docx(hostile)))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    lines = [line.text for container in (document, *cells) for line in container.paragraphs]
    for payload in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[klik hier](javascript:alert(1))", LONG):
        assert any(payload in line for line in lines)
    targets = [rel.target_ref for rel in document.part.rels.values() if rel.is_external]
    assert targets
    assert all(target.startswith("https://www.hogeschoolrotterdam.nl/") for target in targets)
    instructions = [node for node in document.element.iter() if node.tag.endswith(("}instrText", "}fldSimple"))]
    assert instructions == []


def test_hostile_text_is_text_in_a_workbook(hostile):
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(hostile)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    texts = {cell.value: cell for cell in cells if isinstance(cell.value, str)}
    for payload in ("=cmd|' /C calc'!A0", "@SUM(1+1)", "<script>alert(1)</script>", LONG):
        assert (texts[payload].data_type, texts[payload].number_format) == ("s", "@")


# --- the formats ---


def test_every_picture_has_its_sentence_and_its_table(report):
    tree = page(report)
    figures = tree.xpath("//figure")
    assert len(figures) == len(report.figures()) > 5
    for figure, block in zip(figures, report.figures(), strict=True):
        drawn = figure.xpath(".//*[local-name()='svg']")
        assert {svg.get("aria-label") for svg in drawn} == {block.picture.sentence}
        assert block.picture.sentence in figure.text_content()
        cells = [[cell.text_content() for cell in row] for row in figure.xpath(".//tbody/tr")]
        assert cells == block.picture.table.to_numpy().tolist()


def test_the_page_has_a_language_one_title_and_headings_in_order(report):
    tree = page(report)
    assert tree.get("lang") == "nl"
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(set(tree.xpath("//@id"))) == len(tree.xpath("//@id"))
    assert {link[1:] for link in tree.xpath("//a/@href[starts-with(., '#')]")} <= set(tree.xpath("//@id"))


def test_the_sizes_are_those_that_fit_in_a_mail(report):
    assert len(to_html(report).encode()) < 5_000_000
    assert len(to_html(report, interactive=False).encode()) < 150_000


def test_the_page_forbids_every_request(report):
    (policy,) = page(report).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "http" not in policy


def test_word_has_headings_tables_and_pictures_with_their_sentence(report):
    document = Document(io.BytesIO(to_docx(report)))
    headings = [line.text for line in document.paragraphs if line.style.name == "Heading 1"]
    assert headings == [part.title for part in report.sections if not part.extra]
    printed = [b for part in report.sections if not part.extra for b in part.blocks if isinstance(b, Figure)]
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described == [block.picture.sentence for block in printed]
    assert len(document.tables) >= 4
    assert document.core_properties.language == "nl"


def test_the_workbook_holds_the_protected_tables(example, report):
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(report)))
    assert book.sheetnames[:3] == ["Over dit bestand", "Niveau", "Overeenstemming"]
    sheet = pd.read_excel(io.BytesIO(to_xlsx(report)), sheet_name="Niveau", engine="openpyxl")
    assert list(sheet.columns[:3]) == ["Rol", "Stap", "Niveau (0-100)"]
    levels = tk.levels(example.safe, CHECKLIST)
    mine = levels[levels["school"].eq(SCHOOL) & levels["wave"].eq("2025-2026")]
    assert np.allclose(sheet["Niveau (0-100)"], mine["level"].astype(float), atol=0.5), "in whole points"


def test_a_hidden_figure_is_an_empty_cell_and_never_zero():
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(report_of(an_intake(small_school(4))))))
    rows = list(book["Niveau"].iter_rows(values_only=True))
    column = {name: number for number, name in enumerate(rows[0])}
    hidden = [row for row in rows[1:] if row[column["Rol"]] == "Leraren"]
    assert len(hidden) == 5
    assert {row[column["Niveau (0-100)"]] for row in hidden} == {None}
    assert all("te weinig mensen" in row[-1] for row in hidden)


def test_no_text_of_a_sheet_lies_over_the_next_row(report):
    for sheet in openpyxl.load_workbook(io.BytesIO(to_xlsx(report))):
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            lines = (sheet.row_dimensions[cell.row].height or 15) / 15
            assert len(cell.value) <= lines * sheet.column_dimensions[cell.column_letter].width, cell.value


@pytest.mark.parametrize("make", [to_html, to_docx, to_xlsx])
def test_the_same_report_gives_the_same_bytes(report, make):
    assert make(report) == make(report)


# --- English ---

ENGLISH_TOO = {  # words that are the same in both languages, or are in the sources' own names
    "de", "in", "is", "van", "of", "over", "per", "was", "had", "open", "me", "we", "school", "team", "step", "item",
    "met", "aan", "voor",
}  # fmt: skip


def dutch_words() -> set[str]:
    """Words of the Dutch texts that are in no English text."""
    dutch, english = (" ".join(load_text(language).phrases.values()) for language in LANGUAGES)
    for step in CHECKLIST.steps:
        for texts in (step.label, step.title, *(w for item in step.items for w in (item.label, item.statement))):
            dutch, english = f"{dutch} {texts['nl']}", f"{english} {texts['en']}"
    for role in (*CHECKLIST.roles, CHECKLIST.team):
        dutch, english = f"{dutch} {role.plural['nl']}", f"{english} {role.plural['en']}"
    return set(in_words(dutch)) - set(in_words(english)) - ENGLISH_TOO


def in_words(text: str) -> list[str]:
    return re.findall(r"[a-zà-ÿ]{2,}", text.lower())


@pytest.mark.parametrize("school", ["99AA00", "99AB00", "99AC00"])
def test_no_dutch_word_is_left_in_an_english_report(material, school):
    english_report = make_report(material, school, language="en")
    tree = page(english_report)
    assert tree.get("lang") == "en"
    source = " ".join([CHECKLIST.source.title, CHECKLIST.source.publisher, *CHECKLIST.source.authors])
    theirs = set(in_words(" ".join([material.name(school), source])))
    tree.xpath("//section[@id='actions']//dl")[0].drop_tree()  # what the team wrote is in the team's own language
    text = " ".join(tree.xpath("//text()[not(parent::style or parent::script)]|//@aria-label|//@title"))
    assert set(in_words(text)) & (dutch_words() - theirs) == set()
    assert "schoolteam" in dutch_words()


# --- the drawing ---


@pytest.mark.parametrize("width", [WIDE, BETWEEN, NARROW])
def test_a_drawing_is_sound_svg_within_its_frame(report, width):
    for figure in report.figures():
        root = etree.fromstring(draw(figure.picture, width))
        _, _, frame_width, high = map(float, root.get("viewBox").split())
        assert frame_width == width
        for text in root.iter("{*}text"):
            x, y, content = float(text.get("x")), float(text.get("y")), "".join(text.itertext())
            y += 0 if text.getparent() is root else float(root[-1].get("transform").split()[1].rstrip(")"))
            long = len(content) * float(inherited(text, "font-size")) * 0.5
            start = {"start": x, "middle": x - long / 2, "end": x - long}[inherited(text, "text-anchor", "start")]
            assert start > -8, content
            assert start + long < width + 8, content
            assert 0 < y <= high, content


def inherited(element, name: str, default: str = "") -> str:
    """What an element of a drawing looks like, where need be by what it stands in."""
    return next((value for part in (element, *element.iterancestors()) if (value := part.get(name))), default)


def test_a_drawing_has_the_values_of_the_figure():
    responses = table(same_everywhere("director", 2), same_everywhere("teacher", 0, 5))
    levels = tk.levels(tk.protect(responses, CHECKLIST), CHECKLIST)
    drawn = etree.fromstring(draw(tk.charts.dumbbell(levels)))
    director = {circle.get("cx") for circle in drawn.iter("{*}circle")}
    ticks = {"".join(text.itertext()): text.get("x") for text in drawn.iter("{*}text")}
    assert ticks["Ja"] in director
    assert len(director) == 2, "one place for the five steps, one in the legend"


def test_a_gap_is_drawn_as_a_gap():
    forms = table(same_everywhere("director", 2)).assign(**{f"3.{n}": None for n in range(1, 9)})
    drawn = draw(tk.charts.radar(tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST)))
    assert drawn.count("<circle") == 4 + 1, "four steps and the legend"


def test_the_picture_of_word_is_a_png_of_the_drawing(report):
    png = to_png(report.figures()[0].picture)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == pytest.approx(2.4 * WIDE, abs=2)


# --- writing ---


@pytest.mark.parametrize("end", [end for end in FORMATS if end != ".pdf"])
def test_the_name_of_the_file_decides_the_format(example, tmp_path, end):
    path = tk.write_report(example.intake, SCHOOL, tmp_path / f"rapport{end}")
    begins = b"<!DOCTYPE html>" if end.endswith("html") else b"PK"
    assert path.read_bytes().startswith(begins)
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name, ".handvat-shown.json"}


def test_what_does_not_exist_is_said(example, tmp_path):
    with pytest.raises(ToolkitError, match=r"\.html"):
        tk.write_report(example.intake, SCHOOL, tmp_path / "rapport.odt")
    with pytest.raises(SelectionError, match="99AC00"):
        tk.write_report(example.intake, "00XX00", tmp_path / "rapport.html")
    with pytest.raises(SelectionError, match="2024-2025"):
        tk.write_report(example.intake, SCHOOL, tmp_path / "rapport.html", wave="1999-2000")
    assert list(tmp_path.iterdir()) == []


def test_without_a_browser_a_pdf_is_refused_in_words(example, tmp_path, monkeypatch):
    monkeypatch.setattr("toolkit.reports.pdf_writer.find_browser", lambda: None)
    with pytest.raises(ToolkitError, match="Chromium, Chrome of Edge"):
        tk.write_report(example.intake, SCHOOL, tmp_path / "rapport.pdf")
    assert list(tmp_path.iterdir()) == []


def test_of_many_reports_only_what_changed_is_written_again(example, tmp_path):
    def status(intake, **options):
        done = tk.write_reports(intake, tmp_path, format="static.html", progress=False, **options)
        return dict(zip(done["school"], done["status"], strict=True))

    first = status(example.intake)
    assert (len(first), set(first.values())) == (4, {"written"})
    assert set(status(example.intake).values()) == {"unchanged"}
    (tmp_path / "rapport-99AB00-2025-2026.static.html").unlink()
    assert [school for school, state in status(example.intake).items() if state == "written"] == ["99AB00"]
    changed = example.intake.responses.copy()
    mine = changed["school"].eq("99AC00") & changed["role"].eq("director") & changed["wave"].eq("2025-2026")
    changed.loc[mine, "1.1"] = 0
    changed_intake = tk.Intake(
        changed, *(getattr(example.intake, n) for n in ("actions", "files", "problems", "schools"))
    )
    assert [school for school, state in status(changed_intake).items() if state == "written"] == ["99AC00"]


def test_what_is_kept_beside_the_reports_tells_nothing_of_a_hidden_group(tmp_path):
    records = []
    for name, teachers in (("a", 1), ("b", 4)):
        tk.write_reports(an_intake(small_school(teachers)), tmp_path / name, format="static.html", progress=False)
        records.append((tmp_path / name / ".handvat-reports.json").read_bytes())
    assert records[0] == records[1]


def test_a_report_that_breaks_off_leaves_no_half_file(example, tmp_path, monkeypatch):
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("vol")))
    with pytest.raises(OSError, match="kan niet worden bewaard wat getoond is") as raised:
        tk.write_report(example.intake, SCHOOL, tmp_path / "rapport.static.html")
    assert str(raised.value.__cause__) == "vol"
    assert list(tmp_path.iterdir()) == []
