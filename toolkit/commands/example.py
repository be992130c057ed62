"""`handvat example`: made-up schools as real returned forms."""

from __future__ import annotations

import argparse

from toolkit import samples
from toolkit.commands.options import print_line, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("folder", metavar=say("cli.folder"), help=say("cli.example_folder"))
    parser.add_argument("--seed", type=int, default=1, metavar=say("cli.number"), help=say("cli.example_seed"))


def run(options: argparse.Namespace) -> None:
    """Write the forms of the example schools."""
    planted = samples.write_folder(options.folder, seed=options.seed, progress=True)
    forms, schools = say("count.forms", n=len(planted)), say("count.schools", n=planted["school"].nunique())
    print_line(say("cli.example_written", forms=forms, schools=schools, folder=options.folder))
