"""`handvat forget`: delete what a folder holds of a school."""

from __future__ import annotations

import argparse

from toolkit.commands.confirm import confirmed
from toolkit.commands.options import add_folder, print_line, say
from toolkit.intake.erase import files_of, forget


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_folder(parser)
    parser.add_argument("school", metavar="CODE", help=say("cli.forget_school"))
    parser.add_argument("--yes", action="store_true", help=say("cli.yes"))
    parser.add_argument("--log", metavar=say("cli.file"), help=say("cli.forget_log"))


def run(options: argparse.Namespace) -> None:
    """Delete the files after a confirmation."""
    found = files_of(options.folder, options.school)
    question = say("cli.forget_sure", files=say("count.files", n=len(found)), school=options.school)
    if found and not options.yes and not confirmed(question):
        print_line(say("cli.forget_not"))
        return
    deleted = say("count.files", n=len(forget(options.folder, options.school, log=options.log)))
    print_line(say("cli.forgotten", files=deleted, school=options.school))
