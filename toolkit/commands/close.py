"""`handvat close`: close a round: all forms of now count, later ones once they are enough."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.held import held_groups
from toolkit.commands.options import add_shared, confirmed, print_line, read_usable, say
from toolkit.core.i18n import load_text
from toolkit.instrument.model import load_instrument
from toolkit.privacy.showings import next_showing, record_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    add_shared(parser, "folder", "--yes")


def run(options: argparse.Namespace) -> int:
    """Renew what is shown with all forms in the folder, after a confirmation."""
    checklist = load_instrument()
    intake = read_usable(options, checklist)
    folder = record_folder(Path(options.folder))
    late = held_groups(next_showing(intake, checklist, None, folder).held, checklist)
    groups = load_text("nl").join(late) or say("cli.close_none")
    if not options.yes and not confirmed(say("cli.close_sure", folder=options.folder, groups=groups)):
        print_line(say("cli.close_not"))
        return 1
    showing = next_showing(intake, checklist, None, folder, closing=True)
    showing.save()
    shown = showing.intake.responses
    schools = say("count.schools", n=shown["school"].nunique())
    print_line(say("cli.closed", forms=say("count.forms", n=len(shown)), schools=schools))
    return 0
