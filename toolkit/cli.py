"""The `handvat` command: thin, every line of work is done elsewhere."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from toolkit import samples
from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import RefusedError, ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text, problem_message
from toolkit.core.normalize import read_school
from toolkit.forms.blank_form import form_bytes, write_form
from toolkit.forms.form_reader import read_form
from toolkit.forms.personal_forms import write_forms
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.instrument.official_wording import load_wording, read_wording, with_wording, write_wording
from toolkit.intake.erase import files_of, forget
from toolkit.intake.folder import Intake, check_folder, read_folder
from toolkit.reports.talk_sheet import write_talk_sheet
from toolkit.reports.write import FORMATS, write_report, write_reports
from toolkit.research_export.data_package import Archive
from toolkit.research_export.pseudonyms import load_secret
from toolkit.research_export.write import export, recognition_note
from toolkit.responses import PLACE
from toolkit.schools.school_register import join_register, read_invited
from toolkit.spreadsheets.guard import read_regular_file

SECRET = "HANDVAT_SECRET"
"""Environment variable with the secret of pseudonyms: on the command line it would stay in the shell's history."""

TEXT = load_text("nl")
say = TEXT.say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0, or 1 when something did not work (the reason is on stderr)."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ToolkitError, OSError) as error:
        print(say("cli.error", message=error), file=sys.stderr)
        return 1
    return 0


def _forms(options: argparse.Namespace) -> None:
    checklist = _checklist(options)
    if options.many:
        many = {"wave": options.wave, "language": options.language, "priorities": options.priorities}
        made = write_forms(options.out, checklist, options.many, per_school=options.per_school, **many)
        print(say("cli.forms_made", forms=len(made), schools=made["school"].nunique(), folder=options.out))
        return
    if not options.out.lower().endswith(".xlsx"):
        raise ToolkitError(say("cli.no_form_name", file=options.out))
    path = write_form(
        options.out,
        checklist,
        school=options.school,
        school_name=options.name,
        wave=options.wave,
        language=options.language,
        priorities=options.priorities,
    )
    print(say("cli.written", file=path))


def _checklist(options: argparse.Namespace) -> Instrument:
    checklist = load_instrument()
    return with_wording(checklist, load_wording(options.wording, checklist)) if options.wording else checklist


def _wording(options: argparse.Namespace) -> None:
    wording = read_wording(options.source, load_instrument())
    print(say("cli.wording_written", n=len(wording), file=write_wording(options.out, wording)))


def _check(options: argparse.Namespace) -> None:
    checklist = _checklist(options)
    if Path(options.form).is_dir():
        raise ToolkitError(say("cli.is_folder", file=options.form))
    try:
        form = read_form(read_regular_file(Path(options.form)), checklist)
    except RefusedError as refused:
        raise ToolkitError(problem_message(refused.problem)) from refused
    print(say("cli.check_fine", answered=len(form.answers), of=len(checklist.items)))
    for problem in form.problems:
        print(f"  {problem_message(problem)}")


def _templates(options: argparse.Namespace) -> None:
    for path in write_templates(Path(options.folder)):
        print(say("cli.written", file=path))


def write_templates(folder: Path) -> list[Path]:
    """Write the blank form in every language, over what an earlier version made; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    checklist = load_instrument()
    paths = {language: folder / f"{checklist.id}-{language}.xlsx" for language in LANGUAGES}
    for language, path in paths.items():
        atomic_write(path, form_bytes(checklist, language=language))
    return list(paths.values())


def _read(options: argparse.Namespace) -> None:
    intake = read_folder(
        options.folder,
        _checklist(options),
        workers=options.workers,
        cache=options.cache,
        register=options.register,
    )
    if options.report:
        print(say("cli.written", file=intake.write_report(options.report)))
    print(say("cli.files", n=len(intake.files), folder=options.folder), end="\n\n")
    print(intake.summary())
    for row in intake.problems.itertuples():
        print(f"\n{row.file}\n  {row.message}")


def _explore(options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    check_folder(folder)
    start = Path(__file__).resolve().parents[1] / "start.py"
    if not start.exists():
        raise ToolkitError(say("cli.explore_no_project"))
    command = [sys.executable, str(start), "dashboard", "--folder", str(folder.resolve())]
    command += ["--port", str(options.port)] if options.port else []
    command += ["--no-browser"] if options.no_browser else []
    if options.wording:
        load_wording(options.wording, load_instrument())  # a table that is off is said here, not in the browser
        os.environ["HANDVAT_WORDING"] = os.path.abspath(options.wording)
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # takes this process' place, so that whoever stops it stops the server


def _report(options: argparse.Namespace) -> None:
    checklist = _checklist(options)
    intake = _read_some(options, checklist, workers=options.workers, register=options.register)
    asked = read_invited(options.register, intake.responses, checklist) if options.register else None
    wanted = {"wave": options.wave, "checklist": checklist, "invited": asked, "language": options.language}
    school = read_school(options.school) if options.school else None
    if school and Path(options.out).suffix:
        print(say("cli.written", file=write_report(intake, school, options.out, **wanted)))
        return
    schools = [school] if school else None
    many = {"schools": schools, "format": options.format, "workers": options.workers}
    status = write_reports(intake, options.out, **many, **wanted)["status"].tolist()
    counts = {kind: status.count(kind) for kind in ("written", "unchanged")}
    print(say("cli.report_done", folder=options.out, **counts))


def _read_some(options: argparse.Namespace, checklist: Instrument, **ways: Any) -> Intake:
    """Read the folder; raises where none of its forms says of which school, wave and role it is."""
    intake = read_folder(options.folder, checklist, **ways)
    if intake.responses.dropna(subset=PLACE).empty:
        raise ToolkitError(say("cli.nothing", folder=options.folder))
    return intake


def _export(options: argparse.Namespace) -> None:
    checklist = _checklist(options)
    intake = _read_some(options, checklist)
    facts = None
    if options.register:
        joined = join_register(intake.responses, options.register)
        facts = joined.schools
        print(joined.summary())
    if note := recognition_note(intake.responses, facts, options.school_codes, options.language):
        print(note)
    ways = {"secret": _secret(options.secret), "school_codes": options.school_codes, "texts": options.texts}
    archive = Archive(options.title, tuple(options.contributor), options.licence)
    written = export(intake, options.out, checklist, facts=facts, archive=archive, language=options.language, **ways)
    for path in written:
        print(say("cli.written", file=path))


def _secret(file: str | None) -> str | None:
    """Return the secret of a file, which is made where it is not there, or of the environment."""
    if not file:
        return os.environ.get(SECRET) or None
    secret, is_new = load_secret(file)
    if is_new:
        print(say("cli.secret_made", file=file))
    return secret


def _forget(options: argparse.Namespace) -> None:
    found = files_of(options.folder, options.school)
    if found and not options.yes:
        print(say("cli.forget_sure", n=len(found), school=options.school), end=" ", flush=True)
        if sys.stdin.readline().strip().lower() not in ("ja", "j", "yes", "y"):
            print(say("cli.forget_not"))
            return
    print(say("cli.forgotten", n=len(forget(options.folder, options.school, log=options.log)), school=options.school))


def _talk_sheet(options: argparse.Namespace) -> None:
    checklist = _checklist(options)
    intake = _read_some(options, checklist)
    words = {"wave": options.wave or None, "sector": options.sector, "language": options.language}
    path = write_talk_sheet(intake, options.school, options.out, checklist=checklist, **words)
    print(say("cli.written", file=path))


def _example(options: argparse.Namespace) -> None:
    planted = samples.write_folder(options.folder, seed=options.seed, progress=True)
    count = {"forms": len(planted), "schools": planted["school"].nunique()}
    print(say("cli.example_written", folder=options.folder, **count))


class _Parser(argparse.ArgumentParser):
    """argparse in Dutch: its own headings, help and errors are English."""

    def __init__(self, **settings: object) -> None:
        super().__init__(add_help=False, formatter_class=_Formatter, **settings)  # type: ignore[arg-type]
        self._positionals.title, self._optionals.title = say("cli.arguments"), say("cli.options")
        self.add_argument("-h", "--help", action="help", help=say("cli.help"))

    def error(self, message: str) -> NoReturn:
        """Say in Dutch what argparse says in English; what it has no words for here stays as it is."""
        found = ((re.fullmatch(english, message), ours) for english, ours in _SLIPS.items())
        said = next((say(ours, **match.groupdict()) for match, ours in found if match), message)
        self.print_usage(sys.stderr)
        self.exit(2, say("cli.wrong", message=said, program=self.prog) + "\n")


_SLIPS = {
    r"argument (?P<name>.+?): invalid choice: '?(?P<found>[^']*)'? \(choose from (?P<there>.+)\)": "cli.slip_choice",
    r"the following arguments are required: (?P<name>.+)": "cli.slip_required",
    r"one of the arguments (?P<name>.+) is required": "cli.slip_required",
    r"unrecognized arguments: (?P<name>.+)": "cli.slip_unknown",
    r"argument (?P<name>.+?): expected (?:one|at least one) argument": "cli.slip_value",
    r"argument (?P<name>.+?): invalid \w+ value: '(?P<found>.*)'": "cli.slip_number",
    r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)": "cli.slip_both",
}


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # argparse's own shape
        super().add_usage(usage, actions, groups, say("cli.usage") if prefix is None else prefix)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="handvat", description=say("cli.description"))
    commands = parser.add_subparsers(title=say("cli.commands"), metavar=say("cli.command"), required=True)

    forms = commands.add_parser("forms", help=say("cli.forms"), description=say("cli.forms"))
    forms.add_argument("out", metavar=say("cli.file"), help=say("cli.forms_out"))
    forms.add_argument("--school", default="", help=say("cli.forms_school"))
    forms.add_argument("--name", default="", help=say("cli.forms_name"))
    forms.add_argument("--wave", default="", help=say("cli.forms_wave"))
    forms.add_argument("--language", default="nl", choices=LANGUAGES, help=say("cli.language"))
    forms.add_argument("--many", metavar=say("cli.file"), help=say("cli.forms_many"))
    forms.add_argument("--per-school", type=int, default=30, help=say("cli.forms_per_school"))
    forms.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    forms.add_argument("--priorities", action="store_true", help=say("cli.forms_priorities"))
    forms.set_defaults(run=_forms)

    read = commands.add_parser("read", help=say("cli.read"), description=say("cli.read"))
    read.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    read.add_argument("--workers", type=int, default=1, help=say("cli.read_workers"))
    read.add_argument("--register", metavar=say("cli.file"), help=say("cli.read_register"))
    read.add_argument("--report", metavar=say("cli.file"), help=say("cli.read_report"))
    read.add_argument("--cache", metavar=say("cli.folder"), help=say("cli.read_cache"))
    read.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    read.set_defaults(run=_read)

    check = commands.add_parser("check", help=say("cli.check"), description=say("cli.check"))
    check.add_argument("form", metavar=say("cli.file"), help=say("cli.check_file"))
    check.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    check.set_defaults(run=_check)

    wording = commands.add_parser("wording", help=say("cli.wording"), description=say("cli.wording"))
    wording.add_argument("source", metavar=say("cli.file"), help=say("cli.wording_source"))
    wording.add_argument(
        "-o", "--out", default="handvat-wording.csv", metavar=say("cli.file"), help=say("cli.wording_out")
    )
    wording.set_defaults(run=_wording)

    explore = commands.add_parser("explore", help=say("cli.explore"), description=say("cli.explore"))
    explore.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    explore.add_argument("--port", type=int, metavar=say("cli.number"), help=say("cli.explore_port"))
    explore.add_argument("--no-browser", action="store_true", help=say("cli.explore_no_browser"))
    explore.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    explore.set_defaults(run=_explore)
    report = commands.add_parser("report", help=say("cli.report"), description=say("cli.report"))
    report.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    which = report.add_mutually_exclusive_group(required=True)
    which.add_argument("--school", metavar="CODE", help=say("cli.report_school"))
    which.add_argument("--all", action="store_true", help=say("cli.report_all"))
    formats = [end.removeprefix(".") for end in FORMATS]
    report.add_argument(
        "--format", default="html", choices=formats, metavar="SOORT",
        help=say("cli.report_format", formats=", ".join(formats)),
    )  # fmt: skip
    report.add_argument("-o", "--out", default="rapporten", metavar=say("cli.folder"), help=say("cli.report_out"))
    report.add_argument("--wave", help=say("cli.report_wave"))
    report.add_argument("--language", default="nl", choices=LANGUAGES, help=say("cli.language"))
    report.add_argument("--register", metavar=say("cli.file"), help=say("cli.report_register"))
    report.add_argument("--workers", type=int, default=1, help=say("cli.read_workers"))
    report.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    report.set_defaults(run=_report)
    out = commands.add_parser("export", help=say("cli.export"), description=say("cli.export"))
    out.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    out.add_argument("out", metavar=say("cli.file"), help=say("cli.export_out"))
    out.add_argument("--secret", metavar=say("cli.file"), help=say("cli.export_secret"))
    out.add_argument("--register", metavar=say("cli.file"), help=say("cli.export_register"))
    out.add_argument("--school-codes", action="store_true", help=say("cli.export_codes"))
    out.add_argument("--texts", action="store_true", help=say("cli.export_texts"))
    out.add_argument("--title", default="", help=say("cli.export_title"))
    out.add_argument("--contributor", action="append", default=[], help=say("cli.export_contributor"))
    out.add_argument("--licence", default="", help=say("cli.export_licence"))
    out.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    out.add_argument("--language", default="nl", choices=LANGUAGES, help=say("cli.language"))
    out.set_defaults(run=_export)

    gone = commands.add_parser("forget", help=say("cli.forget"), description=say("cli.forget"))
    gone.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    gone.add_argument("school", metavar=say("cli.school"), help=say("cli.forget_school"))
    gone.add_argument("--yes", action="store_true", help=say("cli.forget_yes"))
    gone.add_argument("--log", metavar=say("cli.file"), help=say("cli.forget_log"))
    gone.set_defaults(run=_forget)

    talk = commands.add_parser("praatkaart", help=say("cli.talk"), description=say("cli.talk"))
    talk.add_argument("folder", metavar=say("cli.folder"), help=say("cli.read_folder"))
    talk.add_argument("school", metavar="SCHOOL", help=say("cli.talk_school"))
    talk.add_argument("-o", "--out", default="praatkaart.pdf", metavar=say("cli.file"), help=say("cli.talk_out"))
    talk.add_argument("--wave", default="", help=say("cli.talk_wave"))
    talk.add_argument("--sector", default="", choices=("", "po", "vo"), help=say("cli.talk_sector"))
    talk.add_argument("--wording", metavar=say("cli.file"), help=say("cli.wording_file"))
    talk.add_argument("--language", default="nl", choices=LANGUAGES, help=say("cli.language"))
    talk.set_defaults(run=_talk_sheet)

    example = commands.add_parser("example", help=say("cli.example"), description=say("cli.example"))
    example.add_argument("folder", metavar=say("cli.folder"), help=say("cli.example_folder"))
    example.add_argument("--seed", type=int, default=1, help=say("cli.example_seed"))
    example.set_defaults(run=_example)

    templates = commands.add_parser("templates", help=say("cli.templates"), description=say("cli.templates"))
    templates.add_argument("folder", metavar=say("cli.folder"), help=say("cli.templates_folder"))
    templates.set_defaults(run=_templates)
    return parser


if __name__ == "__main__":
    sys.exit(main())
