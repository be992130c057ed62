"""`handvat status`: which forms have not come back yet, per school, as text for a mail."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pandas as pd

from toolkit.commands.options import add_shared, print_line, say
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import read_wave
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.intake.folder import read_folder
from toolkit.intake.response_status import response_status
from toolkit.responses import UNIT_COLUMNS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder")
    parser.add_argument("--register", required=True, metavar=say("cli.file"), help=say("cli.status_register"))
    parser.add_argument("--wave", metavar=say("cli.year"), help=say("cli.status_wave"))


def run(options: argparse.Namespace) -> None:
    """Print a paragraph per school with missing forms, the complete schools, and stray forms."""
    if options.wave and read_wave(options.wave) is None:
        raise ToolkitError(say("many.no_wave", wave=options.wave))
    checklist = load_instrument()
    intake = read_folder(options.folder, checklist, register=options.register)
    wave = read_wave(options.wave) if options.wave else None
    status = response_status(intake.responses, options.register, checklist, wave)
    print_line("\n\n".join(mail_paragraphs(status, checklist)))
    if elsewhere := int((~intake.responses["school"].isin(status["school"])).sum()):
        arguments = f"{options.folder} --register {options.register}"
        print_line("\n" + say("cli.status_elsewhere", n=elsewhere, folder=arguments))


def mail_paragraphs(status: pd.DataFrame, checklist: Instrument) -> Iterator[str]:
    """List the missing forms per school and wave; complete schools share one line."""
    text, complete = load_text("nl"), list[str]()
    for (school, wave), rows in status.groupby(UNIT_COLUMNS):
        name = rows["name"].iloc[0] or school
        school_label = str(school) if name == school else f"{name} ({school})"
        returned, invited = int(rows["returned"].sum()), int(rows["invited"].sum())
        missing = int((rows["invited"] - rows["returned"]).clip(lower=0).sum())
        if not missing:
            complete.append(school_label)
            continue
        lines = [say("cli.status_school", school=school_label, wave=wave)]
        lines.append(say("cli.status_missing", forms=say("count.forms", n=missing), returned=returned, invited=invited))
        for row in rows.astype({"role": "object"}).to_dict("records"):
            role = checklist.role(row["role"]).plural["nl"]
            lines.append(say("cli.status_role", role=role, returned=row["returned"], invited=row["invited"]))
        yield "\n".join([*lines, say("cli.status_remind")])
    if complete:
        yield say("cli.status_complete", schools=text.join(complete))
