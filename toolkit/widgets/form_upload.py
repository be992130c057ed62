"""Hand in forms, exports and zips in the browser: they are read as a folder is, and nothing of them stays on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path, PurePath
from typing import Any

import ipywidgets as widgets

from toolkit.core.i18n import load_text
from toolkit.core.sanitize import safe_filename
from toolkit.instrument.model import Instrument
from toolkit.intake.file_kind import SUFFIXES
from toolkit.intake.folder import Intake, read_folder
from toolkit.spreadsheets.guard import MAX_FILE

MAX_UPLOADED = 8_000_000
"""Bytes of all files of one upload: Jupyter drops a larger one without a word."""


class FormUpload(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A button to hand in forms, exports and zips, its limit, and what became of each file.

    Attributes
    ----------
    intake
        What was read last; None before anything was handed in.
    """

    def __init__(self, checklist: Instrument | None = None, *, language: str = "nl") -> None:
        self.intake: Intake | None = None
        self._checklist, self._text = checklist, load_text(language)
        say = self._text.say
        limits = {"file": MAX_FILE // 1_000_000, "all": MAX_UPLOADED // 1_000_000}
        kinds = ",".join(filter(None, SUFFIXES))
        self.button = widgets.FileUpload(
            accept=kinds, multiple=True, description=say("upload.button"), layout=widgets.Layout(width="max-content")
        )
        self.shown = widgets.HTML()
        limit = widgets.HTML(f"<p>{escape(say('upload.limit', **limits))}</p>")
        super().__init__([limit, self.button, self.shown])
        self.add_class("handvat-upload")
        self.button.observe(self._read, names="value")

    def _read(self, change: Mapping[str, Any]) -> None:
        files = [(str(file["name"]), bytes(file["content"])) for file in change["new"]]
        if not files:
            return
        self.button.value = ()  # what was handed in is not kept in the notebook either
        if sum(len(content) for _, content in files) > MAX_UPLOADED:
            self.intake = None
            self.shown.value = f"<p>{escape(self._text.say('upload.too_large'))}</p>"
            return
        self.intake = read_files(files, self._checklist, language=self._text.language)
        self.shown.value = self._html(self.intake)

    def _html(self, intake: Intake) -> str:
        tables = [intake.file_table(self._text.language)]
        tables += [intake.problem_table(self._text.language)] if len(intake.problems) else []
        summary = f"<pre>{escape(intake.summary(self._text.language))}</pre>"
        return summary + "<br>".join(table.to_html() for table in tables)


def read_files(
    files: Iterable[tuple[str, bytes]], checklist: Instrument | None = None, *, language: str = "nl"
) -> Intake:
    """Read files that are not in a folder, by name and content, as `read_folder` does.

    They are in a temporary folder for as long as that takes. Of a name only the last part counts; a second file of the
    same name gets a number.
    """
    with tempfile.TemporaryDirectory(prefix="handvat-") as place:
        folder = Path(place, "in")
        folder.mkdir()
        for name, content in files:
            _free(folder, name).write_bytes(content)
        return read_folder(folder, checklist, cache=False, progress=False, language=language)


def _free(folder: Path, name: str) -> Path:
    safe = PurePath(safe_filename(name.replace("\\", "/").rsplit("/", 1)[-1], "_"))
    stem, suffix = safe.stem[:60] or "_", safe.suffix[:10]
    path, number = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, number = folder / f"{stem} ({number}){suffix}", number + 1
    return path
