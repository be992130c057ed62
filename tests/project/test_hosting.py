"""The dashboard on a server, started for real: each director sees one school, and no address gives another's."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import websocket
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.directors import DirectorsError, names_in_hub, read_directors
from tests.support.forms import all_answers, filled
from tests.support.requirements import missing
from tests.support.servers import PATIENCE, ROOT, free_ports, opened_browser
from toolkit.results import SchoolResults

SCHOOLS = {"99AX00": "De Otter", "99AY00": "De Bever"}
LOGINS = {"anna@otter.example": "99AX00", "Bram@bever.example": "99AY00"}
PASSWORDS = {"anna@otter.example": "word of Anna", "bram@bever.example": "word of Bram"}
STRANGERS = {"anna-otter.example": "word of another", "cas": "word of Cas"}
"""People whom the login knows, and the file of directors doesn't."""

if os.name == "nt":
    pytest.skip("JupyterHub runs on Linux and macOS only", allow_module_level=True)


# --- the file of the administrator ---


def listed(folder: Path, *lines: str) -> Path:
    """A file of directors; its schools have their folders."""
    for school in SCHOOLS:
        (folder / "schools" / school).mkdir(parents=True, exist_ok=True)
    path = folder / "directors.toml"
    path.write_text("\n".join([f"folder = {json.dumps(str(folder / 'schools'))}", "[directors]", *lines]))
    return path


def test_a_director_has_one_school_and_an_address_without_odd_signs(tmp_path):
    (bram,) = read_directors(listed(tmp_path, '"Bram@bever.example" = "99AY00"'))
    assert (bram.login, bram.page, bram.school) == ("bram@bever.example", "bram-bever.example", "99AY00")
    assert bram.folder == tmp_path / "schools" / "99AY00"


def test_who_logs_in_with_the_name_of_someones_address_is_nobody(tmp_path):
    names = names_in_hub(read_directors(listed(tmp_path, '"bram@bever.example" = "99AY00"', 'cas = "99AX00"')))
    assert names == {"bram@bever.example": "bram-bever.example", "bram-bever.example": "-", "cas": "cas"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['anna = "../99AY00"'], "geen schoolcode"),
        (['anna = "/etc"'], "geen schoolcode"),
        (['anna = ""'], "geen schoolcode"),
        (['anna = "99ZZ00"'], "is er niet"),
        (['"an/na" = "99AX00"'], "geen inlognaam"),
        (['"../anna" = "99AX00"'], "geen inlognaam"),
        (['anna = "99AX00"', 'Anna = "99AY00"'], "niet uit elkaar te houden"),
        (['"a@b" = "99AX00"', 'a-b = "99AY00"'], "niet uit elkaar te houden"),
        (["anna 99AX00"], "kan niet worden gebruikt"),
    ],
)
def test_a_file_of_directors_that_leaves_a_doubt_is_refused(lines, message, tmp_path):
    with pytest.raises(DirectorsError, match=message):
        read_directors(listed(tmp_path, *lines))


def test_a_folder_of_a_school_is_no_link_to_another(tmp_path):
    path = listed(tmp_path, 'anna = "99AX00"')
    shutil.rmtree(tmp_path / "schools" / "99AX00")
    (tmp_path / "schools" / "99AX00").symlink_to(tmp_path / "schools" / "99AY00")
    with pytest.raises(DirectorsError, match="koppeling"):
        read_directors(path)


# --- what a page can reach, were it ever made to run something ---

CURIOUS = """
import sys
from pathlib import Path
from deploy.school_page import shut_in

own, *others = map(Path, sys.argv[1:])
shut = shut_in(own)
for path in others:
    try:
        print(path.read_bytes() and "read" if path.is_file() else list(path.iterdir()) and "listed", end=" ")
    except PermissionError:
        print("refused", end=" ")
(own / "note").write_text("x")
import toolkit as tk
print(shut, tk.load_instrument().id, (own / "note").read_text())
"""


def test_a_page_reads_nothing_but_the_project_and_its_own_folder(tmp_path):
    """Were a hole found in Voilà: no form, not of the own school either, no secret of the hub, no list of directors."""
    directors = listed(tmp_path, 'anna = "99AX00"')
    form, secret = tmp_path / "schools" / "99AX00" / "directie.xlsx", tmp_path / "state" / "cookie_secret"
    own_folder, other_folder = (tmp_path / "state" / "pages" / name for name in ("anna", "bram"))
    for path in (form, secret, other_folder / "tables.pickle"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    own_folder.mkdir()
    closed = [directors, form, form.parent, secret, other_folder / "tables.pickle", ROOT / "pyproject.toml"]
    command = [sys.executable, "-c", CURIOUS, *map(str, [own_folder, *closed])]
    output = subprocess.run(
        command, cwd=own_folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    if "False" in output.stdout.split():
        missing("this system has no Landlock")
    assert output.stdout.split() == [*["refused"] * len(closed), "True", "handvat-ouders-2023", "x"], output.stderr


def test_a_page_is_given_the_tables_of_one_school_and_no_form(tmp_path):
    for school in SCHOOLS:
        write_forms(tmp_path, school)
        for path in tmp_path.glob("*.xlsx"):
            path.rename(path.with_name(f"{school}-{path.name}"))
    target = tmp_path / "tables.pickle"
    prepare(tmp_path, target)
    saved = target.read_bytes()
    assert b"De Otter" in saved
    for hidden in (b"De Bever", b"99AY00", b"directie.xlsx", b"leraar-1"):
        assert hidden not in saved
    assert "respondent" not in SchoolResults.load(target).items


def prepare(forms: Path, target: Path, school: str = "99AX00") -> None:
    """Make the tables of a school's page, as the hub does before the page starts."""
    arguments = [str(forms), school, str(forms.parent / "shown"), str(target)]
    subprocess.run([sys.executable, "-m", "deploy.prepare_tables", *arguments], cwd=ROOT, check=True)


def test_the_tables_are_not_written_through_a_link_that_a_page_left(tmp_path):
    """A page writes in its own folder: a link there to the cookie secret may not be followed at the next login."""
    forms, own_folder, secret = tmp_path / "forms", tmp_path / "own", tmp_path / "cookie_secret"
    forms.mkdir()
    own_folder.mkdir()
    write_forms(forms, "99AX00")
    secret.write_text("of the hub")
    (own_folder / "tables.pickle").symlink_to(secret)
    prepare(forms, own_folder / "tables.pickle")
    assert secret.read_text() == "of the hub"
    assert "De Otter" in SchoolResults.load(own_folder / "tables.pickle").names.values()
    assert [path.name for path in own_folder.iterdir()] == ["tables.pickle"]


def test_a_page_that_starts_again_does_not_disclose_who_was_added(tmp_path):
    forms, target = tmp_path / "forms", tmp_path / "tables.pickle"
    forms.mkdir()
    write_forms(forms, "99AX00")
    tables_given = []
    for _ in range(2):
        prepare(forms, target)
        tables_given.append(SchoolResults.load(target).items[["role", "item", "no", "partly", "yes"]])
        newcomer = filled(all_answers("Ja"), "Leraar", {2: "later"}, **form_of("99AX00"))
        (forms / "later.xlsx").write_bytes(newcomer)
    assert tables_given[0].equals(tables_given[1])


PLANTED = "open({made!r}, 'w').write('ran outside')"


def test_a_package_that_a_page_left_does_not_run_at_the_next_login(tmp_path):
    """A page starts before it is shut in: nothing in a folder that it can write may be imported then."""
    own_folder, start, marker = tmp_path / "pages" / "anna", tmp_path / "start", tmp_path / "made"
    site = f".local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    for folder in (own_folder, start):
        for package in ("deploy", "toolkit", "voila", site):
            (folder / package).mkdir(parents=True)
            for name in ("__init__.py", "school_page.py", "usercustomize.py", "sitecustomize.py"):
                (folder / package / name).write_text(PLANTED.format(made=str(marker)))
    settings = hub_settings(tmp_path)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        **settings["environment"],
        "HOME": str(start),
        "HANDVAT_OWN": str(own_folder),
    }
    for folder in (start, own_folder):
        began = subprocess.run(settings["cmd"], cwd=folder, env=environment, capture_output=True, text=True)
        assert "KeyError: 'HANDVAT_FOLDER'" in began.stderr, "the real page began, and misses its school"
        assert not marker.exists()
    assert not str(settings["home"]).startswith(str(own_folder.parent)), "a page starts in a folder that it can't write"


def hub_settings(folder: Path) -> dict[str, object]:
    """How the hub starts a page, out of the configuration itself."""
    code = """
import json, os, sys
from traitlets.config import Config
c = Config()
source = sys.argv[1]
exec(compile(open(source).read(), source, "exec"), {"get_config": lambda: c, "__file__": source})
print(json.dumps({"cmd": c.Spawner.cmd, "environment": c.Spawner.environment,
                  "home": c.SimpleLocalProcessSpawner.home_dir_template}))
"""
    directors = listed(folder, 'anna = "99AX00"')
    environment = {**os.environ, "HANDVAT_DIRECTORS": str(directors), "STATE_DIRECTORY": str(folder)}
    command = [sys.executable, "-c", code, str(ROOT / "deploy" / "jupyterhub_config.py")]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def test_the_service_holds_the_hub_to_what_it_needs():
    unit = (ROOT / "deploy" / "handvat.service").read_text()
    for line in (
        "NoNewPrivileges=yes",
        "ProtectProc=invisible",
        "CapabilityBoundingSet=",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallFilter=@system-service landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    ):
        assert f"\n{line}\n" in unit


# --- the server itself ---


@dataclass(frozen=True)
class Hub:
    """A hub that runs: its port, its log, and the folder with the schools."""

    port: int
    log: Path
    folder: Path
    server: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def port_of(self, name: str) -> int:
        """Where the page of a director listens, behind the proxy."""
        return int(re.findall(rf"/user/{re.escape(name)}/? .*http://127\.0\.0\.1:(\d+)", self.log.read_text())[-1])


@dataclass(frozen=True)
class Director:
    """Somebody who is logged in and has the page open."""

    name: str
    school: str
    page: Page
    cookies: str
    kernel: str


@dataclass(frozen=True)
class Answer:
    status: int
    leads_to: str
    body: str


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    with opened_browser(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def hub(tmp_path_factory, chromium) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hosting")
    directors = listed(folder, *(f'"{login}" = "{school}"' for login, school in LOGINS.items()))
    for school in SCHOOLS:
        write_forms(folder / "schools" / school, school)
    stray = filled(all_answers(), "Directie", {1: "Kanarie van De Bever"}, **form_of("99AY00"))
    (folder / "schools" / "99AX00" / "verdwaald.xlsx").write_bytes(stray)
    (folder / "state").mkdir(mode=0o700)
    ports = free_ports(3)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HANDVAT"))},
        "HANDVAT_DIRECTORS": str(directors),
        "STATE_DIRECTORY": str(folder / "state"),
        "HANDVAT_TEST_PASSWORDS": json.dumps(PASSWORDS | STRANGERS),
        "HANDVAT_TEST_PORTS": json.dumps(ports),
    }
    log = folder / "hub.log"
    command = [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "tests" / "support" / "hub_config.py")]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_for(lambda: "JupyterHub is now running" in log.read_text(), server, log)
        yield Hub(ports[0], log, folder, server)
    finally:
        server.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)


def form_of(school: str) -> dict[str, str]:
    return {"school": school, "school_name": SCHOOLS[school], "wave": "2025-2026"}


def write_forms(folder: Path, school: str) -> None:
    """One director, who says something, and six teachers."""
    actions = {1: f"Kanarie van {SCHOOLS[school]}"}
    (folder / "directie.xlsx").write_bytes(filled(all_answers("Nee"), "Directie", actions, **form_of(school)))
    for number in range(6):
        teacher = filled(all_answers("Beetje"), "Leraar", {2: f"leraar {number}"}, **form_of(school))
        (folder / f"leraar-{number}.xlsx").write_bytes(teacher)


def wait_for(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert server.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)


def log_in(context: BrowserContext, hub: Hub, login: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(hub.address)
    page.fill("#username_input", login)
    page.fill("#password_input", PASSWORDS[login.lower()])
    page.click("#login_submit")
    return page


def director(browser: Browser, hub: Hub, login: str) -> Director:
    """Log in, wait for the radar, and keep what a curious person could take from the browser."""
    context, kernels = browser.new_context(), []
    context.on("request", lambda request_sent: kernels.extend(re.findall(r"api/kernels/([\w-]{36})", request_sent.url)))
    page = log_in(context, hub, login)
    page.wait_for_selector(".handvat-explorer .js-plotly-plot")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
    return Director(login.lower().replace("@", "-"), LOGINS[login], page, cookies, kernels[-1])


@pytest.fixture(scope="module")
def anna(browser, hub) -> Director:
    return director(browser, hub, "anna@otter.example")


@pytest.fixture(scope="module")
def bram(browser, hub) -> Director:
    return director(browser, hub, "Bram@bever.example")


def ask(port: int, path: str, cookies: str = "", method: str = "GET", body: str | None = None) -> Answer:
    """Ask for exactly this path: a browser would tidy it first, somebody who means harm doesn't."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=False)
        if cookies:
            connection.putheader("Cookie", cookies)
        data = (body or "").encode()
        if method != "GET":
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data if method != "GET" else None)
        response = connection.getresponse()
        answer_body = response.read().decode("utf-8", "replace")
        return Answer(response.status, response.getheader("Location") or "", answer_body)
    finally:
        connection.close()


def page_text(director: Director) -> str:
    return director.page.locator(".handvat-explorer:not(.handvat-board)").first.inner_text()


@pytest.mark.browser
def test_each_director_sees_the_own_school_and_no_other(anna, bram):
    for director, other_school in ((anna, "De Bever"), (bram, "De Otter")):
        assert director.page.title().startswith(SCHOOLS[director.school])
        assert director.page.get_by_label("School", exact=True).locator("option").count() == 1
        assert SCHOOLS[director.school] in page_text(director)
        assert other_school not in director.page.content(), "a form that strayed into the folder stays out as well"


@pytest.mark.browser
def test_a_page_and_what_it_runs_do_not_know_where_the_forms_are(anna, bram, hub):
    if "Landlock" in hub.log.read_text():  # the warning of a system on which pages are not shut in
        missing("this system has no Landlock")
    for director in (anna, bram):
        own_folder = hub.folder / "state" / "pages" / director.name
        running = [
            path for path in Path("/proc").glob("[0-9]*/environ") if str(own_folder).encode() in read_or_nothing(path)
        ]
        assert len(running) >= 2, "the page and its kernel"
        assert (own_folder / "tables.pickle").is_file()
        for path in running:
            kernel = b"ipykernel" in read_or_nothing(path.with_name("cmdline"))
            assert not (kernel and str(hub.folder / "schools").encode() in read_or_nothing(path))
            assert "NoNewPrivs:\t1" in path.with_name("status").read_text(), "shut in"


def read_or_nothing(path: Path) -> bytes:
    """What runs may have ended in the meantime, or be somebody else's."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.browser
def test_the_page_answers_to_its_controls(anna):
    anna.page.get_by_role("tab", name="Wat het team wil").click()
    anna.page.get_by_text("Kanarie van De Otter").first.wait_for()
    assert "De Bever" not in anna.page.content()


def addresses_of(name: str, kernel: str) -> list[str]:
    """Everything that could answer under a director's own address."""
    start = f"/user/{name}"
    below = [
        "", "/", "/?school=99AX00", "/voila/static/voila.js", "/voila/templates/lab/static/index.css", "/api",
        f"/api/kernels/{kernel}", f"/api/kernels/{kernel}/channels", "/api/kernels", "/api/sessions", "/api/contents",
        "/api/contents/directie.xlsx", "/api/terminals", "/api/status", "/files/directie.xlsx", "/lab", "/tree",
        "/voila/files/directie.xlsx", "/voila/render/dashboard_school.ipynb", "/voila/tree", "/voila/api/contents",
        "/voila/labextensions/x", "/voila/api/themes/x", "/terminals/1", "/nbconvert/html/dashboard_school.ipynb",
    ]  # fmt: skip
    return [start + path for path in below]


@pytest.mark.browser
@pytest.mark.parametrize("pair", [("anna", "bram"), ("bram", "anna")])
def test_no_address_of_another_director_opens(pair, hub, request):
    director, other_director = (request.getfixturevalue(name) for name in pair)
    assert (
        ask(hub.port, f"/user/{other_director.name}/api/kernels/{other_director.kernel}", other_director.cookies).status
        == 200
    ), "else no test"
    behind_the_proxy = hub.port_of(other_director.name)
    ways = [
        f"/user/{director.name}/..",
        f"/user/{director.name}/%2e%2e",
        f"/user/{director.name}/..%2f..%2fuser",
        "/",
        "/hub",
        "//x/..",
    ]
    paths = addresses_of(other_director.name, other_director.kernel)
    paths += [f"{way}/{path.removeprefix('/user/')}" for way in ways for path in paths[:6]]
    paths += [f"{way}/user/{other_director.name}/" for way in ways]
    for port in (hub.port, behind_the_proxy):
        for path in paths:
            answer = ask(port, path, director.cookies)
            assert answer.status in {302, 400, 403, 404, 405, 503}, (port, path, answer)
            assert SCHOOLS[other_director.school] not in answer.body, (port, path)
            follow_and_find_nothing(port, answer, director, other_director)


def follow_and_find_nothing(port: int, answer: Answer, director: Director, other_director: Director) -> None:
    """Go where a redirect leads: it ends at a refusal, and not in the page of the other."""
    for _ in range(8):
        if answer.status not in {301, 302, 303} or not answer.leads_to.startswith("/"):
            break
        if answer.leads_to.startswith("/hub/") and port != int(director.page.url.split(":")[2].split("/")[0]):
            break  # the page behind the proxy sends one to the hub, which is asked by its own port
        answer = ask(port, answer.leads_to, director.cookies)
        assert SCHOOLS[other_director.school] not in answer.body
    assert answer.status != 200 or f"/user/{other_director.name}/" not in answer.leads_to


@pytest.mark.browser
@pytest.mark.parametrize("pair", [("anna", "bram"), ("bram", "anna")])
def test_the_login_does_not_lead_one_director_into_the_page_of_another(pair, hub, request):
    """A browser takes every step of the login, with the cookies it is given on the way."""
    director, other_director = (request.getfixturevalue(name) for name in pair)
    page = director.page.context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    for path in (
        f"/user/{other_director.name}/",
        f"/user/{other_director.name}/?school={other_director.school}",
        f"/hub/spawn/{other_director.name}",
    ):
        opened = page.goto(hub.address + path)
        assert opened is not None
        assert opened.status in {403, 404}, (path, opened.url)
        assert SCHOOLS[other_director.school] not in page.content()
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("pair", [("anna", "bram"), ("bram", "anna")])
def test_the_own_address_gives_no_file_no_code_and_no_other_kernel(pair, hub, request):
    director, other_director = (request.getfixturevalue(name) for name in pair)
    start, files = f"/user/{director.name}", hub.folder / "schools" / other_director.school / "directie.xlsx"
    up = ["../" * 12, "..%2f" * 12, "%2e%2e/" * 12, "/"]
    doors = ["voila/files/", "voila/static/", "voila/templates/lab/static/", "voila/templates/..%2f../static/",
             "voila/labextensions/", "voila/api/themes/", "static/", "files/", "api/contents/"]  # fmt: skip
    paths = [f"{start}/{door}{way}{str(files).lstrip('/')}" for door in doors for way in up]
    paths += addresses_of(director.name, other_director.kernel)[5:]
    for path in paths:
        answer = ask(hub.port, path, director.cookies)
        assert answer.status in {302, 400, 403, 404, 405, 500}, (path, answer.status)
        assert "PK" not in answer.body[:2], path
        assert SCHOOLS[other_director.school] not in answer.body, path
        if answer.status == 302:
            last = ask(hub.port, answer.leads_to, director.cookies)
            assert last.status in {403, 404}, (path, answer.leads_to, last.status)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/kernels", "/api/sessions", "/api/contents/x.ipynb", "/api/terminals", "/"):
            assert ask(hub.port, start + path, director.cookies, method, "{}").status in {302, 403, 404, 405}, (
                method,
                path,
            )


@pytest.mark.browser
@pytest.mark.parametrize("pair", [("anna", "bram"), ("bram", "anna")])
def test_the_hub_tells_nothing_of_another_director_and_starts_nothing_for_one(pair, hub, request):
    director, other_director = (request.getfixturevalue(name) for name in pair)
    other_user = f"users/{other_director.name}"
    paths = ["users", other_user, f"{other_user}/server", f"{other_user}/tokens", "proxy", "services", "groups",
             f"users/{director.name}/tokens", "info"]  # fmt: skip
    for path in paths:
        answer = ask(hub.port, f"/hub/api/{path}", director.cookies)
        assert answer.status in {403, 404, 405} or other_director.name not in answer.body, (path, answer)
    for method in ("POST", "DELETE", "PATCH"):
        for path in paths:
            assert ask(hub.port, f"/hub/api/{path}", director.cookies, method, "{}").status in {403, 404, 405}, (
                method,
                path,
            )
    for path in (
        "admin",
        "token",
        f"spawn/{other_director.name}",
        f"spawn-pending/{other_director.name}",
        f"user/{other_director.name}/",
    ):
        assert other_director.name not in ask(hub.port, f"/hub/{path}", director.cookies).body.replace(
            f"/hub/{path}", ""
        ), path


@pytest.mark.browser
def test_the_query_string_leads_to_no_other_folder(anna, hub):
    query = {"school": "99AY00", "folder": "../99AY00", "HANDVAT_FOLDER": str(hub.folder / "schools" / "99AY00"),
             "HANDVAT_SCHOOL": "99AY00", "template": "lab", "theme": "../..", "language": "nl"}  # fmt: skip
    page = anna.page.context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{hub.address}/user/{anna.name}/?{urlencode(query)}")
    page.wait_for_selector(".handvat-explorer .js-plotly-plot")
    assert page.title().startswith("De Otter")
    assert "De Bever" not in page.content()
    page.close(run_before_unload=True)


def channel_of(hub: Hub, director: Director, cookies: str) -> websocket.WebSocket:
    """The channel to a kernel, as the page opens it."""
    address = f"ws://127.0.0.1:{hub.port}/user/{director.name}/api/kernels/{director.kernel}/channels"
    return websocket.create_connection(address, header=[f"Cookie: {cookies}"] if cookies else [], timeout=PATIENCE)


@pytest.mark.browser
def test_the_channel_of_another_ones_page_stays_shut(anna, bram, hub):
    channel_of(hub, bram, bram.cookies).close()  # its own director comes in
    for cookies in (anna.cookies, ""):
        with pytest.raises(websocket.WebSocketBadStatusException):
            channel_of(hub, bram, cookies)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["execute_request", "debug_request", "complete_request", "inspect_request"])
def test_a_browser_can_not_let_a_page_run_code(kind, anna, hub):
    marker = hub.folder / "state" / "pages" / anna.name / f"made-by-{kind}"
    code = f"open({str(marker)!r}, 'w').close()"
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": False,
               "cursor_pos": 1, "detail_level": 0, "command": "evaluate", "seq": 1, "type": "request",
               "arguments": {"expression": code}}  # fmt: skip
    header = {"msg_id": "x1", "username": "x", "session": "x", "msg_type": kind, "version": "5.3", "date": ""}
    channel = "control" if kind == "debug_request" else "shell"
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
    refused = f'message of type "{kind}", which is not allowed'
    opened = channel_of(hub, anna, anna.cookies)
    opened.send(json.dumps(message))
    wait_for(lambda: refused in hub.log.read_text(), hub.server, hub.log)
    opened.close()
    assert not marker.exists()


@pytest.mark.browser
def test_who_is_not_logged_in_gets_the_login_page_and_nothing_else(anna, bram, hub):
    for director in (anna, bram):
        for port in (hub.port, hub.port_of(director.name)):
            for path in [
                *addresses_of(director.name, director.kernel),
                "/",
                "/hub/home",
                "/hub/api/users",
                "/hub/admin",
            ]:
                answer = ask(port, path)
                assert answer.status in {302, 403, 404}, (port, path, answer.status)
                assert SCHOOLS[director.school] not in answer.body
    assert ask(hub.port, f"/user/{anna.name}/").leads_to.startswith("/hub/api/oauth2/authorize")
    assert ask(hub.port, "/").leads_to == "/hub/"
    assert ask(hub.port, "/hub/").leads_to.startswith("/hub/login")


@pytest.mark.browser
def test_a_name_that_is_only_an_address_or_not_in_the_file_does_not_come_in(browser, hub):
    for name, word in {**STRANGERS, "anna@otter.example": "word of Bram"}.items():
        context = browser.new_context()
        page = context.new_page()
        page.goto(hub.address)
        page.fill("#username_input", name)
        page.fill("#password_input", word)
        page.click("#login_submit")
        page.wait_for_load_state()
        assert "/user/" not in page.url
        assert not any(cookie["name"] == "jupyterhub-hub-login" for cookie in context.cookies()), name
        context.close()


@pytest.mark.browser
def test_the_cookie_of_a_login_is_for_https_only_behind_the_web_server(hub):
    """nginx says that the browser speaks https; the proxy behind it may not add that it doesn't itself."""

    def send(method: str, path: str, cookies: str = "", **fields: str) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=PATIENCE)
        headers = {"X-Forwarded-Proto": "https", "Cookie": cookies}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        connection.request(method, path, urlencode(fields) or None, headers)
        values = [value for name, value in connection.getresponse().getheaders() if name.lower() == "set-cookie"]
        connection.close()
        return {value.partition("=")[0]: value for value in values}

    token = send("GET", "/hub/login")["_xsrf"].partition(";")[0]
    login = "anna@otter.example"
    fields = {"username": login, "password": PASSWORDS[login], "_xsrf": token.partition("=")[2]}
    answer = send("POST", "/hub/login", token, **fields)
    assert "secure" in answer["jupyterhub-hub-login"].lower()
    assert "secure" in answer["jupyterhub-session-id"].lower()


def kernels_of(hub: Hub, director: Director) -> int:
    """Kernels that run for a director."""
    own_folder = str(hub.folder / "state" / "pages" / director.name).encode()
    running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"ipykernel" in read_or_nothing(path)]
    return sum(own_folder in read_or_nothing(path.with_name("environ")) for path in running)


@pytest.mark.browser
def test_many_loads_of_a_page_leave_few_kernels(bram, hub):
    """A browser that loads and never says that it closes: each load would leave a kernel of 230 MB."""
    for _ in range(6):
        assert ask(hub.port, f"/user/{bram.name}/", bram.cookies).status == 200
    assert 1 <= kernels_of(hub, bram) <= 3


@pytest.mark.browser
def test_a_page_that_closes_takes_its_kernel_along(browser, anna, hub):
    context = browser.new_context()
    page = log_in(context, hub, "anna@otter.example")
    page.wait_for_selector(".handvat-explorer .js-plotly-plot")
    n_kernels = kernels_of(hub, anna)
    page.close(run_before_unload=True)
    wait_for(lambda: kernels_of(hub, anna) < n_kernels, hub.server, hub.log)
    context.close()
