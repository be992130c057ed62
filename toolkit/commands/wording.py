"""`handvat wording`: take the official sentences from a copy of the publication."""

from __future__ import annotations

import argparse

from toolkit.commands.options import print_line, say
from toolkit.instrument.model import load_instrument
from toolkit.instrument.official_wording import read_wording, write_wording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("source", metavar=say("cli.file"), help=say("cli.wording_source"))
    parser.add_argument(
        "-o", "--out", default="handvat-wording.csv", metavar=say("cli.file"), help=say("cli.wording_out")
    )


def run(options: argparse.Namespace) -> None:
    """Write the table of sentences."""
    wording = read_wording(options.source, load_instrument())
    print_line(say("cli.wording_written", n=len(wording), file=write_wording(options.out, wording)))
