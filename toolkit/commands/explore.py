"""`handvat explore`: open the dashboard of a folder in the browser."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from toolkit.commands.options import add_shared, load_checklist, say
from toolkit.instrument.arguments import as_number
from toolkit.intake.folder import check_folder
from toolkit.schools.school_register import read_register
from toolkit.serve import serve_dashboard


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("folder", metavar=say("cli.folder"), help=say("cli.explore_folder"))
    parser.add_argument("--register", metavar=say("cli.file"), help=say("cli.explore_register"))
    parser.add_argument("--port", type=int, metavar=say("cli.number"), help=say("cli.explore_port"))
    parser.add_argument("--no-browser", action="store_true", help=say("cli.explore_no_browser"))
    add_shared(parser, "--wording")


def run(options: argparse.Namespace) -> int:
    """Serve the dashboard until the user stops it."""
    folder = Path(options.folder)
    check_folder(folder)
    if options.port is not None:
        as_number(options.port, "--port", 1, 65535)
    if options.register:
        read_register(options.register)  # a wrong list is reported here, not in the browser
        os.environ["HANDVAT_REGISTER"] = os.path.abspath(options.register)
    if options.wording:
        load_checklist(options)  # a wrong table is reported here, not in the browser
        os.environ["HANDVAT_WORDING"] = os.path.abspath(options.wording)
    return serve_dashboard(folder, options.port, options.no_browser)
