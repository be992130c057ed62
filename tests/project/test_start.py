"""The one command: what it sets up and when, what it says, and that it leaves nothing half or behind."""

import re
from pathlib import Path

import pytest

import start


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project in which every step of the set-up is written down instead of taken."""
    steps: list[str] = []
    places = {
        "ROOT": tmp_path,
        "STATE": tmp_path / ".jupyter",
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv" / "python",
        "STAMP": tmp_path / ".venv" / "stamp.txt",
        "USER_LOCK": tmp_path / "users.lock",
        "DEV_LOCK": tmp_path / "dev.lock",
        "EXAMPLE": tmp_path / "data" / "example",
        "EXAMPLE_STAMP": tmp_path / "data" / ".example-stamp.txt",
    }
    for name, target in places.items():
        monkeypatch.setattr(start, name, target)
    start.USER_LOCK.write_text("a==1")
    start.DEV_LOCK.write_text("a==1\nb==1")
    start.EXAMPLE.parent.mkdir()
    (tmp_path / "toolkit").mkdir()
    (tmp_path / "toolkit" / "samples.py").write_text("one")

    def make_venv() -> None:
        steps.append("venv")
        start.VENV.mkdir(exist_ok=True)
        start.PYTHON.touch()

    monkeypatch.setattr(start, "make_venv", make_venv)
    monkeypatch.setattr(start, "install", lambda lock: steps.append(lock.name))
    monkeypatch.setattr(start, "link_project", lambda: steps.append("link"))
    return steps


def set_up(lock: Path, steps: list[str]) -> list[str]:
    """Steps that setting up takes now."""
    steps.clear()
    start.set_up(lock)
    return steps.copy()


def test_the_first_set_up_does_everything_and_the_second_nothing(project):
    assert set_up(start.USER_LOCK, project) == ["venv", "users.lock", "link"]
    assert set_up(start.USER_LOCK, project) == []


def test_a_users_environment_grows_into_a_developers(project):
    set_up(start.USER_LOCK, project)
    assert set_up(start.DEV_LOCK, project) == ["dev.lock", "link"]
    assert set_up(start.DEV_LOCK, project) == []


def test_a_developers_environment_is_enough_for_a_user(project):
    set_up(start.DEV_LOCK, project)
    assert set_up(start.USER_LOCK, project) == []


def test_a_lock_that_changed_is_set_up_from_nothing(project):
    set_up(start.DEV_LOCK, project)
    start.USER_LOCK.write_text("a==2")
    start.DEV_LOCK.write_text("a==2\nb==1")
    assert set_up(start.USER_LOCK, project)[0] == "venv"
    assert set_up(start.DEV_LOCK, project) == ["dev.lock", "link"]


def test_another_python_is_set_up_from_nothing(project, monkeypatch):
    set_up(start.USER_LOCK, project)
    monkeypatch.setattr(start.sys, "version", "4.0.0")
    assert set_up(start.USER_LOCK, project)[0] == "venv"


def test_a_python_that_was_removed_is_noticed(project):
    set_up(start.USER_LOCK, project)
    start.PYTHON.unlink()
    assert set_up(start.USER_LOCK, project)[0] == "venv"


def test_an_environment_is_not_taken_away_under_what_runs_in_it(project, monkeypatch):
    set_up(start.USER_LOCK, project)
    monkeypatch.setattr(start.sys, "prefix", str(start.VENV))
    assert set_up(start.DEV_LOCK, project) == ["dev.lock", "link"]
    start.USER_LOCK.write_text("a==2")
    before = start.stamps()
    with pytest.raises(start.UserError, match="deactivate"):
        start.set_up(start.USER_LOCK)
    assert start.stamps() == before


@pytest.mark.parametrize("lock", ["USER_LOCK", "DEV_LOCK"])
def test_an_interrupted_set_up_starts_from_nothing_the_next_time(project, monkeypatch, lock):
    set_up(start.USER_LOCK, project)
    start.USER_LOCK.write_text("a==2")

    def interrupted(lock: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(start, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            start.set_up(getattr(start, lock))
    assert set_up(getattr(start, lock), project)[0] == "venv"


def example_writer(monkeypatch, code: int = 0, names: tuple[str, ...] = ("a.xlsx",)) -> None:
    """Let the example be made by this test instead of by the toolkit."""

    def write(command, log):
        log.write_text("een regel in het verslag\n")
        folder = Path(command[-1])
        folder.mkdir()
        for name in names:
            (folder / name).write_text((start.ROOT / "toolkit" / "samples.py").read_text())
        return code

    monkeypatch.setattr(start, "run_logged", write)


def test_the_example_is_made_once(project, monkeypatch):
    example_writer(monkeypatch)
    start.make_example()
    assert start.names_in(start.EXAMPLE) == ["a.xlsx"]
    monkeypatch.setattr(start, "run_logged", None)
    start.make_example()


def test_the_example_follows_the_toolkit(project, monkeypatch):
    example_writer(monkeypatch)
    start.make_example()
    (start.ROOT / "toolkit" / "samples.py").write_text("two")
    example_writer(monkeypatch, names=("b.xlsx",))
    start.make_example()
    assert start.names_in(start.EXAMPLE) == ["b.xlsx"]
    assert (start.EXAMPLE / "b.xlsx").read_text() == "two"


def test_a_users_own_file_in_the_example_is_never_thrown_away(project, monkeypatch, capsys):
    example_writer(monkeypatch)
    start.make_example()
    (start.EXAMPLE / "onze school.xlsx").touch()
    (start.ROOT / "toolkit" / "samples.py").write_text("two")
    start.make_example()
    assert start.names_in(start.EXAMPLE) == ["a.xlsx", "onze school.xlsx"]
    assert "onze school.xlsx" in capsys.readouterr().out


def test_an_example_that_fails_leaves_nothing_half(project, monkeypatch):
    example_writer(monkeypatch, code=1)
    with pytest.raises(start.UserError, match="een regel in het verslag"):
        start.make_example()
    assert list(start.EXAMPLE.parent.iterdir()) == []


def test_two_starts_at_once_wait_for_each_other(tmp_path):
    lock = tmp_path / "state" / "start.lock"
    with start.only_start(lock), lock.open("w") as second:
        assert not start.try_lock(second.fileno())
    with lock.open("w") as third:
        assert start.try_lock(third.fileno())


@pytest.mark.parametrize(
    ("typed", "action", "port", "no_browser", "rest"),
    [
        ("", "lab", None, False, []),
        ("--port 9000", "lab", 9000, False, []),
        ("--no-browser dashboard", "dashboard", None, True, []),
        ("dashboard --port 9000 mijn.ipynb", "dashboard", 9000, False, ["mijn.ipynb"]),
        (
            "test tests/project/test_start.py -k port -x",
            "test",
            None,
            False,
            ["tests/project/test_start.py", "-k", "port", "-x"],
        ),
        ("lock --upgrade", "lock", None, False, ["--upgrade"]),
    ],
)
def test_what_is_not_ours_goes_on_to_what_is_started(typed, action, port, no_browser, rest):
    options = start.parse(typed.split())
    assert (options.action, options.port, options.no_browser, options.extra) == (action, port, no_browser, rest)


def test_an_unknown_word_is_answered_with_what_there_is(capsys):
    assert start.main(["labb"]) == 1
    output = capsys.readouterr().err
    assert "'labb'" in output
    assert all(name in output for name in start.ACTIONS)


def test_help_asks_for_nothing_to_be_set_up(project, capsys):
    assert start.main(["--help"]) == 0
    assert "--no-browser" in capsys.readouterr().out
    assert project == []


def test_every_action_has_its_short_name_in_the_makefile():
    makefile = (Path(start.__file__).parent / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^(lab .*):$", makefile, flags=re.MULTILINE)
    assert targets.split() == list(start.ACTIONS)


def test_an_old_python_is_refused_in_words():
    with pytest.raises(start.UserError, match=r"Python 3\.11 of nieuwer is nodig; dit is Python 3\.9\."):
        start.check_python((3, 9, 2))
    start.check_python((3, 11, 0))


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("ERROR: Could not find a version that satisfies the requirement anyio==4.1", "internetverbinding"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "niet het pakket dat bedoeld"),
        ("OSError: [Errno 28] No space left on device", "schijf is vol"),
    ],
)
def test_a_set_up_that_fails_says_what_to_do(log, advice):
    message = start.why_not_installed(log)
    assert advice in message
    assert log in message


def test_the_users_own_jupyter_and_python_settings_stay_out(monkeypatch):
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_DIR", "IPYTHONDIR", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "from-the-user")
    monkeypatch.setenv("HTTPS_PROXY", "kept")
    surroundings = start.child_environment()
    assert "from-the-user" not in surroundings.values()
    assert surroundings["HTTPS_PROXY"] == "kept"
    assert surroundings["PATH"].startswith(str(start.BIN))


@pytest.mark.skipif(start.os.name == "nt", reason="Windows has no exec")
def test_the_server_takes_the_place_of_this_process_and_gets_the_users_words(project, monkeypatch):
    commands: list[list[str]] = []
    monkeypatch.setattr(start.os, "execve", lambda program, command, environment: commands.append(command))
    monkeypatch.setattr(start.os, "chdir", lambda folder: None)
    monkeypatch.setattr(start.subprocess, "Popen", lambda *command, **settings: pytest.fail("two processes"))
    with pytest.raises(pytest.fail.Exception):
        start.start_lab(start.parse(["lab", "--port", "9000", "--no-browser", "--debug"]))
    assert commands[0][1:3] == ["-m", "toolkit.serve"]
    assert commands[0][3:] == ["lab", "--state", str(start.STATE), "--port", "9000", "--no-browser", "--debug"]


def test_a_dashboard_of_a_folder_that_is_not_there_does_not_start(project):
    with pytest.raises(start.UserError, match="weg is er niet"):
        start.start_dashboard(start.parse(["dashboard", "--folder", "weg"]))
