"""Starting a server: a free port, an address that works when it is printed, a token that nobody else reads."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlparse

import pytest

from tests.support.servers import PATIENCE
from toolkit import serve
from toolkit.core.errors import ToolkitError
from toolkit.serve import Server
from toolkit.widgets import site


def test_a_port_that_is_taken_is_passed_over():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        used_port = listener.getsockname()[1]
        assert serve.free_port(used_port) != used_port
    assert serve.free_port(65535) > 0


def test_the_address_holds_the_page_and_the_token():
    url = serve.address(8888, "/lab/tree/notebooks/00_start.ipynb", "abc")
    assert url == "http://127.0.0.1:8888/lab/tree/notebooks/00_start.ipynb?token=abc"


def test_the_users_own_jupyter_settings_stay_out(monkeypatch, tmp_path):
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_DIR", "IPYTHONDIR", "JUPYTER_TOKEN"):
        monkeypatch.setenv(name, "from-the-user")
    monkeypatch.setenv("HTTPS_PROXY", "kept")
    environment = serve.server_environment(tmp_path)
    assert "from-the-user" not in environment.values()
    assert environment["HTTPS_PROXY"] == "kept"


def test_without_a_screen_no_browser_opens(monkeypatch):
    monkeypatch.setattr(serve.sys, "platform", "linux")
    monkeypatch.setattr(serve.os, "name", "posix")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not serve.may_open_browser(no_browser=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert serve.may_open_browser(no_browser=False)
    assert not serve.may_open_browser(no_browser=True)


def web_server(port: int) -> Server:
    return Server("test", ["http.server", str(port), "--bind", "127.0.0.1"], port, "/page")


def test_the_address_is_the_last_line_and_works_when_it_is_printed(monkeypatch, tmp_path):
    """The user is there as soon as the line is: opens the page, and presses Ctrl+C."""
    printed: list[str] = []
    answers: list[int] = []
    port = serve.free_port(18000)

    def user(text: str) -> None:
        printed.append(text)
        if text.startswith("http"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            answers.append(connection.getresponse().status)
            connection.close()
            raise KeyboardInterrupt

    monkeypatch.setattr(serve, "print_line", user)
    assert (serve.serve(web_server(port), tmp_path, open_browser=False), answers) == (0, [200])
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/page\?token=[0-9a-f]{{48}}", printed[-1])
    assert not serve.responds(port)


def test_the_token_is_on_no_command_line_and_in_no_file_that_others_read(monkeypatch, tmp_path):
    """Every user of a computer sees the command lines of all: that of the browser, and that of the server."""
    opened: list[str] = []
    process: dict[str, object] = {}

    def user(text: str) -> None:
        if not text.startswith("http"):
            return
        token = text.partition("token=")[2]
        page = Path(unquote(urlparse(opened[0]).path))
        process["leads there"] = text in page.read_text()
        process["mode"] = stat.S_IMODE(page.stat().st_mode)
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
        process["on a command line"] = any(token.encode() in line for line in [*lines, opened[0].encode()])
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.webbrowser, "open", opened.append)
    monkeypatch.setattr(serve, "print_line", user)
    assert serve.serve(web_server(serve.free_port(18000)), tmp_path, open_browser=True) == 0
    assert process["leads there"]
    assert not process["on a command line"]
    assert process["mode"] == 0o600 or os.name == "nt"
    assert list(tmp_path.glob("open-*")) == [], "gone with the server"


def test_a_server_that_dies_is_quoted(tmp_path):
    with pytest.raises(ToolkitError, match="No module named no_such_server"):
        serve.serve(Server("test", ["no_such_server"], serve.free_port(18000), "/"), tmp_path, open_browser=False)


def installed(site: Path) -> None:
    """What the wheel installs: the package, and the files that pyproject.toml puts in it."""
    shutil.copytree(serve.PACKAGE, site / "toolkit", ignore=shutil.ignore_patterns("__pycache__"))
    project = tomllib.loads((serve.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    for source, target in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].items():
        (site / target).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (serve.PROJECT / source).is_dir() else shutil.copyfile
        copy(serve.PROJECT / source, site / target)


def test_the_dashboard_of_a_folder_opens_from_an_installed_package(tmp_path):
    """`handvat explore` needs nothing of the project's folder: no notebook, no settings, no start.py."""
    installed(tmp_path / "site")
    (tmp_path / "forms").mkdir()
    command = [sys.executable, "-P", "-m", "toolkit.cli", "explore", str(tmp_path / "forms"), "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert server.stdout
        url = next((line.strip() for line in server.stdout if line.startswith("http")), "")
        with urllib.request.urlopen(url, timeout=PATIENCE) as page:
            assert "application/vnd.jupyter.widget-view+json" in page.read().decode()
        with urllib.request.urlopen(url.replace("/?", "/voila/static/handleiding.html?"), timeout=PATIENCE) as guide:
            shown = guide.read().decode()
        assert "<h1" in shown
        assert not re.findall(r'src="(?!data:)|href="(?!#|data:)', shown), "it needs no other file"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        assert server.wait(30) == 0
        server.stdout.close()


def test_the_pages_of_the_documentation_are_made_once_per_version(monkeypatch, tmp_path):
    built: list[Path] = []

    def build(command: list[str], **_: object) -> object:
        built.append(Path(command[-2]))
        return SimpleNamespace(terminate=lambda: None, wait=lambda: None)

    monkeypatch.setattr(site.subprocess, "Popen", build)
    with site.site_in_background(tmp_path / "data"):
        folder = site.site_folder(tmp_path / "data")
        assert "worden klaargezet" in (folder / "index.html").read_text(encoding="utf-8")
        assert serve.serve_guide(tmp_path / "data") == {"HANDVAT_GUIDE": "voila/static/handleiding.html"}, "at once"
    (folder / "handleiding.html").touch()
    assert serve.serve_guide(tmp_path / "data") == {"HANDVAT_GUIDE": "voila/static/docs/handleiding.html"}
    (folder / site.STAMP).write_text(site._version(), encoding="utf-8")
    with site.site_in_background(tmp_path / "data"):
        assert built == [folder], "the second start finds them"


def test_a_dashboard_says_that_it_is_live_and_not_to_be_shared():
    assert "alle formulieren die er nu zijn" in serve.dashboard_server(None, []).note


def test_without_voila_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(ToolkitError, match=r"samenwerken-met-ouders\[dashboard\]"):
        serve.dashboard_server(None, [])
