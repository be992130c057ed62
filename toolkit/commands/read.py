"""`handvat read`: read returned forms, and print what became of every file."""

from __future__ import annotations

import argparse

from toolkit.commands.options import (
    add_intake,
    add_shared,
    intake_defaults,
    load_checklist,
    print_intake,
    print_line,
    say,
)
from toolkit.core.errors import FolderError
from toolkit.intake.folder import read_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("--cache", metavar=say("cli.folder"), help=say("cli.read_cache"))
    add_shared(parser, "--workers")
    add_intake(parser)


def run(options: argparse.Namespace) -> int:
    """Read the forms; an empty folder is an error."""
    settings = {"workers": options.workers, "cache": options.cache, "register": options.register}
    intake = read_folder(options.folder, load_checklist(options), **settings, **intake_defaults(options))
    if intake.files.empty:
        raise FolderError(say("cli.empty", folder=options.folder))
    print_line(say("cli.files", n=len(intake.files), folder=options.folder), end="\n\n")
    return print_intake(intake, options)
