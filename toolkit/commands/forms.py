"""`handvat forms`: a blank form, or personal forms for the schools of a register."""

from __future__ import annotations

import argparse

from toolkit.commands.options import add_shared, load_checklist, print_line, say
from toolkit.forms.blank_form import FormStyle, write_form
from toolkit.forms.personal_forms import write_forms


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("out", metavar=say("cli.file"), help=say("cli.forms_out"))
    parser.add_argument("--school", default="", metavar="CODE", help=say("cli.forms_school"))
    parser.add_argument("--name", default="", metavar=say("cli.name"), help=say("cli.forms_name"))
    parser.add_argument("--wave", default="", metavar=say("cli.year"), help=say("cli.forms_wave"))
    parser.add_argument("--many", metavar=say("cli.file"), help=say("cli.forms_many"))
    parser.add_argument(
        "--per-school", type=int, default=30, metavar=say("cli.number"), help=say("cli.forms_per_school")
    )
    parser.add_argument("--priorities", action="store_true", help=say("cli.forms_priorities"))
    parser.add_argument("--return-to", default="", metavar=say("cli.name"), help=say("cli.forms_return_to"))
    parser.add_argument("--deadline", default="", metavar=say("cli.day"), help=say("cli.forms_deadline"))
    parser.add_argument("--sector", default="", type=str.lower, choices=("po", "vo"), help=say("cli.forms_sector"))
    add_shared(parser, "--language", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the form or forms."""
    checklist = load_checklist(options)
    style: FormStyle = {
        "language": options.language,
        "priorities": options.priorities,
        "return_to": options.return_to,
        "deadline": options.deadline,
        "sector": options.sector,
    }
    if options.many:
        personal_forms = write_forms(
            options.out, checklist, options.many, per_school=options.per_school, wave=options.wave, **style
        )
        forms = say("count.forms", n=len(personal_forms))
        schools = say("count.schools", n=personal_forms["school"].nunique())
        print_line(say("cli.forms_made", forms=forms, schools=schools, folder=options.out))
        return
    path = write_form(
        options.out, checklist, school=options.school, school_name=options.name, wave=options.wave, **style
    )
    print_line(say("cli.written", file=path))
