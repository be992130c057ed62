"""`handvat templates`: the blank forms in data/templates, for developers."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.options import print_line, say
from toolkit.core.atomic_write import atomic_write
from toolkit.core.i18n import LANGUAGES
from toolkit.forms.blank_form import form_bytes
from toolkit.instrument.model import load_instrument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("folder", metavar=say("cli.folder"), help=say("cli.templates_folder"))


def run(options: argparse.Namespace) -> None:
    """Write the blank forms."""
    for path in write_templates(Path(options.folder)):
        print_line(say("cli.written", file=path))


def write_templates(folder: Path) -> list[Path]:
    """Write the blank form in every language, over earlier ones; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    checklist = load_instrument()
    paths = {language: folder / f"{checklist.id}-{language}.xlsx" for language in LANGUAGES}
    for language, path in paths.items():
        atomic_write(path, form_bytes(checklist, language=language))
    return list(paths.values())
