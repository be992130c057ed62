"""`handvat cohort-report`: the report of groups of schools, in which no school can be seen."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.held import print_held
from toolkit.commands.options import add_shared, load_checklist, print_line, read_usable, say
from toolkit.privacy.showings import next_showing, record_folder
from toolkit.reports.cohort_report import write_cohort_report
from toolkit.reports.write import FORMATS
from toolkit.schools.school_register import join_register, read_invited


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("register", metavar="REGISTER", help=say("cli.cohort_register"))
    shown = say("cli.cohort_out", formats=", ".join(end.removeprefix(".") for end in FORMATS))
    parser.add_argument("-o", "--out", default="cohortrapport.html", metavar=say("cli.file"), help=shown)
    parser.add_argument("--by", default="", metavar=say("cli.name"), help=say("cli.cohort_by"))
    parser.add_argument("--programme", metavar=say("cli.name"), help=say("cli.cohort_programme"))
    add_shared(parser, "--wave", "--language", "--workers", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the report, and print which schools the register does not have."""
    checklist = load_checklist(options)
    intake = read_usable(options, checklist, workers=options.workers)
    joined = join_register(intake.responses, options.register)
    print_line(joined.summary())
    invited = read_invited(options.register, intake.responses, checklist)
    folder = record_folder(Path(options.folder))
    held = next_showing(intake, checklist, None, folder).held
    settings = {"wave": options.wave, "programme": options.programme, "checklist": checklist, "showings": folder}
    by = [name.strip() for name in options.by.split(",")] if options.by else None
    path = write_cohort_report(
        intake, joined.schools, options.out, by, invited=invited, language=options.language, **settings
    )
    print_line(say("cli.written", file=path))
    print_held(held, checklist, options.folder)
