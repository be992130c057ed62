"""The report on paper: a browser on the computer prints the page without scripts as PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.reports.html_writer import to_html
from toolkit.reports.model import Report

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "microsoft-edge-stable", "brave-browser",
)  # fmt: skip
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
)
PATIENCE = 120
"""Seconds a browser gets: the first start on a slow laptop takes long."""


def to_pdf(report: Report) -> bytes:
    """Return the PDF, on A4, with real headings and tables in it for screen readers.

    Raises
    ------
    ToolkitError
        There is no browser of the Chromium family, or it made no PDF.
    """
    return print_page(to_html(report, interactive=False), report.language)


def print_page(html: str, language: str) -> bytes:
    """Return a page as PDF; raises as `to_pdf`."""
    browser = find_browser()
    if browser is None:
        raise ToolkitError(load_text(language).say("report.no_chromium"))
    with tempfile.TemporaryDirectory(prefix="handvat-") as folder:
        page, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        message = _print(browser, page, target, Path(folder) / "profile")
        if not target.is_file():
            raise ToolkitError(load_text(language).say("report.chromium_failed", browser=browser, found=message))
        return target.read_bytes()


def find_browser() -> str | None:
    """Find a browser of the Chromium family, or the one in `HANDVAT_BROWSER`; else None."""
    chosen = os.environ.get("HANDVAT_BROWSER")
    if chosen:
        return shutil.which(chosen)
    on_path = (shutil.which(name) for name in NAMES)
    elsewhere = (os.path.expandvars(folder) for folder in PLACES)
    return next((path for path in on_path if path), None) or next((p for p in elsewhere if Path(p).is_file()), None)


def _print(browser: str, page: Path, target: Path, profile: Path) -> str:
    """Print, with a profile of its own: a browser that is open already would take the work over, and not do it."""
    command = [
        browser, "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--generate-pdf-document-outline",
        f"--user-data-dir={profile}", f"--print-to-pdf={target}", *_as_root(), page.as_uri(),
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    except (subprocess.SubprocessError, OSError) as error:
        return type(error).__name__
    return "-"


def _as_root() -> list[str]:
    """Chromium refuses its sandbox to root; the page has no script, and forbids itself every request."""
    return ["--no-sandbox"] if sys.platform != "win32" and os.geteuid() == 0 else []
