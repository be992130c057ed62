"""The two ways in, as their users take them: a real browser, a real server, every request watched."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import toolkit as tk

ROOT = Path(__file__).parents[1]
PATIENCE = 180_000  # milliseconds: a machine that does everything at once is slow to start a kernel


@pytest.fixture(scope="module")
def browser(chromium):
    # background networking is the browser's own: switched off, every request left is one of the page
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@contextlib.contextmanager
def started(what: str):
    """`start.py lab` or `dashboard`, as a user starts it; gives the last line it prints."""
    command = [sys.executable, str(ROOT / "start.py"), what, "--no-browser"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield _address(server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        server.stdout.close()


def _address(server: subprocess.Popen) -> str:
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in server.stdout], daemon=True).start()
    while True:
        line = lines.get(timeout=PATIENCE / 1000).strip()
        if line.startswith("http"):
            return line


class Watched:
    """A page, with what it asked of whom and what it complained of."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 1400})
        self.page.set_default_timeout(PATIENCE)
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(urlparse(request.url).hostname or ""))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
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
        found = self.page.locator(".modebar-btn").all()
        return [button.get_attribute("data-title") or "" for button in found]


def planted_levels(school: str, role: str) -> list[float]:
    """The level per step of a built-in school's last year, straight from what was planted in the forms."""
    checklist = tk.load_instrument()
    folder = ROOT / "data" / "example"
    read = tk.read_folder(folder, checklist).responses
    rows = read[(read["school"] == school) & (read["wave"] == "2025-2026") & (read["role"] == role)]
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
    for role, name in (("director", "Directie"), ("teacher", "Klassenleraren")):
        drawn = next(values for trace, values in radar["traces"].items() if trace.startswith(name))
        assert drawn[:5] == pytest.approx(planted_levels("99AC00", role), abs=0.06)
    assert not any(trace.startswith("Zorg") for trace in radar["traces"]), "three care professionals are too few"


def keep(watched: Watched, name: str) -> None:
    """A screenshot for who wants to look, where HANDVAT_SCREENSHOTS names a folder."""
    if folder := os.environ.get("HANDVAT_SCREENSHOTS"):
        watched.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.browser
def test_the_advisor_opens_jupyterlab_and_runs_the_first_notebook(browser):
    with started("lab") as address:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/00_start\.ipynb\?token=[0-9a-f]{48}", address)
        watched = Watched(browser, address)
        page = watched.page
        page.get_by_role("heading", name="Eén school op één pagina").wait_for()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for()
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        page.locator(".handvat-explorer").wait_for()
        check_choosing_a_school(watched)
        page.locator(".handvat-explorer").scroll_into_view_if_needed()
        check_no_one_else_was_asked(watched)
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        keep(watched, "lab")
        page.close()


@pytest.mark.browser
def test_the_director_opens_the_dashboard(browser):
    with started("dashboard") as address:
        watched = Watched(browser, address)
        watched.page.locator(".handvat-explorer").wait_for()
        assert watched.page.evaluate("document.documentElement.lang") == "nl"
        assert watched.page.title() == "Samenwerken met ouders"
        check_choosing_a_school(watched)
        watched.choose("Stap", "4 Pedagogische samenwerking")
        watched.page.get_by_text("Stap 4: Samen werken aan de ontwikkeling van het kind").wait_for()
        assert not watched.page.get_by_text("SchoolExplorer").is_visible(), "a director sees no code"
        check_no_one_else_was_asked(watched)
        keep(watched, "dashboard")
        watched.page.close()


@pytest.mark.browser
def test_without_its_token_nothing_is_shown(browser):
    with started("dashboard") as address:
        page = browser.new_page()
        page.goto(address.split("?")[0])
        assert "/login" in page.url
        page.goto(address)
        assert "/login" not in page.url
        page.close()
