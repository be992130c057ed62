"""The two ways in, as their users take them: a real browser, a real server, every request watched."""

import contextlib
import io
import os
import re
import shutil
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import nbformat
import psutil
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import toolkit as tk
from tests.support.forms import all_answers, filled
from tests.support.servers import PATIENCE, ROOT, opened_browser, started

TITLE = "Wat mensen schreven"
TABS = ("Overzicht", "Per stap", "Wat het team wil", "Agenda en plan")
HOSTILE = (
    "<script>document.title = 'hacked'</script><img src=x onerror=\"document.title='hacked'\">",
    "=cmd|'/c calc'!A1",
    "[klik](javascript:document.title='hacked')",
    "\u202etxet desrever",
    "heel lang " * 3276,
)


@pytest.fixture(scope="module")
def browser(chromium):
    with opened_browser(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The built-in schools, and in one of them people who write what should do harm and three who are hidden."""
    forms = tmp_path_factory.mktemp("dashboard") / "forms"
    shutil.copytree(ROOT / "data" / "example", forms)
    metadata = {"school": "99AC00", "wave": "2025-2026"}
    for number, text in enumerate(HOSTILE):
        form = filled(all_answers(), "Directie", {1 + number: text}, **metadata)
        (forms / f"hostile-{number}.xlsx").write_bytes(form)
    for number in range(6):
        with_priorities = filled(all_answers(), actions={1: f"Plan {number}"}, first=("1.2", "3.4"), school="99AE00")
        (forms / f"asked-{number}.xlsx").write_bytes(with_priorities)
    (forms / "hidden.xlsx").write_bytes(filled(all_answers("Nee"), "Zorgprofessional", {1: "kanarie"}, **metadata))
    return forms


@pytest.fixture(scope="module")
def dashboard(folder):
    with started("dashboard", "--folder", str(folder)) as address:
        yield address


class Watched:
    """A page, with what it asked of whom and what it complained of."""

    def __init__(self, browser: Browser, address: str, width: int = 1280) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": 1400})
        self.page.set_default_timeout(PATIENCE * 1000)
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        self.frames: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(urlparse(request.url).hostname or ""))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", lambda socket: socket.on("framereceived", lambda f: self.frames.append(str(f))))
        self.page.goto(address)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def figures(self) -> list[dict]:
        """Title and values per trace of every figure in the explorer."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.handvat-explorer .js-plotly-plot')].map(figure => ({
                title: figure.layout.title.text,
                traces: Object.fromEntries(figure.data.filter(t => t.name).map(t => [t.name, t.r || []])),
            }))"""
        )

    def wait_for_radar_of(self, school: str) -> None:
        self.page.wait_for_function(
            """school => [...document.querySelectorAll('.handvat-explorer .js-plotly-plot')]
                .some(figure => figure.layout.title.text.includes(school))""",
            arg=school,
        )

    def buttons(self) -> list[str]:
        locators = self.page.locator(".modebar-btn").all()
        return [button.get_attribute("data-title") or "" for button in locators]


def planted_levels(school: str, role: str) -> list[float]:
    """The level per step of a built-in school's last year, straight from what was planted in the forms."""
    checklist = tk.load_instrument()
    folder = ROOT / "data" / "example"
    responses = tk.read_folder(folder, checklist).responses
    rows = responses[(responses["school"] == school) & (responses["wave"] == "2025-2026") & (responses["role"] == role)]
    return [50 * rows[[i.id for i in step.items]].astype(float).mean().mean() for step in checklist.steps]


def check_no_one_else_was_asked(watched: Watched) -> None:
    assert watched.hosts <= {"127.0.0.1", ""}, watched.hosts
    assert watched.errors == []
    assert watched.buttons()
    assert set(watched.buttons()) == {"Download als afbeelding (PNG)"}, "a button that uploads, or one in English"


def check_choosing_a_school(watched: Watched) -> None:
    watched.wait_for_radar_of("Basisschool")
    watched.choose("School", "Scholengemeenschap De Vliet")
    watched.wait_for_radar_of("De Vliet")
    radar = watched.figures()[0]
    assert radar["title"] == "<b>Scholengemeenschap De Vliet</b>"
    for role, name in (("director", "Directie"), ("teacher", "Leraren")):
        drawn = next(values for trace, values in radar["traces"].items() if trace.startswith(name))
        assert drawn[:5] == pytest.approx(planted_levels("99AC00", role), abs=0.51)
    assert not any(trace.startswith("Zorg") for trace in radar["traces"]), "three care professionals are too few"


def keep(watched: Watched, name: str) -> None:
    """A screenshot for who wants to look, where HANDVAT_SCREENSHOTS names a folder."""
    if folder := os.environ.get("HANDVAT_SCREENSHOTS"):
        watched.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def ran_in_lab(browser, address: str, title: str, shown: str) -> Watched:
    """A notebook of which all cells ran, in a layout of its own: what an earlier page left open is not opened again."""
    watched = Watched(browser, address.replace("/lab/tree/", f"/lab/workspaces/{uuid.uuid4().hex}/tree/"))
    page = watched.page
    page.get_by_role("heading", name=title).wait_for()
    # Before there is a kernel the notebook calls itself idle too. JupyterLab runs no cell then, without a word.
    page.get_by_text(re.compile(r"Python 3 .* \| Inactief")).wait_for()
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Uitvoeren$")).click()
    page.locator("[data-command='runmenu:run-all']").click()
    page.locator(shown).first.wait_for()
    return watched


@pytest.mark.browser
def test_the_advisor_opens_jupyterlab_and_runs_the_first_notebook(browser):
    with started("lab") as address:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/00_start\.ipynb\?token=[0-9a-f]{48}", address)
        watched = ran_in_lab(browser, address, "Eén school op één pagina", ".handvat-explorer:not(.handvat-board)")
        page = watched.page
        check_choosing_a_school(watched)
        page.locator(".handvat-explorer:not(.handvat-board)").scroll_into_view_if_needed()
        check_no_one_else_was_asked(watched)
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        keep(watched, "lab")
        page.locator(".lm-MenuBar-item").last.click()
        with page.expect_popup() as opened:
            page.locator("[data-command='help:open']", has_text="Handleiding en naslag").click()
        opened.value.get_by_text(re.compile("worden klaargezet|Naslag")).first.wait_for()
        page.close()


@pytest.mark.browser
def test_a_form_is_handed_in_with_the_button_of_the_second_notebook(browser, tmp_path):
    form = tmp_path / "juf-anna.xlsx"
    form.write_bytes(filled(all_answers() | {"2.4": "Ja/Nee"}))
    with started("lab") as address:
        notebook = address.replace("00_start", "02_inlezen")
        watched = ran_in_lab(browser, notebook, "Formulieren inlezen", ".handvat-upload :text('hoogstens 5 MB')")
        page = watched.page
        upload = page.locator(".handvat-upload")
        with page.expect_file_chooser() as chooser:
            upload.get_by_role("button", name="Formulieren kiezen").click()
        chooser.value.set_files([form, __file__])
        upload.get_by_text('uitspraak 2.4: er staat "Ja/Nee"').wait_for()
        upload.get_by_text("test_browser.py").first.wait_for()
        upload.scroll_into_view_if_needed()
        assert watched.hosts <= {"127.0.0.1", ""}, watched.hosts
        assert watched.errors == []
        keep(watched, "upload")
        page.close()


def open_tab(page: Page, name: str) -> None:
    tab = page.get_by_role("tab", name=name)
    tab.click()
    page.locator(".lm-TabBar-tab.lm-mod-current", has_text=name).wait_for()
    page.locator(".handvat-explorer h1:visible").wait_for()


def opened_dashboard(browser: Browser, address: str, query: str = "", **options) -> Watched:
    watched = Watched(browser, address + query, **options)
    watched.page.locator(".handvat-explorer h1:visible").first.wait_for()
    return watched


@pytest.mark.browser
def test_the_director_opens_the_dashboard(browser, dashboard):
    watched = opened_dashboard(browser, dashboard)
    page = watched.page
    assert page.evaluate("document.documentElement.lang") == "nl"
    assert page.title().endswith("Samenwerken met ouders")
    watched.wait_for_radar_of("Basisschool")
    watched.choose("School", "Basisschool De Regenboog")
    watched.wait_for_radar_of("De Regenboog")
    radar, dots = watched.figures()
    assert dots["title"] == "<b>De cijfers per stap</b>"
    for role, name in (("director", "Directie"), ("teacher", "Leraren")):
        drawn = next(values for trace, values in radar["traces"].items() if trace.startswith(name))
        assert drawn[:5] == pytest.approx(planted_levels("99AA00", role), abs=0.51)
    assert (
        page.locator(".main-svg[role=img]")
        .first.get_attribute("aria-label")
        .startswith("De directie is het meest positief")
    )
    for tab in TABS:
        open_tab(page, tab)
        page.wait_for_timeout(300)
        assert Axe().run(page).violations_count == 0, tab
        keep(watched, f"dashboard-{tab}")
    open_tab(page, "Per stap")
    page.get_by_label(re.compile("^4 Pedagogische samenwerking")).check()
    page.get_by_role("heading", level=1, name=re.compile("^Stap 4:")).wait_for()
    page.locator(".handvat-statement", has_text=tk.load_instrument().item("4.7").statement["nl"]).wait_for()
    assert not page.get_by_text("SchoolExplorer").is_visible(), "a director sees no code"
    page.wait_for_function("() => new URLSearchParams(location.search).get('step') === '4'")
    chosen = {key: values[0] for key, values in parse_qs(urlparse(page.url).query).items()}
    assert (chosen["school"], chosen["step"], chosen["page"]) == ("99AA00", "4", "per_step")
    page.go_back()
    page.get_by_role("heading", level=1, name=re.compile("^Stap 1:")).wait_for()
    page.go_forward()
    page.get_by_role("heading", level=1, name=re.compile("^Stap 4:")).wait_for()
    page.reload()
    page.get_by_role("heading", level=1, name=re.compile("^Stap 4:")).wait_for()
    assert page.get_by_label("School", exact=True).locator("option:checked").inner_text().endswith("Regenboog")
    open_tab(page, "Overzicht")
    page.locator(".modebar-btn").first.wait_for(state="attached")
    check_no_one_else_was_asked(watched)
    page.close(run_before_unload=True)


@pytest.mark.browser
def test_hostile_words_are_harmless_and_hidden_ones_absent(browser, dashboard):
    watched = opened_dashboard(browser, dashboard, "&school=99AC00&page=wishes")
    page = watched.page
    page.locator(".handvat-actions").get_by_text("=cmd|'/c calc'!A1").wait_for()
    shown = page.locator(".handvat-actions").all_inner_texts()
    for written in HOSTILE:
        assert any(written.strip()[:300] in text for text in shown), written[:40]
    assert page.locator(".handvat-actions a, .handvat-actions img, .handvat-actions script").count() == 0
    for tab in TABS:
        open_tab(page, tab)
    open_tab(page, "Overzicht")
    page.locator(".modebar-btn").first.wait_for(state="attached")
    assert "hacked" not in page.title()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    frames_text = "".join(watched.frames)
    assert "calc" in frames_text, "the frames were really watched"
    assert "kanarie" not in frames_text, "what a hidden group wrote"
    assert "kanarie" not in page.content()
    assert not re.search(r"Zorgprofessionals \(n = ", frames_text)
    check_no_one_else_was_asked(watched)
    page.close(run_before_unload=True)


IN_A_NOTEBOOK = """import toolkit as tk

checklist = tk.load_instrument()
intake = tk.read_folder({folder!r}, checklist, progress=False)
safe = tk.protect(intake.responses, checklist, actions=intake.actions)
display(intake.actions[intake.actions["school"] == "99AC00"])
display(tk.summarise_actions(safe.actions, checklist, "99AC00"))
tk.SchoolExplorer(intake, school="99AC00", page="wishes")"""


@pytest.mark.browser
def test_hostile_words_are_harmless_in_a_notebook(browser, folder):
    notebook = ROOT / "data" / f"hostile-{os.getpid()}.ipynb"
    title = nbformat.v4.new_markdown_cell(f"# {TITLE}")
    cells = [title, nbformat.v4.new_code_cell(IN_A_NOTEBOOK.format(folder=str(folder)))]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), notebook)
    try:
        with started("lab") as address:
            notebook_address = address.replace("notebooks/00_start.ipynb", f"data/{notebook.name}")
            watched = ran_in_lab(browser, notebook_address, TITLE, ".handvat-actions")
            page = watched.page
            shown = page.locator(".jp-OutputArea-output")
            for written in HOSTILE[:4]:
                assert page.get_by_text(written[:60]).count() >= 2, written
            assert shown.locator("script, img, a[href^=javascript]").count() == 0
            assert page.evaluate("document.querySelectorAll('.jp-OutputArea-output [onerror]').length") == 0
            assert "hacked" not in page.title()
            assert watched.hosts <= {"127.0.0.1", ""}
            keep(watched, "hostile-notebook")
            page.close()
    finally:
        notebook.unlink()


@pytest.mark.browser
def test_the_dashboard_in_english_on_a_telephone_has_no_dutch_and_fits(browser, dashboard):
    watched = opened_dashboard(browser, dashboard, "&language=en&school=99AA00", width=366)
    page = watched.page
    assert page.evaluate("document.documentElement.lang") == "en"
    for tab in ("Overview", "Per step"):
        open_tab(page, tab)
        page.wait_for_timeout(300)
        texts = page.evaluate(
            "document.body.innerText + [...document.querySelectorAll('svg text')].map(t => t.textContent)"
        )
        names = "Nederlands|Lusse and van der Pluijm|Basisschool.*|Scholengemeenschap.*|Vakcollege.*"
        texts = re.sub(f"{names}|Handvat Samen.*|Checklist oud.*", "", texts)
        dutch = re.findall(r"\b(?:de|het|een|van|stap|niet|uitspraak|leraren|directie|Nee|Beetje|Ja)\b", texts)
        assert dutch == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{tab} is wider than the screen"
        assert page.evaluate(CUT_OFF) == [], tab
        keep(watched, f"telephone-{tab}")
    assert watched.errors == []
    page.close(run_before_unload=True)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 360])
def test_no_table_and_no_text_widens_a_small_screen(browser, dashboard, width):
    watched = opened_dashboard(browser, dashboard, "&language=en&school=99AE00", width=width)
    page = watched.page
    for tab in ("Overview", "Per step", "What the team wants", "Agenda and plan"):
        open_tab(page, tab)
        page.wait_for_timeout(300)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    open_tab(page, "What the team wants")
    page.get_by_text("1.2 Gathering background (6×)").first.wait_for()
    keep(watched, f"small-{width}")
    page.close(run_before_unload=True)


CUT_OFF = """() => [...document.querySelectorAll('.js-plotly-plot')].filter(f => f.offsetParent).flatMap(figure => {
    const room = figure.getBoundingClientRect();
    return [...figure.querySelectorAll('svg text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.width && (box.left < room.left - 1 || box.right > room.right + 1);
    }).map(text => text.textContent);
})"""
"""Texts of figures in sight that stick out of their figure."""


@pytest.mark.browser
def test_the_dashboard_can_be_walked_with_the_keyboard_alone(browser, dashboard):
    watched = opened_dashboard(browser, dashboard)
    page = watched.page
    watched.wait_for_radar_of("Basisschool")
    passed = []

    def walk_to(name: str, key: str = "Tab") -> None:
        for _ in range(60):
            page.keyboard.press(key)
            passed.append(page.evaluate(FOCUSED))
            if passed[-1]["name"].startswith(name):
                return
        raise AssertionError(f"{name} can't be reached with the keyboard")

    walk_to("School")
    page.keyboard.press("ArrowDown")
    watched.wait_for_radar_of("De Regenboog")
    walk_to("Rapport")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="PDF").wait_for()
    walk_to("PDF")
    walk_to("Bekijk stap")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.innerText.startsWith('Stap ')")
    page.go_back()
    page.wait_for_function("/^[^S].+ stap /.test(document.activeElement.innerText)")
    walk_to("Overzicht", "Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=re.compile("^Stap 1:")).wait_for()
    walk_to("1 Thuisomgeving")
    page.keyboard.press("ArrowDown")
    page.get_by_role("heading", level=1, name=re.compile("^Stap 2:")).wait_for()
    walk_to("Alle cijfers")
    page.keyboard.press("Enter")
    page.get_by_role("region").first.wait_for()
    walk_to("Per stap", "Shift+Tab")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Maak er een actie van").first.wait_for()
    walk_to("Maak er een actie van")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type("Bellen in september")
    walk_to("Zet in het plan")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="Bellen in september").wait_for()
    assert [stop["name"] for stop in passed if not stop["ring"]] == [], "where the keyboard is, is seen"
    page.close(run_before_unload=True)


FOCUSED = """() => {
    const here = document.activeElement, style = getComputedStyle(here);
    const label = here.labels && here.labels.length ? here.labels[0].innerText : here.innerText;
    return { name: label || here.getAttribute("aria-label") || "", ring: style.outlineStyle !== "none" };
}"""
"""What has the focus, and whether that shows."""


@pytest.mark.browser
def test_what_fails_is_said_on_the_page(browser, dashboard, folder):
    renamed = folder.rename(folder.with_name("away"))
    try:
        watched = Watched(browser, dashboard)
        failed = watched.page.get_by_role("alert")
        failed.wait_for()
        assert "Dit lukte niet" in failed.inner_text()
        assert f"De map {folder} bestaat niet" in failed.inner_text()
        assert "Traceback" not in watched.page.content()
    finally:
        renamed.rename(folder)
    watched.page.close(run_before_unload=True)


@pytest.mark.browser
def test_a_page_that_closes_takes_its_kernel_along(browser, dashboard):
    opened = [opened_dashboard(browser, dashboard) for _ in range(2)]
    assert len(kernels()) >= 2
    for watched in opened:
        watched.wait_for_radar_of("Basisschool")
        watched.page.wait_for_load_state("networkidle")
        watched.page.goto("about:blank")
        watched.page.close()
    end = time.monotonic() + 60
    while len(kernels()) > 1 and time.monotonic() < end:
        time.sleep(1)
    assert len(kernels()) <= 1, "a page gives its memory back within a minute; one kernel waits for the next page"


def kernels() -> set[int]:
    """The kernels of the servers that this process started, by process id."""
    pids = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("ipykernel" in word for word in process.cmdline()):
                pids.add(process.pid)
    return pids


@pytest.mark.browser
def test_without_its_token_nothing_is_shown_and_it_is_for_this_computer_only(browser, dashboard):
    page = browser.new_context().new_page()
    page.goto(dashboard.split("?")[0])
    assert "/login" in page.url
    assert page.get_by_text("De Regenboog").count() == 0
    assert urlparse(dashboard).hostname == "127.0.0.1"
    page.close(run_before_unload=True)


@pytest.mark.browser
def test_a_team_makes_a_plan_on_the_action_board(browser, tmp_path):
    with started("lab") as address:
        notebook = address.replace("00_start", "05_volgende_stap")
        watched = ran_in_lab(browser, notebook, "De volgende stap", ".handvat-explorer")
        page = watched.page
        board = page.locator(".handvat-explorer")
        board.get_by_label("Zoek", exact=True).fill("achtergrond")
        board.get_by_label("1.2 Achtergrond nagaan").check()
        board.get_by_label("Zoek", exact=True).fill("kennismaking")
        board.get_by_label("3.2 Kennismakingsgesprek").check()
        board.get_by_label("Wat", exact=True).fill("Startgesprekken <b>voor</b> de herfst")
        keep(watched, "board-filling-in")
        board.get_by_role("button", name="Zet in het plan").click()
        board.get_by_role("cell", name="1.2 Achtergrond nagaan, 3.2 Kennismakingsgesprek").wait_for()
        board.get_by_label("Bestand").fill(str(tmp_path / "plan.xlsx"))
        board.get_by_role("button", name="Bewaar").click()
        board.get_by_text("Bewaard in").wait_for()
        action = tk.read_actions(tmp_path / "plan.xlsx").actions[0]
        assert (action.what, action.items) == ("Startgesprekken <b>voor</b> de herfst", ("1.2", "3.2"))
        assert watched.hosts <= {"127.0.0.1", ""}
        assert watched.errors == []
        board.scroll_into_view_if_needed()
        keep(watched, "board")
        page.close(run_before_unload=True)


@pytest.mark.browser
def test_when_the_server_is_gone_a_bar_says_so_and_the_page_is_dimmed(browser, folder):
    with started("dashboard", "--folder", str(folder)) as address:
        watched = opened_dashboard(browser, address)
        page = watched.page
        watched.wait_for_radar_of("Basisschool")
        assert not page.get_by_text("Geen verbinding meer").is_visible()
    page.get_by_text("Geen verbinding meer").wait_for()
    assert float(page.evaluate("getComputedStyle(document.getElementById('rendered_cells')).opacity")) < 0.5
    page.close()


HAS_SIZE = """() => {
    const part = document.querySelector(".handvat-explorer").getBoundingClientRect().width / innerWidth;
    return part > 0.8 && part <= 1;
}"""
"""The page has taken over another size of its window: Voilà's script does that, after the style sheet."""

THREE_LINES = """() => [...document.querySelectorAll(".handvat-line")].filter(line => line.checkVisibility())
    .map(line => line.getBoundingClientRect().bottom)"""

IN_SIGHT = """words => {
    const top = [...document.querySelectorAll(".handvat-explorer :is(label, .handvat-place b, select, button, a)")]
        .filter(part => part.checkVisibility()).map(part => [part.textContent.trim(), part.getBoundingClientRect()])
        .filter(([, box]) => box.top >= 0 && box.bottom <= innerHeight && box.width > 2);
    const apart = (a, b) => a === b || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    const clear = box => top.every(([, other]) => apart(box, other));
    return words.filter(word => top.some(([text, box]) => text === word && clear(box)));
}"""
"""Which of these words is on the first screen, with no other word or control through it."""


@pytest.mark.browser
def test_the_three_lines_are_on_the_first_screen(browser, dashboard):
    watched = opened_dashboard(browser, dashboard)
    page = watched.page
    for name in ("De Regenboog", "'t Zandpad", "De Vliet", "Maasoever"):
        school = page.locator("option", has_text=name).first.inner_text()
        watched.choose("School", school)
        watched.wait_for_radar_of(name)
        for width, height in ((1366, 768), (390, 844), (683, 384)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(HAS_SIZE)
            page.evaluate("scrollTo(0, 0)")
            bottoms = page.evaluate(THREE_LINES)
            assert len(bottoms) == 3
            assert max(bottoms) <= height, (name, width)
            labels = ["School", "Schooljaar", "Vergelijk met", "voorbeeld", "Handleiding"]
            assert page.evaluate(IN_SIGHT, labels) == labels, (name, width)
            assert all(sentence.is_visible() for sentence in page.locator(".handvat-line .handvat-wording").all())
    page.get_by_label("Taal", exact=True).select_option(label="English")
    labels = ["School", "School year", "Compare with", "example", "Guide (in Dutch)"]
    page.wait_for_function(f"words => ({IN_SIGHT})(words).length === words.length", arg=labels)
    page.close(run_before_unload=True)


@pytest.mark.browser
def test_on_a_telephone_the_radar_is_large_and_nothing_of_it_is_cut_off(browser, dashboard):
    watched = opened_dashboard(browser, dashboard, "&school=99AC00", width=390)
    watched.wait_for_radar_of("De Vliet")
    watched.page.wait_for_timeout(500)
    width = watched.page.evaluate("document.querySelector('.polarlayer .polar .plotbg').getBoundingClientRect().width")
    assert width >= 300
    assert watched.page.evaluate(CUT_OFF) == []
    watched.page.close(run_before_unload=True)


@pytest.mark.browser
def test_eight_statements_fit_on_a_page_and_printing_names_school_and_year(browser, dashboard):
    watched = opened_dashboard(browser, dashboard, "&school=99AA00&step=3&page=per_step", width=1366)
    page = watched.page
    page.locator(".handvat-statement").nth(7).wait_for()
    boxes = [page.locator(".handvat-statement").nth(number).bounding_box() for number in (0, 7)]
    assert boxes[1]["y"] + boxes[1]["height"] - boxes[0]["y"] <= 1100
    page.emulate_media(media="print")
    assert page.locator(".handvat-place", has_text="Basisschool De Regenboog · 2025-2026").is_visible()
    assert not page.get_by_role("button", name="Rapport").is_visible()
    paper = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sizes = {}
    paper.pages[0].extract_text(visitor_text=lambda text, on, at, _, size: sizes.update({text: size * at[3] * on[3]}))
    heading = next(size for text, size in sizes.items() if text.startswith("Stap 3"))
    assert heading >= 14, "points: the page is not shrunk to fit something wider"
    page.emulate_media(media="screen")
    open_tab(page, "Agenda en plan")
    page.locator(".handvat-agenda").nth(8).wait_for()
    first_page = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages[0].extract_text()
    assert ("Bespreken" in first_page) == ("1.1 Beeld van de leerlingen" in first_page), "a heading goes with its cards"
    page.close(run_before_unload=True)
