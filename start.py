#!/usr/bin/env python3
"""One command: set up what is needed, once, and start.

`python3 start.py [lab|dashboard|test|docs|templates|notebooks|screenshots|bench|soak|lock]`, on Windows
`py start.py ...`. It needs Python and nothing else: the packages come from the hashed locks into `.venv`, and what
Jupyter writes for itself stays in `.jupyter`, apart from the user's own Jupyter. Its messages are Dutch: schools read
them.
"""

from __future__ import annotations  # so that a Python that is too old can still read this file and be told so

import argparse
import contextlib
import hashlib
import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "handvat-stamp.txt"
STATE = ROOT / ".jupyter"  # logs, and Jupyter's own files
EXAMPLE = ROOT / "data" / "example"
EXAMPLE_STAMP = ROOT / "data" / ".example-stamp.txt"

USER_LOCK = ROOT / "requirements/users.lock"
USERS_EXTRAS = tuple(word for extra in ("dashboard", "docs", "spss", "word", "wording") for word in ("--extra", extra))
HOSTING_LOCK = ROOT / "requirements/hosting.lock"  # all of the user's lock, and what a server has (docs/hosting.md)
DEV_LOCK = ROOT / "requirements/dev.lock"  # all of the user's lock, in the same versions, and more

OLDEST_PYTHON = (3, 11)
SET_UP = "1"  # raise it when `set_up` itself changes: older environments are made again


class UserError(Exception):
    """Ends the run with a message for the user, without a traceback."""


@dataclass(frozen=True)
class Action:
    """What a word on the command line runs, and what that needs first."""

    run: Callable[[argparse.Namespace], int]
    help: str
    lock: Path = USER_LOCK
    needs_example: bool = False


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks; returns the exit code."""
    stop_as_on_ctrl_c()
    use_lenient_console()
    try:
        check_python(sys.version_info[:3])
        options = parse(sys.argv[1:] if arguments is None else arguments)
        if options.help:
            print_line(explanation())
            return 0
        action = ACTIONS[options.action]
        with only_start(STATE / "start.lock"):
            set_up(action.lock)
            if action.needs_example and not options.folder:
                make_example()
        return action.run(options)
    except UserError as stop:
        print_error(stop)
        return 1
    except OSError as error:
        print_error(f"Een bestand of map kon niet worden gelezen of geschreven: {error}")
        return 1
    except KeyboardInterrupt:
        print_error("Afgebroken. Start gerust opnieuw: wat half klaar is, wordt dan hersteld.")
        return 130


def stop_as_on_ctrl_c() -> None:
    """Handle the signals that end a program as Ctrl+C, so that what is half done is reported."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def use_lenient_console() -> None:
    """Let consoles of any code page print: a missing letter must not end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def check_python(version: tuple[int, ...]) -> None:
    """Raise `UserError` for a Python that is too old."""
    if version[:2] < OLDEST_PYTHON:
        raise UserError(
            "Python {}.{} of nieuwer is nodig; dit is Python {}.{}. ".format(*OLDEST_PYTHON, *version[:2])
            + "Installeer een nieuwere Python en start opnieuw, bijvoorbeeld met: python3.12 start.py"
        )


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line. Unknown arguments are for the program that starts: `extra`."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--folder")
    parser.add_argument("-h", "--help", action="store_true")
    options, extra = parser.parse_known_args(arguments)
    action = "lab" if not extra or extra[0].startswith("-") else extra.pop(0)
    if action not in ACTIONS:
        raise UserError(f"'{action}' is er niet bij.\n\n{explanation()}")
    return argparse.Namespace(**vars(options), action=action, extra=extra)


def explanation() -> str:
    """Text of `--help`."""
    return "\n".join(
        [
            "Gebruik: python3 start.py [wat] [--port GETAL] [--no-browser]      (Windows: py start.py)",
            "",
            *(f"  {name:<14}{action.help}" for name, action in ACTIONS.items()),
            "",
            "  --port GETAL  poort om mee te beginnen; is die bezet, dan een volgende",
            "  --no-browser  de browser niet vanzelf openen",
            "  --folder MAP  dashboard: de map met formulieren (anders de voorbeeldscholen)",
            "",
            "De eerste keer wordt alles klaargezet. Wat er verder staat, gaat naar het programma dat start.",
        ]
    )


# --- Setting up ---


@contextlib.contextmanager
def only_start(path: Path) -> Iterator[None]:
    """Hold the lock file, so that two starts at once don't write in one environment.

    The system releases it when the holder ends, in whatever way.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        if not try_lock(file.fileno()):
            print_line("Een andere start is nog bezig met klaarzetten; even wachten…")
            while not try_lock(file.fileno()):
                time.sleep(0.5)
        yield


def try_lock(file: int) -> bool:
    """Take the lock where it is free; returns whether that worked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def set_up(lock: Path) -> None:
    """Install the packages of the lock into `.venv`, unless they are there.

    The stamp is removed first and written last. A set-up that was interrupted has none, and starts from nothing the
    next time. To a complete user's environment only the developer's packages are added.
    """
    done = stamps()
    if fingerprint(lock) in done:
        return
    from_nothing = fingerprint(USER_LOCK) not in done
    if from_nothing and Path(sys.prefix) == VENV:
        raise UserError(
            "Deze terminal gebruikt de omgeving die vernieuwd moet worden. Typ: deactivate, en start opnieuw."
        )
    print_line("Klaarzetten: de pakketten worden opgehaald. Dit gebeurt één keer en duurt één tot twee minuten…")
    began = time.monotonic()
    log_file("setup").unlink(missing_ok=True)
    STAMP.unlink(missing_ok=True)
    if from_nothing:
        make_venv()
    install(lock)
    link_project()
    complete = [USER_LOCK, DEV_LOCK] if lock == DEV_LOCK else [lock]
    STAMP.write_text("\n".join(map(fingerprint, complete)), encoding="utf-8")
    print_line(f"Klaar in {time.monotonic() - began:.0f} seconden.")


def stamps() -> list[str]:
    """Fingerprints of the locks that are completely installed in `.venv`."""
    if not (PYTHON.exists() and STAMP.exists()):
        return []
    return STAMP.read_text(encoding="utf-8").split()


def fingerprint(lock: Path) -> str:
    """Hash of what decides the contents of an environment: lock, Python, place and set-up version."""
    parts = [lock.read_text(encoding="utf-8"), sys.version, str(VENV), SET_UP]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make_venv() -> None:
    """Make an empty environment with the Python that runs this file."""
    shutil.rmtree(VENV, ignore_errors=True)
    if run_logged([sys.executable, "-m", "venv", VENV]) == 0:
        return
    # Debian and Ubuntu have ensurepip in a package of its own: without it, the environment borrows their pip.
    shutil.rmtree(VENV, ignore_errors=True)
    if run_logged([sys.executable, "-m", "venv", "--without-pip", VENV]) != 0 or not has_pip(sys.executable):
        raise UserError(
            "Python kan hier geen eigen omgeving maken. Installeer eerst het onderdeel dat daarvoor nodig is "
            "(op Debian en Ubuntu: sudo apt install python3-venv) en start opnieuw."
        )


def has_pip(python: str | Path) -> bool:
    """Whether this Python can install packages."""
    return run_logged([python, "-m", "pip", "--version"]) == 0


def install(lock: Path) -> None:
    """Install the packages of the lock; pip refuses a package with another hash."""
    pip: list[str | Path] = [PYTHON, "-m", "pip"]
    if not has_pip(PYTHON):
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    flags = ["--no-input", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
    if run_logged([*pip, "install", *flags, "--only-binary", ":all:", "-r", lock]) != 0:
        raise UserError(why_not_installed(log_tail(log_file("setup"))))
    # What pip would do on one core, on all of them; a file that can't be compiled is none that is imported.
    run_logged([PYTHON, "-m", "compileall", "-q", "-j", "0", VENV], log_file("compile"))


def why_not_installed(log: str) -> str:
    """Advice for the user, from the end of pip's log."""
    if "DO NOT MATCH THE HASHES" in log:
        advice = (
            "Een pakket dat binnenkwam is niet het pakket dat bedoeld is, en is daarom niet geïnstalleerd. "
            "Probeer het opnieuw; blijft het zo, meld het dan aan wie uw netwerk beheert."
        )
    elif "No space left" in log:
        advice = "De schijf is vol. Er is ongeveer 1 GB nodig; maak ruimte en start opnieuw."
    else:
        advice = (
            "De pakketten konden niet worden opgehaald. Controleer de internetverbinding en start opnieuw. "
            "Gaat het internet bij u via een proxy, zet dan eerst HTTPS_PROXY; ICT-beheer weet het adres."
        )
    return f"{advice} {log}"


def link_project() -> None:
    """Make `import toolkit` and the command `handvat` work in the environment.

    A path file and a small script do what an editable install does, without a build backend to fetch.
    """
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([str(PYTHON), "-c", question], text=True, encoding="utf-8").strip())
    # Relative, because Python reads it in the system's code page, in which a user's name may not fit.
    (site / "samenwerken-met-ouders.pth").write_text(os.path.relpath(ROOT, site) + "\n", encoding="ascii")
    # -P: the folder from which someone starts it may hold files of its own called toolkit or numpy.
    flags = "-P -X utf8 -m toolkit.cli"
    if os.name == "nt":
        (BIN / "handvat.cmd").write_text(f'@"%~dp0python.exe" {flags} %*\n', encoding="ascii")
    else:
        command = BIN / "handvat"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} {flags} "$@"\n', encoding="utf-8")
        command.chmod(0o755)


def make_example() -> None:
    """Write the example schools' forms, unless the current version of the toolkit already wrote them.

    They are made next to the folder and moved in one step, so an interrupted run leaves nothing half.
    """
    if EXAMPLE.exists() and not may_replace_example():
        return
    print_line("De formulieren van de voorbeeldscholen worden gemaakt…")
    with tempfile.TemporaryDirectory(prefix=".example-", dir=EXAMPLE.parent) as folder:
        made = Path(folder, "example")
        log = log_file("example")
        if run_logged([PYTHON, "-m", "toolkit.cli", "example", made], log) != 0:
            raise UserError(f"De voorbeeldscholen konden niet worden gemaakt. {log_tail(log)}")
        shutil.rmtree(EXAMPLE, ignore_errors=True)
        EXAMPLE_STAMP.write_text("\n".join([toolkit_fingerprint(), *names_in(made)]), encoding="utf-8")
        made.rename(EXAMPLE)


def may_replace_example() -> bool:
    """Whether the example is out of date and holds no file of a user. A user's file is never deleted."""
    made_by, *ours = EXAMPLE_STAMP.read_text(encoding="utf-8").split("\n") if EXAMPLE_STAMP.exists() else [""]
    if made_by == toolkit_fingerprint():
        return False
    theirs = sorted(set(names_in(EXAMPLE)) - set(ours))
    if theirs:
        print_line(
            f"In {relative(EXAMPLE)} staan bestanden die er niet vanzelf kwamen, zoals {theirs[0]}. De map "
            "blijft daarom zoals hij is. Verplaats ze naar een eigen map om de voorbeelden te vernieuwen."
        )
    return not theirs


def names_in(folder: Path) -> list[str]:
    """Paths of all files in a folder, relative to it, but the toolkit's own (its record of what was shown)."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".handvat-"))
    return sorted(path.relative_to(folder).as_posix() for path in files)


def toolkit_fingerprint() -> str:
    """Hash of the toolkit's code and data, which decide the example's forms."""
    files = sorted(path for path in (ROOT / "toolkit").rglob("*") if path.suffix in {".py", ".toml"})
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


# --- What can be started ---


def start_lab(options: argparse.Namespace) -> int:
    """JupyterLab on the first notebook."""
    return start_server("lab", options)


def start_dashboard(options: argparse.Namespace) -> int:
    """A notebook as a page without code: the school's, or the one in `options.extra`."""
    if options.folder:
        if not os.path.isdir(options.folder):
            raise UserError(f"De map {options.folder} is er niet. Controleer de naam achter --folder.")
        os.environ["HANDVAT_FOLDER"] = os.path.abspath(options.folder)
    return start_server("dashboard", options)


def start_server(kind: str, options: argparse.Namespace) -> int:
    """Let the toolkit start a server. On Linux and macOS that process replaces this one, so signals reach it."""
    command = [str(PYTHON), "-m", "toolkit.serve", kind, "--state", str(STATE)]
    command += ["--port", str(options.port)] if options.port else []
    command += ["--no-browser"] if options.no_browser else []
    command += options.extra
    if os.name != "nt":
        os.chdir(ROOT)
        os.execve(PYTHON, command, child_environment())
    server = subprocess.Popen(command, cwd=ROOT, env=child_environment())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C also reaches the server, which stops by itself
    return server.wait()


def run_tests(options: argparse.Namespace) -> int:
    """Run every check, also after one has failed; `options.extra` is for pytest.

    One process more than cores, because tests wait for browsers. A file stays in one process: the cells of a notebook
    need each other.
    """
    workers = ["-n", str((os.cpu_count() or 1) + 1)]
    checks = {
        "ruff check": ["ruff", "check", "."],
        "ruff format": ["ruff", "format", "--check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", *workers, "--dist", "loadfile", "--no-loadscope-reorder", *options.extra],
    }
    failed = [name for name, command in checks.items() if run_in_venv(command) != 0]
    if failed:
        print_error(f"Niet in orde: {', '.join(failed)}.")
    return 1 if failed else 0


def write_templates(options: argparse.Namespace) -> int:
    """Write the blank forms again from the instrument."""
    return run_in_venv(["toolkit.cli", "templates", "data/templates", *options.extra])


def run_notebooks(options: argparse.Namespace) -> int:
    """Run the notebooks and write them in the form that tests compare with."""
    return run_in_venv([str(Path("tools", "run_notebooks.py")), *options.extra])


def make_screenshots(options: argparse.Namespace) -> int:
    """Make the pictures of the guide again."""
    return run_in_venv([str(Path("tools", "make_pictures.py")), *options.extra])


def build_docs(options: argparse.Namespace) -> int:
    """Write the documentation as pages in site/; open site/index.html."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    return run_in_venv(["mkdocs", "build", *options.extra])


def run_benchmarks(options: argparse.Namespace) -> int:
    """Measure speed against peers."""
    return run_in_venv(["benchmarks", *options.extra])


def run_soak(options: argparse.Namespace) -> int:
    """Test what must hold for very many forms."""
    return run_in_venv(["benchmarks.soak", *options.extra])


def write_locks(options: argparse.Namespace) -> int:
    """Resolve the dependencies of pyproject.toml again; `--upgrade` also takes newer versions."""
    compiled = ["uv", "pip", "compile", "pyproject.toml", "--quiet", *USERS_EXTRAS, *options.extra]
    hosting = ["--extra", "hosting", "--constraint", relative(USER_LOCK)]
    dev = ["--extra", "dev", "--constraint", relative(HOSTING_LOCK)]  # the same versions
    for lock, more in {USER_LOCK: [], HOSTING_LOCK: hosting, DEV_LOCK: dev}.items():
        if run_in_venv([*compiled, *more, "--output-file", relative(lock)]) != 0:
            return 1
    return 0


def run_in_venv(command: list[str]) -> int:
    """Run a module, or a file, with the environment's Python; its output goes to the terminal."""
    program = command[:1] if command[0].endswith(".py") else ["-m", command[0]]
    return subprocess.run([PYTHON, *program, *command[1:]], cwd=ROOT, env=child_environment()).returncode


ACTIONS = {
    "lab": Action(start_lab, "JupyterLab met de notebooks", needs_example=True),
    "dashboard": Action(start_dashboard, "het dashboard van een school, zonder code", needs_example=True),
    "test": Action(run_tests, "alle controles (voor ontwikkelaars)", DEV_LOCK, needs_example=True),
    "templates": Action(write_templates, "de lege formulieren opnieuw maken"),
    "notebooks": Action(run_notebooks, "de notebooks opnieuw uitvoeren en bewaren", needs_example=True),
    "screenshots": Action(
        make_screenshots, "de beelden van de handleiding opnieuw maken", DEV_LOCK, needs_example=True
    ),
    "docs": Action(build_docs, "de documentatie als webpagina's maken, in site/"),
    "bench": Action(run_benchmarks, "snelheid meten (voor ontwikkelaars)", DEV_LOCK),
    "soak": Action(run_soak, "beloften beproeven op zeer veel formulieren (voor ontwikkelaars)", DEV_LOCK),
    "lock": Action(write_locks, "de versies opnieuw vastleggen (voor ontwikkelaars)", DEV_LOCK),
}


# --- Child processes, logs and messages ---


def child_environment() -> dict[str, str]:
    """Environment of child processes: this virtual environment and this project's Jupyter settings only."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONHOME", "PYTHONPATH"} and not name.startswith(("JUPYTER", "IPYTHON"))
    }
    return inherited | {
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")]),
        "VIRTUAL_ENV": str(VENV),
        "PYTHONUTF8": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": str(ROOT / "settings" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(STATE / "config"),
        "JUPYTER_DATA_DIR": str(STATE / "data"),
        "JUPYTER_PATH": str(ROOT / "toolkit" / "widgets"),  # where Voilà finds its template
        "IPYTHONDIR": str(STATE / "ipython"),
    }


def run_logged(command: list[str | Path], log: Path | None = None) -> int:
    """Run a command; its output is appended to a log."""
    with (log or log_file("setup")).open("ab") as output:
        return subprocess.run(
            command, cwd=ROOT, env=child_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ).returncode


def log_file(name: str) -> Path:
    """Path of the log of this name."""
    STATE.mkdir(exist_ok=True)
    return STATE / f"{name}.log"


def log_tail(log: Path, lines: int = 12) -> str:
    """Last lines of a log, and its path."""
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n\n".join([f"Het verslag ({relative(log)}) eindigt zo:", "\n".join(last)])


def relative(path: Path) -> str:
    """Path as the user sees it from the project's folder."""
    return str(path.relative_to(ROOT))


def print_line(text: str) -> None:
    """Print at once: a terminal that waits for more to print looks stuck."""
    print(text, flush=True)


def print_error(text: object) -> None:
    """Print what went wrong, after an empty line."""
    print(f"\n{text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
