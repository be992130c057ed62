"""`handvat forms`: a blank form, or personal forms for the schools of a register."""

from __future__ import annotations

import argparse

from toolkit.commands.options import add_language, add_wording, load_checklist, print_line, say
from toolkit.core.errors import ToolkitError
from toolkit.forms.blank_form import write_form
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
    add_language(parser)
    add_wording(parser)


def run(options: argparse.Namespace) -> None:
    """Write the form or forms."""
    checklist = load_checklist(options)
    settings = {"wave": options.wave, "language": options.language, "priorities": options.priorities}
    if options.many:
        personal_forms = write_forms(options.out, checklist, options.many, per_school=options.per_school, **settings)
        forms = say("count.forms", n=len(personal_forms))
        schools = say("count.schools", n=personal_forms["school"].nunique())
        print_line(say("cli.forms_made", forms=forms, schools=schools, folder=options.out))
        return
    if not options.out.lower().endswith(".xlsx"):
        raise ToolkitError(say("cli.no_form_name", file=options.out))
    path = write_form(options.out, checklist, school=options.school, school_name=options.name, **settings)
    print_line(say("cli.written", file=path))
