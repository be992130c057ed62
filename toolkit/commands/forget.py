"""`handvat forget`: delete a school's files, and name those that can't be deleted."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.options import add_shared, confirmed, print_line, say
from toolkit.core.normalize import read_school
from toolkit.intake.erase import SchoolFiles, files_of, forget
from toolkit.intake.folder import shown_name
from toolkit.privacy.showings import forget_shown, record_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("school", metavar="CODE", help=say("cli.forget_school"))
    add_shared(parser, "--yes")
    parser.add_argument("--log", metavar=say("cli.file"), help=say("cli.forget_log"))


def run(options: argparse.Namespace) -> int:
    """Delete the files if confirmed; returns 1 where files remain that may be the school's."""
    files = files_of(options.folder, options.school)
    question = say("cli.forget_sure", files=say("count.files", n=len(files.deletable)), school=options.school)
    if files.deletable and not options.yes and not confirmed(question):
        print_line(say("cli.forget_not"))
        return 0
    if files.deletable or not files.remaining:
        forget_shown(record_folder(Path(options.folder)), read_school(options.school))
        deleted = say("count.files", n=len(forget(options.folder, options.school, log=options.log)))
        print_line(say("cli.forgotten", files=deleted, school=options.school))
    _print_remaining(files, options.school)
    return 1 if files.remaining else 0


def _print_remaining(files: SchoolFiles, school: str) -> None:
    remaining = {
        "cli.forget_shared": files.shared,
        "cli.forget_by_name": files.by_name,
        "cli.forget_unread": files.unread,
    }
    for key, paths in remaining.items():
        if paths:
            print_line("\n" + say(key, school=school))
        for path in paths:
            print_line(f"  {shown_name(str(path)).replace(chr(10), ' ')}")
