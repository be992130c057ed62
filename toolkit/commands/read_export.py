"""`handvat read-export`: read an export of a survey tool, or show how it is understood."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.options import add_intake, intake_defaults, load_checklist, print_intake, print_line, say
from toolkit.core.errors import RefusedError, ToolkitError
from toolkit.core.i18n import problem_message
from toolkit.intake.folder import read_export, read_export_file
from toolkit.intake.survey_export import describe_columns
from toolkit.spreadsheets.delimited import read_delimited
from toolkit.spreadsheets.guard import read_regular_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("file", metavar=say("cli.file"), help=say("cli.export_file"))
    parser.add_argument("--show-columns", action="store_true", help=say("cli.export_show"))
    parser.add_argument("--columns", metavar=say("cli.file"), help=say("cli.export_columns"))
    add_intake(parser)


def run(options: argparse.Namespace) -> int:
    """Read the export, or print its columns as a table that `--columns` takes back."""
    checklist = load_checklist(options)
    try:
        columns = read_mapping(Path(options.columns)) if options.columns else {}
        if not options.show_columns:
            settings = {"columns": columns, "register": options.register, **intake_defaults(options)}
            return print_intake(read_export(options.file, checklist, **settings), options)
        table = describe_columns(read_export_file(Path(options.file)), checklist, columns)
    except RefusedError as refused:
        raise ToolkitError(problem_message(refused.problem, source="export")) from refused
    print_line(say("cli.columns_head"))
    for column, heading, meaning, found_by in table.to_numpy().tolist():
        quoted = " ".join(heading.split()).replace('"', '""')
        print_line(f'{column};"{quoted}";{meaning};{found_by}')
    return 0


def read_mapping(path: Path) -> dict[str, str]:
    """What each column is by heading: lines of two cells, or those of `--show-columns`."""
    columns: dict[str, str] = {}
    path.stat()  # names a file that is not there
    for row in read_delimited(read_regular_file(path.resolve()), len, 10):
        if len(row) < 2 or not row[0].strip():
            raise ToolkitError(say("cli.columns_bad", file=path.name))
        heading, meaning = row[:2] if len(row) < 4 else row[1:3]
        if meaning.strip() and meaning.strip() != say("cli.columns_head").split(";")[2]:
            columns[heading] = meaning.strip()
    return columns
