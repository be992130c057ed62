"""From an address, and from another choice, to what is on screen: a real browser, the real dashboards."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page

import toolkit as tk
from tests.support.servers import PATIENCE, opened_browser, started

SCHOOLS, CHANGES = 1000, 50
FIRST, MEDIAN, LATE = 5.0, 0.3, 0.6
"""Seconds: from the address to the first picture, and of a change the median and the 95th percentile."""

MAX_SCHOOLS = 6_500
"""A national round of two years."""

CELL = """import toolkit as tk
from benchmarks.dashboard import many_schools

tk.SchoolExplorer(many_schools(), address="")"""

GROUP_CELL = """import toolkit as tk
from benchmarks.cohorts import national
from benchmarks.dashboard import MAX_SCHOOLS

tk.CohortExplorer(*national(MAX_SCHOOLS))"""

STEP = """number => new Promise(done => {
    const began = performance.now();
    document.querySelectorAll(".handvat-steps input")[number - 1].click();
    const look = () => {
        const heads = [...document.querySelectorAll("h1")].filter(head => head.checkVisibility());
        const drawn = heads.some(head => head.innerText.includes(number + ":"));
        if (drawn) requestAnimationFrame(() => setTimeout(() => done((performance.now() - began) / 1000)));
        else requestAnimationFrame(look);
    };
    look();
})"""

# The clock runs in the page: from the choice until the browser has painted a figure that names the school.
CHANGE = """([select, place, name]) => new Promise(done => {
    const began = performance.now();
    select.selectedIndex = place;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    const look = () => {
        const figure = document.querySelector(".handvat-explorer .js-plotly-plot");
        const drawn = figure && figure.layout && figure.querySelector(".polarlayer .scatterlayer .trace");
        if (drawn && figure.textContent.replace(/\\s/g, "").toLowerCase().includes(name))
            requestAnimationFrame(() => setTimeout(() => done((performance.now() - began) / 1000)));
        else requestAnimationFrame(look);
    };
    look();
})"""


@dataclass(frozen=True)
class Seconds:
    """What a dashboard took: until its first picture, and for each change of a list, and of the step."""

    first: float
    changes: list[float]
    steps: list[float]


def main() -> None:
    """Print the time to the first picture, and the median and the 95th percentile of each kind of change."""
    school = measure(CELL, "School")
    _say(f"school among {SCHOOLS:,}", school.changes)
    _say("step", school.steps)
    _say(f"group of {MAX_SCHOOLS:,} schools, two years", measure(GROUP_CELL, "Groep").changes)
    with opened_browser() as browser, started("dashboard") as address:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(PATIENCE * 1000)
        print(f"the example schools: first picture after {_open(page, address):.1f} s (at most {FIRST})")
        print(f"loaded again at once: first picture after {_open(page, address):.1f} s (at most {FIRST})")
        _say("school", _changes(page, "School"))


def _say(what: str, seconds: list[float]) -> None:
    median, late = statistics.median(seconds), float(np.percentile(seconds, 95))
    goal = f"at most {MEDIAN} and {LATE}"
    print(f"{len(seconds)} changes of {what}: median {median:.2f} s, p95 {late:.2f} s ({goal})", flush=True)


def measure(cell: str, control: str) -> Seconds:
    """Time each change of the control, in a dashboard of this cell that is started for it."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder, "dashboard.ipynb")
        notebook.write_text(json.dumps(_notebook(cell)), encoding="utf-8")
        with opened_browser() as browser, started("dashboard", str(notebook)) as address:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(PATIENCE * 1000)
            return Seconds(_open(page, address), _changes(page, control), _steps(page))


def _open(page: Page, address: str) -> float:
    began = time.perf_counter()
    page.goto(address)
    page.locator(".handvat-explorer .polarlayer .scatterlayer .trace").first.wait_for()
    return time.perf_counter() - began


def _steps(page: Page) -> list[float]:
    """Seconds of each change of the step, where the dashboard has a page for it."""
    tab = page.get_by_role("tab", name="Per stap")
    if not tab.count():
        return []
    tab.click()
    page.get_by_role("heading", level=1, name="Stap 1:").wait_for()
    return [page.evaluate(STEP, number % 5 + 1) for number in range(1, CHANGES + 1)]


def many_schools() -> tk.Intake:
    """Made-up schools straight as an intake: what is measured here is not the reading."""
    responses = tk.samples.responses(tk.load_instrument(), schools=SCHOOLS, waves=2, teachers=(5, 40), seed=1)
    schools = pd.DataFrame({"school": responses["school"].unique()})
    actions = pd.DataFrame(columns=["school", "wave", "role", "respondent", "step", "text"])
    schools["name"] = "School " + schools["school"]
    return tk.Intake(responses, actions, pd.DataFrame(), pd.DataFrame(), schools)


def _changes(page: Page, control: str) -> list[float]:
    select = page.get_by_label(control, exact=True)
    options = select.locator("option").all_inner_texts()
    assert len(options) > 1
    handle = select.element_handle()
    indices = [(7 * number) % len(options) for number in range(1, CHANGES + 1)]
    return [page.evaluate(CHANGE, [handle, index, "".join(options[index].split()).lower()]) for index in indices]


def _notebook(source: str) -> dict[str, object]:
    cell = {"cell_type": "code", "id": "cel-01", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [cell | {"source": source}]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    main()
