"""The reference: every public name on one page, every column explained, no dead link."""

import os
import re
import subprocess
import sys
from pathlib import Path

import toolkit as tk

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "naslag").glob("*.md"))
NAMED = re.findall(
    r"^::: toolkit\.([\w.]+)", "\n".join(path.read_text(encoding="utf-8") for path in PAGES), re.MULTILINE
)
MODULES = {"charts"}  # its functions are listed by themselves


def test_every_public_name_is_in_the_reference_once():
    assert [name for name in NAMED if NAMED.count(name) > 1] == []
    assert set(tk.__all__) - MODULES <= set(NAMED)
    listed = {name.rpartition(".")[2] for name in NAMED if name.startswith("charts.")}
    assert {*tk.charts.CHARTS, *tk.charts.COHORT_CHARTS, "Picture"} == listed


def test_the_pages_are_built_without_a_warning_and_ask_nothing_of_the_network(tmp_path):
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (made.returncode, made.stderr.strip()) == (0, "")
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 15
    fetched = r"""<(?:script|link|img|iframe)\b[^>]*?(?:src|href)=["']https?://"""
    for page in pages:
        found = re.findall(fetched, page.read_text(encoding="utf-8"))
        assert [link for link in found if "canonical" not in link] == [], page.name
