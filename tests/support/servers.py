"""The project's servers as a user starts them, and a browser to look at them: for tests, benchmarks and pictures."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = int(os.environ.get("HANDVAT_PATIENCE", "180"))
"""Seconds: a machine that does everything at once is slow to start a kernel."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# background networking is the browser's own: switched off, every request left is one of the page
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no network but this computer
]


@contextlib.contextmanager
def started(*command: str) -> Iterator[str]:
    """`start.py` with these words, without a window; gives the address it prints last."""
    arguments = [sys.executable, str(ROOT / "start.py"), *command, "--no-browser", "--port", str(free_ports(1)[0])]
    server = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield _address(server)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        assert server.stdout
        server.stdout.close()


@contextlib.contextmanager
def opened_browser(chromium: str | None = None) -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    chromium = chromium or next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if chromium is None:
        raise SystemExit(f"{CHROMIUM[0]} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def free_ports(number: int) -> list[int]:
    """Ports of the system's choice: two servers that look for one at the same moment find the same."""
    with contextlib.ExitStack() as opened:
        listening = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [listener.getsockname()[1] for listener in listening]


def _address(server: subprocess.Popen[str]) -> str:
    """Read what the server prints until there is an address."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in server.stdout or ()], daemon=True).start()
    while True:
        line = lines.get(timeout=PATIENCE).strip()
        if line.startswith("http"):
            return line
