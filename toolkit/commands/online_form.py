"""`handvat online-form`: the questions for MS Forms, Google Forms or LimeSurvey."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.options import add_shared, load_checklist, print_line, say
from toolkit.forms.online_form import write_online_form


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("out", metavar=say("cli.file"), help=say("cli.online_out"))
    parser.add_argument("--school", default="", metavar="CODE", help=say("cli.forms_school"))
    parser.add_argument("--name", default="", metavar=say("cli.name"), help=say("cli.forms_name"))
    parser.add_argument("--wave", default="", metavar=say("cli.year"), help=say("cli.forms_wave"))
    parser.add_argument("--sector", default="", type=str.lower, choices=("po", "vo"), help=say("cli.forms_sector"))
    add_shared(parser, "--language", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the questions, and print how to use them."""
    path = write_online_form(
        options.out, load_checklist(options), school=options.school, school_name=options.name, wave=options.wave,
        language=options.language, sector=options.sector,
    )  # fmt: skip
    print_line(say("cli.written", file=path))
    print_line(say(f"online.how_{Path(path).suffix.lower().removeprefix('.')}"))
