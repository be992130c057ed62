"""Make the pictures of the guide anew: `.venv/bin/python docs/make_pictures.py`.

Everything in them is made up: the pictures show the built-in schools. It needs Chromium, LibreOffice and pdftoppm.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from plotly.offline import get_plotlyjs

import toolkit as tk
from toolkit.sources.blank import form_bytes
from toolkit.sources.filled import fill_form, open_template
from toolkit.sources.layout import about_key, action_key, item_key

ROOT = Path(__file__).resolve().parents[1]
PICTURES = Path(__file__).parent / "pictures"
SCHOOL, WAVE = "99AA00", "2025-2026"
WIDTH, SCALE = 860, 1.5
LARGEST = 200_000  # bytes: a page with five pictures should open on a slow line
PATIENCE = 120  # seconds


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
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"{names[0]} is not installed")
    return found


@contextlib.contextmanager
def opened_browser() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


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
    levels = tk.levels(safe, checklist)
    place = {"school": SCHOOL, "wave": WAVE, "name": dict(intake.schools.to_numpy().tolist())[SCHOOL]}
    return {
        "radar": tk.charts.radar(levels, **place),
        "dumbbell": tk.charts.dumbbell(levels, **place),
        "antwoorden": tk.charts.distribution(tk.item_table(safe, checklist), step=3, **place),
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
    """Photograph the dashboard as a director opens it, from the top to the end of the radar."""
    with started_dashboard() as address:
        page = browser.new_page(viewport={"width": 980, "height": 1400}, device_scale_factor=1.25)
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        shown = {"x": 0, "y": 0, "width": 980, "height": end_of_radar(page)}
        page.screenshot(path=PICTURES / "dashboard.png", clip=shown)
        page.close()


def end_of_radar(page: Page) -> float:
    """Wait until the radar stands where it stays; gives the height at which it ends."""
    radar = page.locator(".handvat-explorer .js-plotly-plot").first
    radar.locator(".main-svg").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(1500)  # the page's own layout comes to rest after its last figure
    place = radar.bounding_box()
    assert place
    return place["y"] + place["height"]


@contextlib.contextmanager
def started_dashboard() -> Iterator[str]:
    """`start.py dashboard`, as a user starts it; gives the address it prints last."""
    command = [sys.executable, str(ROOT / "start.py"), "dashboard", "--no-browser"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield printed_address(server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def printed_address(server: subprocess.Popen[str]) -> str:
    """Read what the server prints until there is an address."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in server.stdout or ()], daemon=True).start()
    while True:
        line = lines.get(timeout=PATIENCE).strip()
        if line.startswith("http"):
            return line


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
    words = [answer.label["nl"] for answer in checklist.answers]
    answers = {item_key(item): words[(7 * place + 2) % 3] for place, item in enumerate(checklist.item_ids)}
    del answers[item_key("2.5")]  # left empty, as people do
    role = {about_key("role"): checklist.role("teacher").label["nl"]}
    return fill_form(template, answers | role | {action_key(1): "Startgesprekken in de eerste drie weken plannen."})


if __name__ == "__main__":
    main()
