"""Reports as files: of one school, or of many. Of many only what changed is written again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pandas as pd

from toolkit.core.atomic_write import atomic_write, remove_stale_temp_files
from toolkit.core.errors import ToolkitError
from toolkit.core.fingerprint import package_fingerprint
from toolkit.core.i18n import load_text
from toolkit.core.parallel_map import parallel_map
from toolkit.core.paths import check_ending
from toolkit.core.progress import bar
from toolkit.core.sanitize import safe_filename
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import Intake
from toolkit.privacy import Policy
from toolkit.privacy.showings import next_showing
from toolkit.reports.docx_writer import to_docx
from toolkit.reports.html_writer import to_html
from toolkit.reports.model import Report
from toolkit.reports.pdf_writer import to_pdf
from toolkit.reports.sections import make_report
from toolkit.reports.xlsx_writer import to_xlsx
from toolkit.responses import UNIT_COLUMNS
from toolkit.results import SchoolResults, TeamSizeSource

LONG = 10
"""Reports from which writing them takes long."""


def _page(report: Report) -> bytes:
    return to_html(report).encode()


def _static_page(report: Report) -> bytes:
    return to_html(report, interactive=False).encode()


FORMATS: dict[str, Callable[[Report], bytes]] = {
    ".html": _page,
    ".static.html": _static_page,
    ".pdf": to_pdf,
    ".docx": to_docx,
    ".xlsx": to_xlsx,
}
"""Every format by how the name of its file ends; `.static.html` is the page without a script, for a mail."""

MADE = ".handvat-reports.json"
"""Beside many reports: what each was made of, so that it is known which are still right."""


@explained
def write_report(
    intake: Intake,
    school: str | None,
    path: str | Path,
    *,
    wave: str | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    invited: TeamSizeSource = None,
    sector: str = "",
    reference: pd.DataFrame | None = None,
    language: str = "nl",
    showings: Path | None = None,
) -> Path:
    """Write the report of one school.

    Parameters
    ----------
    school
        School id; None takes the first.
    path
        How it ends decides what it becomes: `.html` (interactive, about 2 MB, works from disk without a network),
        `.static.html` (without a script, below 150 kB), `.pdf` (through a browser that is on the computer), `.docx`
        or `.xlsx` (the protected tables).
    wave
        None takes the school's last.
    invited
        Columns `school, wave, role, invited`: how many people were asked; gives the response, and narrows intervals. A
        number is that of teachers. None takes what personal forms hold.
    sector
        `po` or `vo` leaves out the tools that are only for the other.
    reference
        See `toolkit.make_reference`: the middle half of the schools of a group is drawn behind the school's levels.
    showings
        Folder of the record of what was shown before (see `toolkit.privacy.showings`); the report's own where none is
        given.

    Returns
    -------
    The path. The file is there whole, or not at all.

    Raises
    ------
    SelectionError
        The school or wave is not in the intake.
    ToolkitError
        The path ends in something else; or what this format needs is not on this computer.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> tk.write_report(intake, None, f"{folder}/report.static.html").name
    'report.static.html'
    """
    target = Path(path)
    write = writer_of(target.name)
    checklist = checklist or load_instrument()
    showing = next_showing(intake, checklist, policy, showings or target.parent)
    material = SchoolResults.of_intake(showing.intake, checklist, policy, invited)
    report = make_report(material, school, wave, language=language, sector=sector, reference=reference)
    data = write(report)
    showing.save()
    atomic_write(target, data)
    return target


@explained
def write_reports(
    intake: Intake,
    folder: str | Path,
    *,
    schools: Sequence[str] | None = None,
    format: str = "html",
    wave: str | None = None,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    invited: TeamSizeSource = None,
    sector: str = "",
    language: str = "nl",
    workers: int | None = None,
    executor: Executor | None = None,
    progress: bool = True,
    showings: Path | None = None,
) -> pd.DataFrame:
    """Write a report for each school, except unchanged ones that are already there.

    Parameters
    ----------
    folder
        Made where it is not there.
    schools
        School ids; all where none are given.
    format
        `html`, `static.html`, `pdf`, `docx` or `xlsx`.
    wave
        None takes each school's last; schools without this wave are left out.
    sector
        As in `write_report`.
    workers, executor
        Processes to write with (1 or None: this one), or where to work instead.
    progress
        Show a bar.
    showings
        As in `write_report`.

    Returns
    -------
    Columns `school, wave, file, status`, the last `written` or `unchanged`.

    Raises
    ------
    SelectionError, ToolkitError
        As in `write_report`.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> tk.write_reports(intake, f"{folder}/reports", format="xlsx")["status"].tolist()
    ['written']
    """
    writer_of(f"report.{format}")
    out = Path(folder)
    if out.suffix.lower() in FORMATS:
        raise ToolkitError(load_text(language).say("argument.folder", found=out.name))
    checklist = checklist or load_instrument()
    showing = next_showing(intake, checklist, policy, showings or out)
    material = SchoolResults.of_intake(showing.intake, checklist, policy, invited).without_forms()
    jobs = [
        _Job(material.of(school), school, wave, sector, language, out / _file_name(school, wave, language, format))
        for school, wave in _places(material, schools, wave)
    ]
    digests = {job.path.name: job.digest() for job in jobs}
    out.mkdir(parents=True, exist_ok=True)
    showing.save()
    remove_stale_temp_files(out)
    manifest = _Made.of(out)
    pending = [job for job in jobs if not manifest.is_right(job.path, digests[job.path.name])]
    with bar(len(jobs), "", progress, LONG, done=len(jobs) - len(pending)) as growing:
        for job, _ in zip(pending, parallel_map(_do, pending, _raise_crash, workers, executor), strict=True):
            manifest.add(job.path, digests[job.path.name])
            growing.update()
    done = {job.path for job in pending}
    rows = [(j.school, j.wave, j.path.name, "written" if j.path in done else "unchanged") for j in jobs]
    return pd.DataFrame(rows, columns=[*UNIT_COLUMNS, "file", "status"], dtype="str")


def writer_of(name: str) -> Callable[[Report], bytes]:
    """Return what writes a report to such a file; `ToolkitError` for another ending."""
    return FORMATS[check_ending(Path(name), FORMATS)]


# --- many ---


@dataclass(frozen=True, slots=True)
class _Job:
    material: SchoolResults
    school: str
    wave: str
    sector: str
    language: str
    path: Path

    def digest(self) -> str:
        """Digest of what may be shown in the report, so that it tells nothing of the rest."""
        parts = [table.to_csv(index=False) for table in self.material.tables().values()]
        name = self.material.names.get(self.school, "")
        facts = [self.school, self.wave, self.sector, self.language, name, package_fingerprint()]
        return hashlib.sha256("\0".join([*facts, *parts]).encode() + _checklist(self.material.checklist)).hexdigest()


def _places(material: SchoolResults, schools: Sequence[str] | None, wave: str | None) -> Iterable[tuple[str, str]]:
    """Each school with the wave of its report; one without such a wave is left out, unless it was asked for."""
    for school in material.schools() if schools is None else schools:
        waves = material.waves(school)
        if wave is None or wave in waves or schools is not None:
            yield school, wave or waves[-1]


def _file_name(school: str, wave: str, language: str, format: str) -> str:
    name = load_text(language).say("report.file", school=school, wave=wave.replace("/", "-"))
    return f"{safe_filename(name).replace(' ', '_')}.{format}"


def _do(job: _Job) -> None:
    report = make_report(job.material, job.school, job.wave, language=job.language, sector=job.sector)
    atomic_write(job.path, writer_of(job.path.name)(report))


def _raise_crash(_job: _Job, error: BaseException) -> None:
    raise error


@dataclass(frozen=True, slots=True)
class _Made:
    """The record of the inputs of the reports in a folder, saved there after each report."""

    folder: Path
    digests: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> _Made:
        try:
            entries = json.loads((folder / MADE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            entries = {}
        return cls(folder, entries if isinstance(entries, dict) else {})

    def is_right(self, path: Path, digest: str) -> bool:
        return path.is_file() and self.digests.get(path.name) == digest

    def add(self, path: Path, digest: str) -> None:
        self.digests[path.name] = digest
        with suppress(OSError):  # without it the reports exist, and are written again the next time
            atomic_write(self.folder / MADE, json.dumps(self.digests, indent=1, sort_keys=True).encode())


def _checklist(checklist: Instrument) -> bytes:
    return msgspec.json.encode(checklist)
