"""Hand in forms, exports and zips in the browser, read as a folder; no file stays."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, count
from pathlib import Path, PurePath
from typing import Any

import ipywidgets as widgets

from toolkit.core.i18n import load_text
from toolkit.core.sanitize import safe_filename
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument
from toolkit.intake.file_kind import SUFFIXES
from toolkit.intake.folder import Intake, read_folder
from toolkit.spreadsheets.guard import MAX_FILE
from toolkit.widgets.components import page_register, paragraphs, render

MAX_UPLOADED = 8_000_000
"""Bytes of all files of one upload: Jupyter drops a larger one without a word."""

USABLE = {"read", "read-with-problems"}
"""A file with another status is not saved."""


class FormUpload(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A button to hand in forms, exports and zips, its limit, and what became of each file.

    Parameters
    ----------
    folder
        Where files that could be read are saved; nothing is saved where it is None.
    on_added
        Called with the intake of the folder, after files were saved in it.

    Attributes
    ----------
    intake
        The forms that were read last; None before anything was handed in.

    Examples
    --------
    >>> import toolkit as tk
    >>> upload = tk.FormUpload()
    """

    @explained
    def __init__(
        self,
        checklist: Instrument | None = None,
        *,
        language: str = "nl",
        folder: str | Path | None = None,
        on_added: Callable[[Intake], None] | None = None,
    ) -> None:
        self.intake: Intake | None = None
        self._checklist, self._text = as_checklist(checklist), load_text(language)
        self._folder, self._on_added = Path(folder) if folder is not None else None, on_added
        say = self._text.say
        limits = {"file": MAX_FILE // 1_000_000, "all": MAX_UPLOADED // 1_000_000}
        kinds = ",".join(filter(None, SUFFIXES))
        self.button = widgets.FileUpload(
            accept=kinds, multiple=True, description=say("upload.button"), layout=widgets.Layout(width="max-content")
        )
        self.shown = widgets.HTML()
        sentences = [say("upload.limit", **limits)]
        sentences.append(say("upload.saved_in", folder=folder) if folder else say("upload.not_saved"))
        limit = widgets.HTML(paragraphs(sentences))
        super().__init__([limit, self.button, self.shown])
        self.add_class("handvat-upload")
        self.button.observe(self._read_files, names="value")

    def _read_files(self, change: Mapping[str, Any]) -> None:
        files = list(with_own_names((str(file["name"]), bytes(file["content"])) for file in change["new"]))
        if not files:
            return
        self.button.value = ()  # the notebook does not store the files either
        if sum(len(content) for _, content in files) > MAX_UPLOADED:
            self.intake = None
            self.shown.value = paragraphs([self._text.say("upload.too_large")])
            return
        self.intake = read_files(files, self._checklist, language=self._text.language)
        saved = self._save(files, self.intake)
        self.shown.value = self._html(self.intake, saved)
        if saved and self._on_added is not None and self._folder is not None:
            options: dict[str, Any] = {"progress": False, "language": self._text.language, "register": page_register()}
            self._on_added(read_folder(self._folder, self._checklist, **options))

    def _save(self, files: Iterable[tuple[str, bytes]], intake: Intake) -> int:
        """Save the files without a refused part, and return their number."""
        if self._folder is None:
            return 0
        statuses = intake.files.assign(top=[str(name).split("/")[0] for name in intake.files["file"]])
        usable = statuses.groupby("top")["status"].apply(lambda parts: set(parts) <= USABLE)
        usable_files = [(name, content) for name, content in files if usable.get(name, False)]
        for name, content in with_own_names(usable_files, (path.name for path in self._folder.iterdir())):
            (self._folder / name).write_bytes(content)
        return len(usable_files)

    def _html(self, intake: Intake, saved: int) -> str:
        text = self._text
        tables = [intake.file_table(text.language)]
        tables += [intake.problem_table(text.language)] if len(intake.problems) else []
        messages = [text.say("upload.added", n=saved)] if self._folder is not None else []
        return render(
            "parts", "reading", messages=messages, summary=intake.summary(text.language),
            tables=[(table.caption, table.to_html()) for table in tables],
        )  # fmt: skip


def read_files(
    files: Iterable[tuple[str, bytes]], checklist: Instrument | None = None, *, language: str = "nl"
) -> Intake:
    """Read files that are not in a folder, by name and content, as `read_folder` does.

    They are in a temporary folder for as long as that takes. Of a name only the last part counts; a second file of the
    same name gets a number.
    """
    with tempfile.TemporaryDirectory(prefix="handvat-") as parent:
        folder = Path(parent, "in")
        folder.mkdir()
        for name, content in with_own_names(files):
            (folder / name).write_bytes(content)
        return read_folder(folder, checklist, cache=False, progress=False, language=language)


def with_own_names(files: Iterable[tuple[str, bytes]], used_names: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Give each file a name that can be one in a folder, and that no other file there has."""
    used = {name.casefold() for name in used_names}
    for name_given, content in files:
        path = PurePath(_safe_name(name_given))
        numbered = (f"{path.stem} ({number}){path.suffix}" for number in count(2))
        name = next(name for name in chain([path.name], numbered) if name.casefold() not in used)
        used.add(name.casefold())
        yield name, content


def _safe_name(name: str) -> str:
    """The last part of a name, without characters that are not allowed in a file name."""
    safe = PurePath(safe_filename(name.replace("\\", "/").rsplit("/", 1)[-1], "_"))
    return f"{safe.stem[:60] or '_'}{safe.suffix[:10]}"
