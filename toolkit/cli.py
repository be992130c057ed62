"""The `handvat` command: it finds the subcommand, which parses its arguments and runs.

Only the module of that command is imported, so that `handvat --help` takes no time.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import io
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import NoReturn

from toolkit.core.errors import RegisterWarning, ToolkitError
from toolkit.core.i18n import load_text, sentence_case
from toolkit.core.paths import describe_os_error
from toolkit.core.sanitize import printable
from toolkit.core.version import VERSION

COMMANDS = {
    "forms": "toolkit.commands.forms",
    "online-form": "toolkit.commands.online_form",
    "status": "toolkit.commands.status",
    "check": "toolkit.commands.check",
    "read": "toolkit.commands.read",
    "read-export": "toolkit.commands.read_export",
    "explore": "toolkit.commands.explore",
    "close": "toolkit.commands.close",
    "report": "toolkit.commands.report",
    "cohort-report": "toolkit.commands.cohort_report",
    "talk-sheet": "toolkit.commands.talk_sheet",
    "export": "toolkit.commands.export",
    "forget": "toolkit.commands.forget",
    "wording": "toolkit.commands.wording",
    "example": "toolkit.commands.example",
    "templates": "toolkit.commands.templates",
}
"""Every command and its module, which has `add_arguments` and `run`. Its help is the text `cli.<command>`."""

ALIASES = {"praatkaart": "talk-sheet"}
"""Names from earlier versions."""

FOR_DEVELOPERS = ("templates",)
"""Commands that `handvat --help` does not list."""

say = load_text("nl").say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, or 1 when something failed (the reason is on stderr)."""
    use_lenient_console()
    try:
        options = parse(list(sys.argv[1:] if arguments is None else arguments))
        with warnings.catch_warnings():
            warnings.simplefilter("always", RegisterWarning)
            warnings.showwarning = _show_warning
            return int(options.run(options) or 0)
    except KeyboardInterrupt:
        print(say("cli.stopped"), file=sys.stderr)
        return 130
    except BrokenPipeError:  # `| head` has seen enough; Python would complain again when it closes the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ToolkitError, OSError) as error:
        message = error if isinstance(error, ToolkitError) else describe_os_error(error)
        importlib.import_module("toolkit.commands.options").print_line(say("cli.error", message=message), error=True)
        return 1


def parse(tokens: list[str]) -> argparse.Namespace:
    """Parse what was typed; of a mistake, the help of the command that was meant is named."""
    place = next((place for place, word in enumerate(tokens) if not word.startswith("-")), None)
    command = "" if place is None else tokens[place].lower()
    with dutch_argparse():
        parser = make_parser(command)
        if place is not None and command not in COMMANDS | ALIASES:
            parser.error(_describe_unknown_command(tokens[place]))
        tokens = [command if number == place else word for number, word in enumerate(tokens)]
        options, unknown = parser.parse_known_args(tokens)
        selected: argparse.ArgumentParser = options.parser
        if unknown:
            selected.error(_describe_unknown(unknown, selected))
        if "" in tokens:
            selected.error(say("cli.slip_empty"))
    return options


def _describe_unknown_command(word: str) -> str:
    """Name the commands that resemble a word, or have it in their Dutch summary."""
    listed = [name for name in COMMANDS if name not in FOR_DEVELOPERS]
    summaries = {name: re.findall(r"\w+", say(f"cli.{name.replace('-', '_')}").lower()) for name in listed}
    close = difflib.get_close_matches(word.lower(), [*listed, *ALIASES], 1, 0.6)
    close = close or [name for name in listed if word.lower() in summaries[name]]
    return say("cli.slip_command_close" if close else "cli.slip_command", word=word, options=", ".join(close or listed))


def _describe_unknown(unknown: list[str], parser: argparse.ArgumentParser) -> str:
    """Name the unknown options, or else the words too many, and an option that resembles the first."""
    words = [word for word in unknown if word.startswith("-")] or unknown
    known = [name for action in parser._actions for name in action.option_strings]
    close = difflib.get_close_matches(words[0].lower(), known, 1, 0.6) if words[0].startswith("-") else []
    return say("cli.slip_unknown_close" if close else "cli.slip_unknown", words=" ".join(words), option="".join(close))


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as one line, without the place in the code."""
    importlib.import_module("toolkit.commands.options").print_line(message, error=True)


def use_lenient_console() -> None:
    """Let consoles of any code page print: a missing letter must not end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def make_parser(selected: str) -> argparse.ArgumentParser:
    """Parser that knows all commands, and the arguments of the command that is wanted."""
    parser = _Parser(prog="handvat", description=say("cli.description"))
    parser.add_argument("--version", action="version", version=f"handvat {VERSION}", help=say("cli.version"))
    commands = parser.add_subparsers(title=say("cli.commands"), metavar=say("cli.command"), required=True)
    for name in COMMANDS | ALIASES:
        command = ALIASES.get(name, name)
        summary = say(f"cli.{command.replace('-', '_')}")
        if name in FOR_DEVELOPERS or name in ALIASES:
            subparser = commands.add_parser(name, description=summary)
        else:
            subparser = commands.add_parser(name, description=summary, help=summary)
        if name == selected:
            module: ModuleType = importlib.import_module(COMMANDS[command])
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run, parser=subparser)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser whose errors end with where to find help."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with code 2."""
        error_text = say("cli.wrong", message=sentence_case(message), program=self.prog)
        self.exit(2, printable(error_text) + "\n")


ARGPARSE_TEXTS = {
    "usage: ": "cli.usage",
    "positional arguments": "cli.arguments",
    "options": "cli.options",
    "show this help message and exit": "cli.help",
    "argument %(argument_name)s: %(message)s": "cli.slip",
    "invalid choice: %(value)r (choose from %(choices)s)": "cli.slip_choice",
    "invalid %(type)s value: %(value)r": "cli.slip_number",
    "the following arguments are required: %s": "cli.slip_required",
    "one of the arguments %s is required": "cli.slip_one",
    "expected one argument": "cli.slip_value",
    "expected at most one argument": "cli.slip_value",
    "expected at least one argument": "cli.slip_value",
    "expected %s argument": "cli.slip_values",
    "expected %s arguments": "cli.slip_values",
    "ignored explicit argument %r": "cli.slip_no_value",
    "not allowed with argument %s": "cli.slip_both",
    "ambiguous option: %(option)s could match %(matches)s": "cli.slip_ambiguous",
}
"""Messages of argparse, and the key of ours; argparse takes them from gettext and fills in the fields itself."""


@contextlib.contextmanager
def dutch_argparse() -> Iterator[None]:
    """Let argparse use our texts while it parses."""

    def translate(message: str) -> str:
        return say(ARGPARSE_TEXTS[message]) if message in ARGPARSE_TEXTS else message

    def translate_count(singular: str, plural: str, number: int) -> str:
        return translate(singular if number == 1 else plural)

    texts = {"_": translate, "ngettext": translate_count}
    originals = {name: getattr(argparse, name) for name in texts}
    try:
        for name, function in texts.items():
            setattr(argparse, name, function)
        yield
    finally:
        for name, function in originals.items():
            setattr(argparse, name, function)


if __name__ == "__main__":
    sys.exit(main())
