"""The guide as one page of the dashboard's own server, pictures in it, nothing fetched."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from toolkit.core.atomic_write import atomic_write
from toolkit.widgets.components import render

PACKAGE = Path(__file__).resolve().parent
GUIDES = (PACKAGE.parents[1] / "docs" / "handleiding.md", PACKAGE / "docs" / "handleiding.md")
"""The guide in the project, and in an installed package."""

STATIC = Path("voila", "templates", "handvat", "static")
"""Where Voilà looks, in each folder with its data, for the files that the dashboard's template shows."""

ADDRESS = "HANDVAT_GUIDE"
"""The variable with the address of the guide; absent where the page has none."""


def serve_guide(data: Path) -> dict[str, str]:
    """Write the guide where Voilà shows it, and return the variable that names it.

    Where the pages of the documentation are there (`site.py`), that is their page of the guide.

    Parameters
    ----------
    data
        The folder that Voilà gets as its own data.
    """
    if (data / STATIC / "docs" / "handleiding.html").exists():
        return {ADDRESS: "voila/static/docs/handleiding.html"}
    guide = next(filter(Path.exists, GUIDES), None)
    if guide is None:
        return {}
    folder = data / STATIC
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / "handleiding.html", guide_page(guide).encode())
    return {ADDRESS: "voila/static/handleiding.html"}


def guide_page(guide: Path) -> str:
    """Return a Markdown guide as a page; links to files not in it become plain text."""
    from nbconvert.filters import markdown2html  # slow to import, and part of Voilà

    html = str(markdown2html(guide.read_text(encoding="utf-8")))
    html = re.sub(r'<a class="anchor-link".*?</a>', "", html)
    html = re.sub(r'<a href="(?!#|https?:)[^"]*">(.*?)</a>', r"\1", html)
    html = re.sub(r'(?<= id=")[^"]*', lambda match: match[0].lower().replace(",", ""), html)
    html = re.sub(r'(?<= src=")[^"]*', lambda match: _inline(guide.parent / match[0]), html)
    html = html.replace("<pre>", '<pre tabindex="0">').replace("<th></th>", "<td></td>")  # for keyboard and ear
    return render("parts", "guide", html=html)


def guide_link(label: str) -> str:
    """Return a link to the guide; nothing where this page's server has none."""
    address = os.environ.get(ADDRESS, "")
    return render("parts", "guide_link", address=address, label=label) if address else ""


def _inline(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode('ascii')}"
