"""Make the pictures of the guide anew: `make screenshots`.

Everything in them is made up: the pictures show the built-in schools. It needs Chromium, LibreOffice and pdftoppm.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page
from plotly.offline import get_plotlyjs

import toolkit as tk
from tests.support.servers import PATIENCE, opened_browser, started
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.keys import about_key, action_key, item_key
from toolkit.forms.template import fill_form, open_template

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SCHOOL, WAVE = "99AA00", "2025-2026"
WIDTH, SCALE = 860, 1.5
PAGE_WIDTH, PAGE_HEIGHT, PAGE_SCALE = 1200, 900, 1
LARGEST = 200_000  # bytes: a page with its pictures should open on a slow line

DASHBOARD = {
    "dashboard": {"school": "99AB00", "page": "overview"},
    "dashboard-stap": {"school": SCHOOL, "page": "per_step", "step": "4"},
    "dashboard-wensen": {"school": SCHOOL, "page": "wishes"},
    "dashboard-plan": {"school": SCHOOL, "page": "plan"},
}
"""Pictures of the dashboard, by the name of their file: what is chosen in each."""


def main() -> None:
    """Write all pictures, and say how large they are."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, opened_browser() as browser:
        draw_charts(browser, Path(folder))
        draw_dashboard(browser)
        draw_form(Path(folder))
    for path in sorted(PICTURES.glob("*.png")):
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB")
        if size > LARGEST:
            raise SystemExit(f"{path.name} is larger than {LARGEST // 1000} kB")


def program(*names: str) -> str:
    """Where the first of these programs is."""
    first_path = next((path for name in names if (path := shutil.which(name))), None)
    if first_path is None:
        raise SystemExit(f"{names[0]} is not installed")
    return first_path


# --- Charts ---


def draw_charts(browser: Browser, folder: Path) -> None:
    """Draw the charts of one built-in school, each on a page of its own without a network."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900}, device_scale_factor=SCALE)
    page.set_default_timeout(PATIENCE * 1000)
    for name, picture in charts(folder / "example").items():
        html = folder / f"{name}.html"
        html.write_text(as_page(picture), encoding="utf-8")
        page.goto(html.as_uri())
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
        page.locator("#picture").screenshot(path=PICTURES / f"{name}.png")
    page.close()


def charts(folder: Path) -> dict[str, tk.charts.Picture]:
    """Pictures by the name of their file, out of real forms."""
    checklist = tk.load_instrument()
    tk.samples.write_folder(folder)
    intake = tk.read_folder(folder, checklist)
    safe = tk.protect(intake.responses, checklist)
    levels, items = tk.levels(safe, checklist), tk.item_table(safe, checklist)
    selection = {"school": SCHOOL, "wave": WAVE, "name": dict(intake.schools.to_numpy().tolist())[SCHOOL]}
    return {
        "radar": tk.charts.radar(levels, **selection),
        "dumbbell": tk.charts.dumbbell(levels, gaps=tk.agreement(safe, checklist), **selection),
        "antwoorden": tk.charts.distribution(items, step=3, **selection),
        "uitspraken": tk.charts.heatmap(items, step=3, **selection),
        "ontwikkeling": tk.charts.trend(levels, SCHOOL, name=selection["name"]),
    }


def as_page(picture: tk.charts.Picture) -> str:
    """A page with plotly's own script in it, so that nothing is fetched."""
    drawing = picture.to_json().replace("</", "<\\/")
    return (
        "<!doctype html><meta charset='utf-8'><style>body{margin:0}</style>"
        f"<script>{get_plotlyjs()}</script><div id='picture' style='width:{WIDTH}px'></div>"
        f"<script>const it = {drawing};"
        "Plotly.newPlot('picture', it.data, it.layout, {displayModeBar: false, responsive: true})</script>"
    )


# --- The dashboard ---


def draw_dashboard(browser: Browser) -> None:
    """Photograph the first screen of each page of the dashboard, as a director opens it."""
    with started("dashboard") as address:
        for name, chosen in DASHBOARD.items():
            page = browser.new_page(
                viewport={"width": PAGE_WIDTH, "height": PAGE_HEIGHT}, device_scale_factor=PAGE_SCALE
            )
            page.set_default_timeout(PATIENCE * 1000)
            page.goto("&".join([address, *(f"{key}={value}" for key, value in chosen.items())]))
            come_to_rest(page, drawn=chosen["page"] == "overview")
            page.screenshot(path=PICTURES / f"{name}.png")
            page.close(run_before_unload=True)


def come_to_rest(page: Page, drawn: bool) -> None:
    """Wait until everything stands where it stays."""
    page.locator(".handvat-explorer h2").first.wait_for()
    if drawn:
        page.locator(".handvat-explorer .js-plotly-plot .main-svg:visible").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(1500)  # the page's own layout comes to rest after its last figure


# --- The form ---


def draw_form(folder: Path) -> None:
    """Print the first page of a filled-in form, as LibreOffice prints it."""
    form = folder / "form.xlsx"
    form.write_bytes(filled_form())
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    to_pdf = [program("soffice", "libreoffice"), profile, "--headless", "--convert-to", "pdf", "--outdir", folder, form]
    subprocess.run(to_pdf, check=True, capture_output=True, timeout=PATIENCE)
    to_png = [program("pdftoppm"), "-png", "-r", "96", "-f", "1", "-l", "1", "-singlefile", folder / "form.pdf"]
    subprocess.run([*to_png, PICTURES / "formulier"], check=True)


def filled_form() -> bytes:
    """The form of one made-up teacher."""
    checklist = tk.load_instrument()
    template = open_template(
        form_bytes(checklist, school=SCHOOL, school_name="Basisschool De Regenboog", wave=WAVE, language="nl")
    )
    labels = [answer.label["nl"] for answer in checklist.answers]
    answers = {item_key(item): labels[(7 * index + 2) % 3] for index, item in enumerate(checklist.item_ids)}
    del answers[item_key("2.5")]  # left empty, as people do
    role = {about_key("role"): checklist.role("teacher").label["nl"]}
    return fill_form(template, answers | role | {action_key(1): "Startgesprekken in de eerste drie weken plannen."})


if __name__ == "__main__":
    main()
