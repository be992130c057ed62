"""Options that several commands share, and the values they give."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.sanitize import printable
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.instrument.official_wording import load_wording, with_wording
from toolkit.intake.folder import Intake, read_folder
from toolkit.responses import GROUP_COLUMNS

say = load_text("nl").say


_SHARED: dict[str, dict[str, Any]] = {
    "folder": {"metavar": say("cli.folder"), "help": say("cli.read_folder")},
    "--wording": {"metavar": say("cli.file"), "help": say("cli.wording_file")},
    "--language": {"default": "nl", "type": str.lower, "choices": LANGUAGES, "help": say("cli.language")},
    "--workers": {"type": int, "default": 1, "metavar": say("cli.number"), "help": say("cli.read_workers")},
    "--sector": {"default": "", "type": str.lower, "choices": ("po", "vo"), "help": say("cli.talk_sector")},
    "--wave": {"metavar": say("cli.year"), "help": say("cli.report_wave")},
    "--register": {"metavar": say("cli.file"), "help": say("cli.report_register")},
    "--yes": {"action": "store_true", "help": say("cli.yes")},
}
"""Arguments that several commands have."""


def add_shared(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add arguments that several commands have."""
    for name in names:
        parser.add_argument(name, **_SHARED[name])


def add_intake(parser: argparse.ArgumentParser) -> None:
    """Add the options that reading a folder and reading an export share."""
    parser.add_argument("--school", metavar="CODE", help=say("cli.read_school"))
    parser.add_argument("--wave", metavar=say("cli.year"), help=say("cli.read_wave"))
    parser.add_argument("--role", metavar="ROL", help=say("cli.read_role"))
    parser.add_argument("--register", metavar=say("cli.file"), help=say("cli.read_register"))
    parser.add_argument("--report", metavar=say("cli.file"), help=say("cli.read_report"))
    parser.add_argument("--report-school", metavar="CODE", help=say("cli.read_report_school"))
    add_shared(parser, "--wording")


def intake_defaults(options: argparse.Namespace) -> dict[str, Any]:
    """Return the school, wave and role of forms that name none."""
    return {"school": options.school, "wave": options.wave, "role": options.role}


def print_intake(intake: Intake, options: argparse.Namespace) -> int:
    """Print what came in and every problem, and write the reading report where it is asked for.

    Returns the exit code: 1 where no form was read.
    """
    if options.report:
        print_line(say("cli.written", file=intake.write_report(options.report, school=options.report_school)))
    print_line(intake.summary())
    for file, message in intake.problems[["file", "message"]].to_numpy().tolist():
        print_line(f"\n{file.replace(chr(10), ' ')}\n  {message.replace(chr(10), ' ')}")
    return 1 if intake.responses.empty else 0


def load_checklist(options: argparse.Namespace) -> Instrument:
    """Return the checklist, with the official sentences where `--wording` names them."""
    checklist = load_instrument()
    return with_wording(checklist, load_wording(options.wording, checklist)) if options.wording else checklist


def read_usable(options: argparse.Namespace, checklist: Instrument, **settings: Any) -> Intake:
    """Read the forms; raises `ToolkitError` where none has a school, wave and role.

    Of an export, which often has no column for the school year, `--wave` is the year of forms that name none.
    """
    if Path(options.folder).is_file():
        settings["wave"] = getattr(options, "wave", None)
    intake = read_folder(options.folder, checklist, **settings)
    if intake.responses.dropna(subset=GROUP_COLUMNS).empty:
        raise ToolkitError(say("cli.nothing", folder=options.folder))
    return intake


def print_line(text: object = "", end: str = "\n", error: bool = False) -> None:
    """Print without the control characters that a file name may hold."""
    print(printable(str(text)), end=end, file=sys.stderr if error else sys.stdout, flush=True)


def confirmed(question: str) -> bool:
    """Whether the user answers yes, before something that can't be undone."""
    print_line(question, end=" ")
    return sys.stdin.readline().strip().lower() in ("ja", "j", "yes", "y")
