"""The report as a director opens it: from disk, without a network, on a phone, with the keyboard, and on paper."""

import io
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PageObject, PdfReader

import toolkit as tk
from toolkit.reports.html_writer import to_html
from toolkit.reports.pdf_writer import find_browser, to_pdf
from toolkit.reports.sections import make_report
from toolkit.reports.talk_sheet import write_talk_sheet
from toolkit.results import SchoolResults
from toolkit.widgets.guide import GUIDES, guide_page

pytestmark = pytest.mark.browser
PATIENCE = 60_000
SCHOOL = "99AA00"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser(chromium):
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def material(example):
    return SchoolResults.of_intake(example.intake, tk.load_instrument())


@pytest.fixture(scope="module")
def report_files(material, example, tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    pages = {
        "interactive": to_html(make_report(material, SCHOOL)),
        "static": to_html(make_report(material, SCHOOL), interactive=False),
        "team": to_html(make_report(material, "99AB00", language="en"), interactive=False),
        "guide": guide_page(GUIDES[0]),
    }
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    for name, language in (("talk-nl", "nl"), ("talk-en", "en")):
        write_talk_sheet(example.intake, SCHOOL, folder / f"{name}.html", language=language)
    return {path.stem: path for path in folder.glob("*.html")}


class Opened:
    """A page from disk in a browser without a network, with what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, **options) -> None:
        self.context = browser.new_context(offline=True, **({"viewport": DESKTOP} | options))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(path.as_uri())

    def ready(self) -> Page:
        self.page.wait_for_function("document.documentElement.dataset.ready")
        return self.page

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


def hovered(page: Page, mark: str) -> str:
    """What the page says of a mark that the mouse is on."""
    point = page.locator(mark).first
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    page.mouse.move(box["x"] - 40, box["y"])
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    page.wait_for_selector(".hoverlayer .hovertext", timeout=10_000)
    return page.locator(".hoverlayer .hovertext").first.text_content()


def check_axe(page: Page) -> None:
    unfold(page)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


def test_without_a_network_every_figure_is_drawn_and_nobody_is_asked(browser, report_files):
    with Opened(browser, report_files["interactive"]) as opened:
        page = opened.ready()
        assert page.locator(".live-figure .main-svg").count() >= 3
        titles = {b.get_attribute("data-title") for b in page.locator(".modebar-btn").all()}
        assert titles == {"Download als afbeelding (PNG)"}, "a button that uploads, or one in English"
        assert "van 100" in hovered(page, ".live-figure .cartesianlayer .point")
        unfold(page)
        page.wait_for_function("document.querySelectorAll('.live-figure .barlayer').length >= 6")
        check_axe(page)
        with page.expect_download() as download:
            page.locator(".modebar-btn").first.click(force=True)
        assert download.value.suggested_filename == "samenwerken-met-ouders.png"
        assert [url for url in opened.asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert opened.errors == []


@pytest.mark.parametrize("name", ["static", "team"])
def test_without_a_script_the_page_is_whole(browser, report_files, name):
    with Opened(browser, report_files[name], java_script_enabled=False) as opened:
        assert opened.page.locator(".wide svg:visible").count() >= 2
        assert opened.errors == []
        assert len(opened.asked) == 1


@pytest.mark.parametrize("name", ["talk-nl", "talk-en", "guide"])
def test_the_talk_sheet_and_the_guide_can_be_read_by_everyone(browser, report_files, name):
    with Opened(browser, report_files[name]) as opened:
        check_axe(opened.page)


@pytest.mark.parametrize("name", ["static", "team"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_cut_off_and_no_words_lie_over_each_other(browser, report_files, name, viewport):
    with Opened(browser, report_files[name], viewport=viewport) as opened:
        page = opened.page
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(OVERLAPPING) == []
        assert page.evaluate(SMALLEST_LETTER) >= 10
        assert opened.errors == []


def test_on_a_phone_the_figures_of_every_role_are_in_sight(browser, report_files):
    with Opened(browser, report_files["static"], viewport=PHONE) as opened:
        page = opened.page
        tables = page.locator("main > section:not(.extra) > .table")
        overflow = tables.evaluate_all("all => all.map(table => table.scrollWidth - table.clientWidth)")
        assert len(overflow) >= 4
        assert max(overflow) <= 0
        row = page.get_by_role("table", name="Niveau per stap,").get_by_role("row", name="1 Thuisomgeving kennen")
        assert row.get_by_role("cell").count() == 3, "laid out otherwise, it is a table all the same"


CUT_OFF = """() => [...document.querySelectorAll('.picture svg')].filter(svg => svg.getClientRects().length)
    .flatMap(svg => [...svg.querySelectorAll('text')].map(text => [text, svg.getBoundingClientRect()]))
    .filter(([text, frame]) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1
            || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    }).map(([text]) => text.textContent)"""

OVERLAPPING = """() => [...document.querySelectorAll('.picture svg')].filter(svg => svg.getClientRects().length)
    .flatMap(svg => {
        const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
        return boxes.flatMap(([one, a], place) => boxes.slice(place + 1).filter(([, b]) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3
        ).map(([other]) => `${one} / ${other}`));
    })"""

SMALLEST_LETTER = """() => Math.min(...[...document.querySelectorAll('.picture svg text')]
    .filter(text => text.getClientRects().length)
    .map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.ownerSVGElement.getBoundingClientRect().width / text.ownerSVGElement.viewBox.baseVal.width))"""


def test_the_keyboard_goes_all_the_way(browser, report_files):
    with Opened(browser, report_files["static"]) as opened:
        page = opened.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.tagName"))
            if reached[-1] == "SUMMARY":
                page.keyboard.press("Enter")
            if reached[-1] == "BODY":
                break
        n_focusable = page.locator("main summary:visible, main a:visible, main .table:visible").count()
        assert reached.index("BODY") == n_focusable
        assert page.evaluate("[...document.querySelectorAll('main details')].every(part => part.open)")


def test_a_still_page_for_who_asked_for_no_motion(browser, report_files):
    with Opened(browser, report_files["interactive"], reduced_motion="reduce") as opened:
        page = opened.ready()
        assert page.evaluate("document.getAnimations().length") == 0
        moving = "[...document.querySelectorAll('body, a, summary')].map(e => getComputedStyle(e).transitionDuration)"
        assert set(page.evaluate(moving)) <= {"0s"}


def smallest_letter(page: PageObject) -> float:
    """In points, as set: the size of the font in the scale it is drawn at."""
    sizes = []

    def look(text: str, user: list[float], matrix: list[float], font: object, size: float) -> None:
        if text.strip():
            sizes.append(size * abs(matrix[3] * user[3]))

    page.extract_text(visitor_text=look)
    return min(sizes)


def lowest_text(page: PageObject) -> float:
    """Points from the foot of the page to its last line, without the page number."""
    heights = []

    def look(text: str, user: list[float], matrix: list[float], font: object, size: float) -> None:
        if text.strip() and not re.fullmatch(r"\d+ / \d+", text.strip()):
            heights.append(user[3] * matrix[5] + user[5])

    page.extract_text(visitor_text=look)
    return min(height for height in heights if height > 50)


@pytest.mark.parametrize("school", ["99AA00", "99AB00", "99AD01"])
def test_on_paper_it_is_two_to_four_tagged_pages_of_a4(material, chromium, school):
    assert find_browser()
    pdf = PdfReader(io.BytesIO(to_pdf(make_report(material, school))))
    assert 2 <= len(pdf.pages) <= 4
    assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == pytest.approx([595, 842], abs=1)
    assert min(map(smallest_letter, pdf.pages)) >= 8, "everything can be read"
    assert max(map(lowest_text, pdf.pages)) < 842 / 2, "no page is less than half full"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "nl"
    text = " ".join(re.sub(r"\s+", " ", page.extract_text()) for page in pdf.pages)
    for heading in ("Wat dit is", "De vijf stappen", "Actiepunten van het team", "Hoe dit is gemaakt"):
        assert heading in text
    assert f"{len(pdf.pages)} / {len(pdf.pages)}" in text
