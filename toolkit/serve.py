"""Starts JupyterLab or Voilà on this computer, prints its address, and stops it again.

`handvat explore` calls `serve_dashboard`; `start.py` runs `python -m toolkit.serve lab` or `dashboard`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.widgets.guide import serve_guide
from toolkit.widgets.site import site_in_background

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
DASHBOARDS = (PROJECT / "notebooks" / "dashboard_school.ipynb", PACKAGE / "widgets" / "dashboard_school.ipynb")
"""The dashboard's notebook in the project, and in an installed package."""

START_TIMEOUT = 120
"""Seconds a server gets to answer: a school laptop with a virus scanner is slow the first time."""

STOP_TIMEOUT = 10

VOILA_SETTINGS = {
    "Voila.ip": "127.0.0.1",
    "Voila.port_retries": "0",  # a free port was chosen and is printed: another one would be a wrong address
    "Voila.open_browser": "False",  # the browser is opened here, once the server answers
    "Voila.auto_token": "True",  # takes the token from the environment; the default is no token at all
    # A failing cell shows its message. The template puts it in words, and leaves the traceback to the log.
    "VoilaConfiguration.show_tracebacks": "True",
    "VoilaConfiguration.template": "handvat",  # the stock template takes its icons from a public host
    # A page that closes asks to stop its kernel, without the cookie that Voilà expects with it. That would be refused
    # and the kernel would stay. The token guards this page, so the check can go.
    "Voila.tornado_settings": "{'disable_check_xsrf': True}",
    # The next page finds a kernel that has everything imported; `wait_for_page` waits there for its address. It is made
    # when the page before it is about drawn: sooner slows that page; later, a page loaded again waits for it.
    "VoilaConfiguration.preheat_kernel": "True",
    "VoilaKernelManager.fill_delay": "4",
    # Kernels that stay behind (a laptop that falls asleep, a browser that crashes) stop after ten minutes.
    "MappingKernelManager.cull_interval": "15",
    "MappingKernelManager.cull_idle_timeout": "30",
    "MappingKernelManager.cull_connected": "False",  # a page that is open keeps its kernel
}

say = load_text("nl").say


@dataclass(frozen=True, slots=True)
class Server:
    """A server to start.

    Attributes
    ----------
    name
        Names its log file.
    command
        Module and arguments for `python -m`.
    page
        Path of the first page.
    note
        Printed before the address.
    """

    name: str
    command: Sequence[str]
    port: int
    page: str
    note: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start what the command line asks, for `start.py`; returns the exit code."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("kind", choices=("lab", "dashboard"))
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--state", type=Path, required=True)
    options, extra = parser.parse_known_args(arguments)
    make_server = lab_server if options.kind == "lab" else dashboard_server
    try:
        server = make_server(options.port, extra)
        with site_in_background(options.state / "data"):
            return serve(server, options.state, may_open_browser(options.no_browser))
    except (ToolkitError, OSError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1


def serve_dashboard(folder: Path, port: int | None = None, no_browser: bool = False) -> int:
    """Show the dashboard of a folder of forms until the user stops it; returns the exit code."""
    os.environ["HANDVAT_FOLDER"] = str(folder.resolve())
    with tempfile.TemporaryDirectory(prefix="handvat-") as state:
        return serve(dashboard_server(port, []), Path(state), may_open_browser(no_browser))


def lab_server(port: int | None, extra: Sequence[str]) -> Server:
    """JupyterLab on the first notebook of the project."""
    free = free_port(port or 8888)
    command = ["jupyterlab", f"--ServerApp.port={free}", f"--ServerApp.root_dir={PROJECT}", *extra]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return Server("lab", command, free, "/lab/tree/notebooks/00_start.ipynb")


def dashboard_server(port: int | None, extra: Sequence[str]) -> Server:
    """Voilà on the school's dashboard or `extra`; `ToolkitError` where Voilà is missing."""
    if find_spec("voila") is None:
        raise ToolkitError(say("serve.no_voila"))
    free = free_port(port or 8866)
    notebooks = extra or [str(next(filter(Path.exists, DASHBOARDS)))]
    settings = [f"--{name}={value}" for name, value in VOILA_SETTINGS.items()]
    return Server("dashboard", ["voila", *notebooks, *settings, f"--port={free}"], free, "/", say("serve.live"))


def serve(server: Server, state: Path, open_browser: bool) -> int:
    """Run a server until it is stopped; the last line printed is its address, once it answers.

    Raises
    ------
    ToolkitError
        It does not start, or stops by itself with an error. The message ends with the end of its log.
    """
    stop_as_on_ctrl_c()
    token, log = secrets.token_hex(24), state / f"{server.name}.log"
    url = address(server.port, server.page, token)
    state.mkdir(parents=True, exist_ok=True)
    guide = serve_guide(state / "data") if server.name == "dashboard" else {}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *server.command],
            env={**server_environment(state), **guide, "JUPYTER_TOKEN": token},  # every user can read a command line
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",  # Ctrl+C is ours: Jupyter would ask for a confirmation
        )
    try:
        wait_until_responds(process, server.port, log)
        with browser_page(state, url) as page:
            if open_browser:
                webbrowser.open(page.as_uri())
            if server.note:
                print_line(server.note)
            print_line(say("serve.running", log=shown_path(log)))
            print_line(url)
            if process.wait() != 0:  # 0 when the user shut it down from its own menu
                raise ToolkitError(say("serve.stopped", log=log_tail(log)))
        return 0
    except KeyboardInterrupt:
        return 0
    finally:
        stop_server(process)


def stop_as_on_ctrl_c() -> None:
    """Handle the signals that end a program as Ctrl+C, so that no server stays behind."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def server_environment(state: Path) -> dict[str, str]:
    """Environment of a server: the user's own, but with this project's Jupyter settings only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return inherited | {
        "PYTHONUTF8": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": str(PROJECT / "settings" / "jupyter"),  # only JupyterLab has settings there
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_PATH": str(PACKAGE / "widgets"),  # where Voilà finds its template
        "IPYTHONDIR": str(state / "ipython"),
    }


def address(port: int, page: str, token: str) -> str:
    """Full address, with the token, that opens a page without a question."""
    return f"http://127.0.0.1:{port}{page}?token={token}"


@contextlib.contextmanager
def browser_page(state: Path, url: str) -> Iterator[Path]:
    """A file that only this user can read and that leads a browser to the address.

    A browser gets the file's name on its command line, where every user of the computer would see the token.
    """
    page = state / f"open-{os.getpid()}.html"
    page.unlink(missing_ok=True)
    with open(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={escape(url)}">')
    try:
        yield page
    finally:
        page.unlink(missing_ok=True)


def free_port(first: int) -> int:
    """The first free port of 50 from here, else one of the system's; `ToolkitError` for none."""
    for port in [*range(first, min(first + 50, 65536)), 0]:
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return int(attempt.getsockname()[1])
    raise ToolkitError(say("serve.no_port"))


def may_open_browser(no_browser: bool) -> bool:
    """Whether there is a screen, and the user did not refuse."""
    always_a_screen = os.name == "nt" or sys.platform == "darwin"
    screen = always_a_screen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(screen) and not no_browser


def wait_until_responds(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for any answer of the server; raises `ToolkitError` where it died or hangs."""
    deadline = time.monotonic() + START_TIMEOUT
    while not responds(port):
        if process.poll() is not None:
            raise ToolkitError(say("serve.not_started", log=log_tail(log)))
        if time.monotonic() > deadline:
            raise ToolkitError(say("serve.no_answer", seconds=START_TIMEOUT, log=log_tail(log)))
        time.sleep(0.1)


def responds(port: int) -> bool:
    """Whether something speaks HTTP on this port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop its notebooks and itself; kill it where it does not."""
    process.terminate()
    try:
        process.wait(timeout=STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def log_tail(log: Path, lines: int = 12) -> str:
    """Last lines of a log, and its path."""
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n\n".join([say("serve.log_ends", log=shown_path(log)), "\n".join(last)])


def shown_path(path: Path) -> str:
    """Path as the user sees it from the project's folder."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def print_line(text: str) -> None:
    """Print at once: a terminal that waits for more to print looks stuck."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
