"""`handvat check`: look at one returned form."""

from __future__ import annotations

import argparse
from pathlib import Path

from toolkit.commands.options import add_shared, load_checklist, print_line, say
from toolkit.core.errors import RefusedError, ToolkitError
from toolkit.core.i18n import load_text, problem_message
from toolkit.forms.form import Form
from toolkit.forms.form_reader import read_form
from toolkit.spreadsheets.guard import read_regular_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("form", metavar=say("cli.file"), help=say("cli.check_file"))
    add_shared(parser, "--wording")


def run(options: argparse.Namespace) -> int:
    """Print what the form holds; returns 1 for a form that counts nowhere."""
    checklist = load_checklist(options)
    if Path(options.form).is_dir():
        raise ToolkitError(say("cli.is_folder", file=options.form))
    if not Path(options.form).exists():
        raise ToolkitError(say("wording.missing", file=options.form))
    try:
        form = read_form(read_regular_file(Path(options.form)), checklist)
    except RefusedError as refused:
        raise ToolkitError(problem_message(refused.problem)) from refused
    missing = missing_parts(form)
    answered = {"answered": len(form.answers), "of": len(checklist.items)}
    if missing:
        print_line(say("cli.check_not_counted", missing=load_text("nl").join(missing), **answered))
    else:
        print_line(say("cli.check_fine", **answered))
    for problem in form.problems:
        print_line(f"  {problem_message(problem)}")
    return 1 if missing else 0


def missing_parts(form: Form) -> list[str]:
    """Name the missing facts for which a form counts in no figure."""
    parts = {
        "cli.part_school": form.school,
        "cli.part_wave": form.wave,
        "cli.part_role": form.role,
        "cli.part_answers": form.answers,
    }
    return [say(name) for name, value in parts.items() if not value]
