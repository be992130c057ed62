"""`handvat talk-sheet`: one A4 of a school for a team meeting."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.held import print_held
from toolkit.commands.options import add_shared, load_checklist, print_line, read_usable, say
from toolkit.core.normalize import read_school
from toolkit.privacy.showings import next_showing, record_folder
from toolkit.reports.talk_sheet import write_talk_sheet
from toolkit.schools.school_register import read_invited


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("school", metavar="CODE", help=say("cli.talk_school"))
    parser.add_argument("-o", "--out", default="praatkaart.pdf", metavar=say("cli.file"), help=say("cli.talk_out"))
    add_shared(parser, "--wave", "--register", "--sector", "--language", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the talk sheet."""
    checklist = load_checklist(options)
    intake = read_usable(options, checklist, register=options.register)
    folder = record_folder(Path(options.folder))
    held = next_showing(intake, checklist, None, folder).held
    invited = read_invited(options.register, intake.responses, checklist) if options.register else None
    settings = {"wave": options.wave, "sector": options.sector, "language": options.language, "showings": folder}
    settings |= {"invited": invited}
    path = write_talk_sheet(intake, read_school(options.school), options.out, checklist=checklist, **settings)
    print_line(say("cli.written", file=path))
    print_held(held, checklist, options.folder)
