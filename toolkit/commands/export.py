"""`handvat export`: the answers for R, SPSS or a spreadsheet, under pseudonyms."""

from __future__ import annotations

import argparse
import os

from toolkit.commands.options import add_shared, load_checklist, print_line, read_usable, say
from toolkit.research_export.data_package import Archive
from toolkit.research_export.pseudonyms import load_secret
from toolkit.research_export.write import export, recognition_note
from toolkit.schools.school_register import join_register

SECRET = "HANDVAT_SECRET"
"""Environment variable with the secret of pseudonyms: on the command line it would stay in the shell's history."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("out", metavar=say("cli.file"), help=say("cli.export_out"))
    parser.add_argument("--wave", metavar=say("cli.year"), help=say("cli.read_wave"))
    parser.add_argument("--secret", metavar=say("cli.file"), help=say("cli.export_secret"))
    parser.add_argument("--register", metavar=say("cli.file"), help=say("cli.export_register"))
    parser.add_argument("--school-codes", action="store_true", help=say("cli.export_codes"))
    parser.add_argument("--texts", action="store_true", help=say("cli.export_texts"))
    parser.add_argument("--title", default="", metavar=say("cli.name"), help=say("cli.export_title"))
    parser.add_argument(
        "--contributor", action="append", default=[], metavar=say("cli.name"), help=say("cli.export_contributor")
    )
    parser.add_argument("--licence", default="", metavar=say("cli.name"), help=say("cli.export_licence"))
    add_shared(parser, "--language", "--wording")


def run(options: argparse.Namespace) -> None:
    """Write the export and its codebook."""
    checklist = load_checklist(options)
    intake = read_usable(options, checklist)
    facts = None
    if options.register:
        joined = join_register(intake.responses, options.register)
        facts = joined.schools
        print_line(joined.summary())
    if note := recognition_note(intake.responses, facts, options.school_codes, options.language):
        print_line(note)
    settings = {"secret": find_secret(options.secret), "school_codes": options.school_codes, "texts": options.texts}
    archive = Archive(options.title, tuple(options.contributor), options.licence)
    written = export(
        intake, options.out, checklist, facts=facts, archive=archive, language=options.language, **settings
    )
    for path in written:
        print_line(say("cli.written", file=path))


def find_secret(file: str | None) -> str | None:
    """Return the secret in a file, made where it is missing, or that of the environment."""
    if not file:
        return os.environ.get(SECRET) or None
    secret, is_new = load_secret(file)
    if is_new:
        print_line(say("cli.secret_made", file=file))
    return secret
