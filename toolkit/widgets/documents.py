"""The files a dashboard hands to the browser: report and talk sheet of a school."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.widgets.components import action_button, download, error, html_widget, paragraphs, render

REPORT_FORMATS = {"pdf": "PDF", "docx": "Word", "html": "HTML", "xlsx": "Excel"}
SHEET_FORMATS = {"pdf": "PDF", "docx": "Word", "html": "HTML"}
"""The ends of the file names, and what people call them."""


def offered(formats: dict[str, str]) -> dict[str, str]:
    """Return the formats that can be made here: a server has no browser that prints PDF."""
    return {end: name for end, name in formats.items() if end != "pdf" or "HANDVAT_TABLES" not in os.environ}


def make_document(write: Callable[[Path], object], name: str) -> bytes:
    """Return the bytes of a file that is written in a temporary folder and deleted."""
    with tempfile.TemporaryDirectory(prefix="handvat-") as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()


def document_name(*parts: str) -> str:
    """Return a file name of letters, digits and hyphens: 'rapport-De-Regenboog-2025-2026'."""
    return "-".join(re.findall(r"\w+", " ".join(parts)))[:100]


class Documents(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Buttons that each make a file of one kind and offer it for download.

    Parameters
    ----------
    kind
        `report` or `talk_sheet`: which texts are shown.
    formats
        The ends of the file names, and what people call them.
    write
        Called with the path of the file to write.
    subject
        Gives the school's name, the wave and the language.
    """

    def __init__(
        self,
        kind: str,
        formats: dict[str, str],
        write: Callable[[Path], object],
        subject: Callable[[], tuple[str, str, str]],
    ) -> None:
        self._kind, self._formats, self._write, self._subject = kind, formats, write, subject
        self.lead, self.result = html_widget(), html_widget()
        self.buttons = {suffix: action_button(name) for suffix, name in formats.items()}
        row = widgets.HBox([*self.buttons.values()])
        row.add_class("handvat-row")
        super().__init__([self.lead, row, self.result])
        for suffix, button in self.buttons.items():
            button.on_click(lambda _, suffix=suffix: self.make(suffix))

    def reset(self) -> None:
        """Set the current school and year, and drop the documents made before."""
        name, wave, language = self._subject()
        fields: dict[str, Any] = {"school": name, "wave": wave}
        self.lead.value = paragraphs([load_text(language).say(f"explore.{self._kind}_lead", **fields)])
        self.result.value = ""

    def make(self, suffix: str) -> None:
        """Make the file and offer it; what goes wrong is shown in its place."""
        name, wave, language = self._subject()
        text = load_text(language)
        wait_message = text.say("explore.making", format=self._formats[suffix])
        self.result.value = render("parts", "status", text=wait_message)
        file = f"{document_name(text.say(f'explore.{self._kind}_file'), name, wave)}.{suffix}"
        try:
            content = make_document(self._write, file)
        except ToolkitError as problem:
            self.result.value = error(str(problem))
            return
        self.result.value = download(file, content, text.say("explore.download", file=file))
