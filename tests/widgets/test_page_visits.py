"""Every page of both dashboards, visited as people do: more than once, and after a change made on another page.

The first visit also holds the page to the rules for people who can't see it well, or use no mouse.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, WebSocket

from tests.support.servers import PATIENCE, ROOT, opened_browser, started

STILL = 0.4
"""Seconds without a word from the kernel, after it has answered: long enough for plotly to resize what is hidden."""

MIN_HEIGHT = 100
"""Pixels of a figure that can be read."""

MESSAGE, IDLE = re.compile(r'"msg_id": ?"([^"]+)"'), re.compile(r'"execution_state": ?"idle"')
"""The name of a message (of its question too, in an answer), and what a kernel says when it is done with one."""

SIZES = {"laptop": (1366, 768, "nl"), "telephone": (390, 844, "en")}
"""Width, height and language: both languages are seen, without a visit more."""

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
"""The rules of axe that every page keeps."""

BAD_PICTURES = """least => {
    const seen = box => box.width > 0 && box.height > 0;
    const plots = [...document.querySelectorAll(".js-plotly-plot")].filter(plot => plot.checkVisibility());
    const drawn = plots.flatMap(plot => [plot, ...plot.querySelectorAll(".main-svg")]);
    const low = plots.filter(plot => [plot, plot.querySelector(".main-svg")]
        .some(part => !part || part.getBoundingClientRect().height <= least)).map(plot => "too low: " + plot.innerText);
    const words = document.createTreeWalker(document.querySelector(".handvat-explorer"), NodeFilter.SHOW_TEXT);
    const over = [];
    while (words.nextNode()) {
        const text = words.currentNode, parent = text.parentElement;
        const outside = !parent.closest(".js-plotly-plot, style, script");
        if (!text.data.trim() || !outside || !parent.checkVisibility()) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) {
            const hit = drawn.map(plot => plot.getBoundingClientRect()).some(plot => seen(plot) && seen(box) &&
                box.left < plot.right - 1 && box.right > plot.left + 1 &&
                box.top < plot.bottom - 1 && box.bottom > plot.top + 1);
            if (hit) { over.push("over a picture: " + text.data); break; }
        }
    }
    return [...low, ...over];
}"""
"""Figures in sight that are too low to read, and texts that run through one."""

COUNT_DRAWINGS = """Object.defineProperty(HTMLElement.prototype, "_ev", { set(events) {
    Object.defineProperty(this, "_ev", { value: events, writable: true });
    this.drawings = 0;
    events.on("plotly_afterplot", () => { this.drawings += 1; });
} })"""
"""Plotly keeps the events of a figure in `_ev`: each figure counts how often it was drawn."""

DRAWN_AGAIN = """() => [...document.querySelectorAll(".handvat-explorer .js-plotly-plot")]
    .filter(plot => plot.drawings !== 1).map(plot => `${plot.drawings} drawings of ${plot.layout.title.text}`)"""


@pytest.fixture(scope="module")
def browser(chromium):
    with opened_browser(chromium) as opened:
        yield opened


@pytest.fixture(scope="module", params=["school", "cohort"])
def dashboard(request):
    with started("dashboard", str(ROOT / "notebooks" / f"dashboard_{request.param}.ipynb")) as address:
        yield address


class Kernel:
    """What a page asks its kernel, and whether that has answered all of it."""

    def __init__(self, page: Page) -> None:
        self.page, self.asked, self.unanswered, self.last = page, 0, set(), 0.0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._ask)
        socket.on("framereceived", self._hear)

    def _ask(self, frame: bytes | str) -> None:
        self.asked += 1
        self.unanswered |= set(MESSAGE.findall(as_text(frame))[:1])

    def _hear(self, frame: bytes | str) -> None:
        self.last = time.monotonic()
        if IDLE.search(message := as_text(frame)):
            self.unanswered -= set(MESSAGE.findall(message))

    @contextlib.contextmanager
    def answers(self) -> Iterator[None]:
        """Do something that the kernel is asked; wait until it has answered and is still. A slow one answers late."""
        asked = self.asked
        yield
        end = time.monotonic() + PATIENCE
        while self.asked == asked or self.unanswered or time.monotonic() - self.last < STILL:
            assert time.monotonic() < end, "the kernel is asked, and answers"
            self.page.wait_for_timeout(50)


def as_text(frame: bytes | str) -> str:
    """The text of a message: Jupyter's own protocol puts several parts in one frame of bytes."""
    return frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame


def visit(kernel: Kernel, number: int) -> str:
    """Open a page of the dashboard by its place among the tabs, and stay until nothing moves."""
    tab = kernel.page.get_by_role("tab").nth(number)
    with kernel.answers():
        tab.click()
    return tab.inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_as_clear_the_second_time(browser, dashboard, size):
    width, height, language = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PATIENCE * 1000)
    kernel = Kernel(page)
    page.add_init_script(COUNT_DRAWINGS)
    page.goto(f"{dashboard}&language={language}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    assert page.locator("html").get_attribute("lang") == language
    n_pages = page.get_by_role("tab").count()
    assert n_pages >= 3
    bad, n_pictures = {}, 0
    visits = [*range(1, n_pages), *range(n_pages), 0]
    for index, number in enumerate(visits):
        name = visit(kernel, number)
        n_pictures += page.locator(".js-plotly-plot:visible").count()
        if index < n_pages and (violations := Axe().run(page, options=WCAG).response["violations"]):
            bad[f"not accessible: {name}"] = [rule["id"] for rule in violations]
        if bad_pictures := page.evaluate(BAD_PICTURES, MIN_HEIGHT):
            bad[f"visit {index}: {name}"] = bad_pictures
    if drawn_again := page.evaluate(DRAWN_AGAIN):  # it costs a school laptop seconds
        bad["pictures that were drawn more than once"] = drawn_again
    for number in range(n_pages):
        change_on_another_page(kernel, (number + 1) % n_pages, number)
        name = visit(kernel, number)
        if bad_pictures := page.evaluate(BAD_PICTURES, MIN_HEIGHT):
            bad[f"after a change: {name}"] = bad_pictures
    assert n_pictures >= len(visits) / 3, "pictures were seen at all"
    assert bad == {}
    assert f"language={language}" in page.url, "the address keeps the choices"
    assert "page=" in page.url
    page.close(run_before_unload=True)


def change_on_another_page(kernel: Kernel, other_page: int, change: int) -> None:
    """Choose the next option of the first list (the school or the grouping) on another page."""
    visit(kernel, other_page)
    first = kernel.page.locator(".handvat-controls select").first
    with kernel.answers():
        first.select_option(index=(change + 1) % first.locator("option").count())
