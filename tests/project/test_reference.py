"""The reference: every public name on one page, every column explained, no dead link."""

import doctest
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

import toolkit as tk
from tools.column_page import column_page

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "naslag").glob("*.md"))
NAMED = re.findall(
    r"^::: toolkit\.([\w.]+)", "\n".join(path.read_text(encoding="utf-8") for path in PAGES), re.MULTILINE
)
MODULES = {"charts"}  # its functions are listed by themselves
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def test_every_public_name_is_in_the_reference_once():
    assert [name for name in NAMED if NAMED.count(name) > 1] == []
    assert set(tk.__all__) - MODULES <= set(NAMED)
    listed = {name.rpartition(".")[2] for name in NAMED if name.startswith("charts.")}
    assert {*tk.charts.CHARTS, *tk.charts.COHORT_CHARTS, "Picture"} == listed


def test_every_column_of_a_table_is_on_the_page_of_columns():
    page = column_page()
    safe = tk.protect(tk.samples.responses(schools=2))
    tables = (tk.levels(safe), tk.agreement(safe, per="item"), tk.consensus(safe), tk.item_table(safe), safe.hidden)
    columns = {column.removesuffix("_low").removesuffix("_high") for table in tables for column in table}
    assert sorted(column for column in columns if f"| `{column}` |" not in page) == []
    assert "[levels](#levels)" in page


def test_the_example_by_hand_is_what_the_program_computes():
    page = (ROOT / "docs" / "rekenvoorbeeld.md").read_text(encoding="utf-8")
    code = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    names = {}
    exec(code, names)
    row = tk.agreement(names["responses"]).iloc[0]
    level = tk.levels(names["responses"]).query("role == 'teacher' and step == 1")["level"].iloc[0]
    for value in (level, *row[["gap", "same", "lower", "yardstick"]]):
        assert f"| {round(float(value), 4):g} |".replace(".", ",") in page


CHARTS = [f"charts.{name}" for name in ("Picture", *tk.charts.CHARTS, *tk.charts.COHORT_CHARTS)]


@pytest.mark.parametrize("name", [*sorted(tk.__all__), *CHARTS])
def test_every_public_name_has_an_example_that_runs_as_doctest(name):
    public_object = functools.reduce(getattr, name.split("."), tk)
    module = sys.modules[getattr(public_object, "__module__", public_object.__name__)]
    examples = {test.name for test in doctest.DocTestFinder().find(module) if test.examples}
    is_module = public_object is module
    assert (module.__name__ if is_module else f"{module.__name__}.{public_object.__qualname__}") in examples


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, built once without a warning."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-P", "-m", "toolkit.widgets.site", str(folder), "0"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr
    assert "WARNING" not in build.stderr
    return folder


def test_the_pages_ask_nothing_of_the_network(site):
    assert (site / "version.txt").exists(), "the next start of a server builds nothing"
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    fetched = r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=["']https?://"""
    for page in pages:
        addresses = re.findall(fetched, page.read_text(encoding="utf-8"))
        assert [link for link in addresses if "canonical" not in link] == [], page.name


@pytest.mark.browser
def test_pages_that_were_opened_from_a_folder_can_be_searched(site, chromium):
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        page.goto((site / "naslag" / "maten.html").as_uri())
        page.locator("input.md-search__input").click()
        page.keyboard.type("citeren")
        page.locator(".md-search-result__item a").first.click()
        page.wait_for_url("**/citeren.html*")
        page.goto((site / "naslag" / "woorden.html").as_uri())
        broken = Axe().run(page, options=WCAG).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []


def test_what_a_function_returns_reads_as_text(site):
    pages = [(site / "naslag" / f"{name}.html").read_text(encoding="utf-8") for name in ("maten", "groepen")]
    broken = [code for page in pages for code in re.findall(r"<code>([^<]*)</code>", page) if "`" in code]
    assert broken == []
    assert "One row per school × wave × step" in pages[0]
