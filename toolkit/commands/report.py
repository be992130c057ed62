"""`handvat report`: the report of one school, or of all schools in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.held import print_held
from toolkit.commands.options import add_shared, load_checklist, print_line, read_usable, say
from toolkit.core.errors import ToolkitError
from toolkit.core.normalize import read_school
from toolkit.intake.folder import Intake
from toolkit.privacy.showings import next_showing, record_folder
from toolkit.reports.write import FORMATS, write_report, write_reports
from toolkit.responses import GROUP_COLUMNS
from toolkit.schools.school_register import read_invited


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    target_group = parser.add_mutually_exclusive_group(required=True)
    target_group.add_argument("--school", metavar="CODE", help=say("cli.report_school"))
    target_group.add_argument("--all", action="store_true", help=say("cli.report_all"))
    formats = [end.removeprefix(".") for end in FORMATS]
    shown = say("cli.report_format", formats=", ".join(formats))
    parser.add_argument(
        "--format", default="html", type=str.lower, choices=formats, metavar=say("cli.kind"), help=shown
    )
    parser.add_argument("-o", "--out", default="rapporten", metavar=say("cli.folder"), help=say("cli.report_out"))
    add_shared(parser, "--wave", "--register", "--sector", "--language", "--workers", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the report or reports, and print which files do not count."""
    if options.all and Path(options.out).suffix in FORMATS:
        raise ToolkitError(say("cli.report_folder", file=options.out))
    checklist = load_checklist(options)
    intake = read_usable(options, checklist, workers=options.workers, register=options.register)
    invited = read_invited(options.register, intake.responses, checklist) if options.register else None
    folder = record_folder(Path(options.folder))
    showing = next_showing(intake, checklist, None, folder)
    settings = {
        "showings": folder,
        "wave": options.wave,
        "checklist": checklist,
        "invited": invited,
        "sector": options.sector,
        "language": options.language,
    }
    school = read_school(options.school) if options.school else None
    if school and Path(options.out).suffix:
        print_line(say("cli.written", file=write_report(intake, school, options.out, **settings)))
        print_held(showing.held, checklist, options.folder)
        return
    schools = [school] if school else None
    status = write_reports(
        intake, options.out, schools=schools, format=options.format, workers=options.workers, **settings
    )["status"].tolist()
    reports = say("count.reports", n=status.count("written"))
    print_line(say("cli.report_done", reports=reports, folder=options.out, unchanged=status.count("unchanged")))
    print_held(showing.held, checklist, options.folder)
    for line in not_counted(intake):
        print_line(line)
    if not_counted(intake):
        print_line(say("cli.see_read", folder=options.folder))


def not_counted(intake: Intake) -> list[str]:
    """Say how many files were refused, and how many forms count in no report."""
    counts = {
        "cli.report_refused": intake.counts()["refused"],
        "cli.report_placeless": int(intake.responses[GROUP_COLUMNS].isna().any(axis=1).sum()),
    }
    return [say(key, n=n) for key, n in counts.items() if n]
