"""The documentation as pages for the project's own servers, built in the background.

A version of the project is built once. Only the project's folder has its sources: an installed
package shows the guide alone (`guide.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from toolkit.core.fingerprint import fingerprint, package_fingerprint
from toolkit.widgets.components import render
from toolkit.widgets.guide import STATIC

PROJECT = Path(__file__).resolve().parents[2]
STAMP = "version.txt"
HEAD_START = 15
"""Seconds in which the first notebook or page has the computer for itself."""


def site_folder(data: Path) -> Path:
    """Folder of the pages in the data folder that a server gets."""
    return data / STATIC / "docs"


@contextlib.contextmanager
def site_in_background(data: Path) -> Iterator[None]:
    """Make the pages while a server runs, unless they are there.

    Until they are there, the first page says that they are on their way, and the dashboard has its guide from
    `guide.py`.
    """
    folder = site_folder(data)
    if find_spec("mkdocs") is None or not (PROJECT / "mkdocs.yml").exists() or _is_current(folder):
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "index.html").exists():
        (folder / "index.html").write_text(render("parts", "on_its_way"), encoding="utf-8")
    with (data.parent / "docs.log").open("wb") as log:
        command = [sys.executable, "-m", "toolkit.widgets.site", str(folder), str(HEAD_START)]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        builder = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        builder.terminate()
        builder.wait()


def main(folder: Path, wait: float) -> None:
    """Wait, build the site, and copy it over the folder; the stamp comes last.

    A warning of MkDocs is an error: a page would miss something.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing half done stays behind
    if hasattr(os, "nice"):
        os.nice(10)
    time.sleep(wait)
    from mkdocs.__main__ import cli  # an extra, and slow to import

    version = _version()
    with tempfile.TemporaryDirectory(prefix="handvat-docs-") as build_folder:
        cli(["build", "--strict", "--site-dir", build_folder], standalone_mode=False)
        shutil.copytree(build_folder, folder, dirs_exist_ok=True)
        (folder / STAMP).write_text(version, encoding="utf-8")


def _is_current(folder: Path) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _version()


def _version() -> str:
    """Hash of what the pages are made from."""
    parts = [package_fingerprint(), fingerprint(PROJECT / "docs"), (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
