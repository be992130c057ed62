"""The report of a cohort says who took part and how groups differ, in every format, and shows no school."""

import io
import re
import zipfile
from itertools import pairwise

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from openpyxl import load_workbook

import toolkit as tk
from tests.support.servers import opened_browser
from toolkit.cli import main
from toolkit.core.errors import SelectionError, ToolkitError, UnprotectedError
from toolkit.core.i18n import load_text
from toolkit.reports.cohort_report import gather_cohort
from toolkit.reports.cohort_sections import make_cohort_report
from toolkit.reports.write import writer_of

CHECKLIST = tk.load_instrument()


@pytest.fixture(scope="module")
def cohort() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Forty schools over three years, of which some left and some joined, and how many were asked."""
    forms, schools = tk.samples.cohort(schools=40, waves=3, dropout=0, blanks=0)
    codes = sorted(forms["school"].unique())
    absent = (forms["school"].isin(codes[:3]) & forms["wave"].eq("2026-2027")) | (
        forms["school"].isin(codes[3:8]) & forms["wave"].eq("2025-2026")
    )
    forms = forms[~absent]
    counts = forms.astype({"role": "str"}).groupby(["school", "wave", "role"]).size()
    invited = (counts * 2).rename("invited").reset_index()
    return forms, schools, invited


@pytest.fixture(scope="module")
def page(cohort, tmp_path_factory) -> str:
    forms, schools, invited = cohort
    target = tmp_path_factory.mktemp("cohort") / "cohort.static.html"
    by = ["sector", "programme"]
    return tk.write_cohort_report(forms, schools, target, by, invited=invited).read_text(encoding="utf-8")


def cells(page: str, caption: str) -> list[list[str]]:
    """The rows of the first table with this caption."""
    table = page[page.index(caption) :]
    table = table[: table.index("</table>")]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_it_says_who_took_part_and_who_joined_and_left(page, cohort):
    rows = {row[0]: row[1:] for row in cells(page, "Scholen die meededen")}
    first, second, third = (set(schools) for _, schools in cohort[0].groupby("wave")["school"])
    assert rows["2025-2026"] == [str(len(group)) for group in (second, second - first, first - second)]
    assert rows["2026-2027"] == [str(len(group)) for group in (third, third - second, second - third)]
    assert len(first - second) >= 5


def test_it_says_the_response_per_role_and_group(page):
    rows = cells(page, "Respons en non-respons, 2026-2027")
    assert len(rows) == 1 + 3 * (1 + 2 + 2)
    assert all(row[2].endswith("(50%)") for row in rows[1:])


def test_its_levels_are_those_of_compare_cohorts(page, cohort):
    forms, schools, _ = cohort
    table = tk.compare_cohorts(forms, CHECKLIST, schools, ["sector", "programme"])
    row = table.query(
        "group == 'po' and wave == '2026-2027' and measure == 'level' and role == 'teacher' and step == 2"
    )
    shown = next(
        row for row in cells(page, ">Sector<") if row[0].startswith("basisonderwijs (po) (") and row[1].startswith("2 ")
    )
    assert shown[4].startswith(f"{row['estimate'].item():.0f} (")


def test_every_item_is_in_the_appendix(page):
    rows = cells(page, "Gemiddeld niveau over alle scholen")
    assert [row[0].split()[0] for row in rows[1:]] == CHECKLIST.item_ids


def test_the_programme_stands_beside_the_other_schools_and_is_no_cause(page):
    assert "Met programma naast zonder programma" in page
    assert "geen effect van het programma" in page


def test_the_years_show_a_trend_and_who_made_a_change(page, cohort):
    cohorts = tk.prepare_cohorts(*(cohort[0], CHECKLIST, cohort[1].assign(everyone="all"), ["everyone"]))
    trend = tk.cohort_trends(cohorts).query("measure == 'level' and role == 'teacher' and step == 2").iloc[0]
    rows = {row[0][0]: row[1:] for row in cells(page, "Trend in punten per schooljaar")[1:]}
    assert rows["2"][1].startswith(f"+{trend['trend']:.0f} (")
    assert "alle scholen" in cells(page, "dezelfde scholen, en alle scholen van elk jaar")[1][1]
    assert len(cells(page, "meer veranderde dan zonder programma")) == 6


@pytest.mark.browser
def test_it_can_be_read_by_everyone(page, chromium, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    with opened_browser(chromium) as browser:
        opened = browser.new_page()
        opened.goto(path.as_uri())
        broken = Axe().run(opened).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


def test_reliability_comes_with_its_warning(page):
    assert "Over één school zeggen ze niets" in page
    assert len(cells(page, "Betrouwbaarheid per rol en stap")) == 1 + 3 * 5


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_school_is_in_any_format(cohort, language):
    forms, schools, invited = cohort
    hidden, policy, text = [*schools["school"], *schools["name"]], tk.Policy(audience="cohort"), load_text(language)
    by = ["sector", "programme"]
    material = gather_cohort(forms, schools, by, "programme", invited, CHECKLIST, policy, text)
    report = make_cohort_report(material, "2026-2027", text)
    for ending in ("html", "static.html", "docx", "xlsx"):
        data = writer_of(f"cohort.{ending}")(report)
        names_found = [name for text in texts_of(ending, data) for name in hidden if name in text]
        assert names_found == [], ending


def texts_of(ending: str, data: bytes) -> list[str]:
    if ending.endswith("html"):
        return [data.decode()]
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return [opened.read(name).decode("utf-8", "ignore") for name in opened.namelist()]


def test_word_and_excel_hold_the_same_sections_and_tables(cohort, tmp_path):
    forms, schools, invited = cohort
    for ending in ("docx", "xlsx"):
        tk.write_cohort_report(forms, schools, tmp_path / f"c.{ending}", "sector", invited=invited)
    headings = [line.text for line in Document(str(tmp_path / "c.docx")).paragraphs if line.style.name == "Heading 1"]
    assert headings[:3] == ["Wat is dit?", "Wie deed mee?", "Niveau per stap"]
    assert not any("naast" in heading for heading in headings), "no programme among the groupings"
    sheets = load_workbook(tmp_path / "c.xlsx")
    assert {"Scholen", "Respons", "Per stap", "Per uitspraak", "Verandering", "Betrouwbaarheid"} <= set(
        sheets.sheetnames
    )
    assert sheets["Per stap"].max_row > 100
    body = Document(str(tmp_path / "c.docx")).element.body
    kinds = [element.tag.rpartition("}")[2] for element in body]
    assert kinds.count("tbl") > 10
    assert ("tbl", "tbl") not in list(pairwise(kinds)), "Word would join two tables that follow each other"


@pytest.mark.parametrize("by", ["sector", None])
def test_of_few_schools_nothing_is_told(cohort, tmp_path, by):
    forms, schools, invited = cohort
    four_schools = forms[forms["school"].isin(sorted(schools["school"])[:4])]
    target = tmp_path / "few.static.html"
    tk.write_cohort_report(four_schools, schools, target, by, invited=invited)
    text = target.read_text(encoding="utf-8")
    assert not re.search(r"\d+ \(\d+ (tot|scholen)", re.sub(r"\(0 scholen\)", "", text))
    assert "te weinig scholen" in text


def test_what_it_cannot_make_it_says(cohort, tmp_path):
    forms, schools, _ = cohort
    with pytest.raises(SelectionError, match="2030-2031"):
        tk.write_cohort_report(forms, schools, tmp_path / "x.html", "sector", wave="2030-2031")
    with pytest.raises(SelectionError, match="town"):
        tk.write_cohort_report(forms, schools, tmp_path / "x.html", "sector", programme="town")
    with pytest.raises(ToolkitError, match="odt"):
        tk.write_cohort_report(forms, schools, tmp_path / "x.odt", "sector")
    with pytest.raises(UnprotectedError):
        tk.write_cohort_report(forms, schools, tmp_path / "x.html", "sector", policy=tk.Policy(audience="researcher"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_the_report_out_of_a_register(tmp_path, capsys):
    folder, register = tmp_path / "forms", tmp_path / "register.csv"
    planted = tk.samples.write_folder(folder, schools=6, waves=1)
    lines = [f"{school};po;30" for school in planted["school"].unique()]
    register.write_text("\n".join(["school;sector;leraren", *lines]), encoding="utf-8")
    out = tmp_path / "cohort.static.html"
    assert main(["cohort-report", str(folder), str(register), "-o", str(out), "--by", "sector"]) == 0
    assert "cohort.static.html" in capsys.readouterr().out
    assert "van 180" in out.read_text(encoding="utf-8")
