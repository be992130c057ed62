"""A bar grows where somebody watches, and nowhere else."""

from functools import partialmethod

from tqdm import tqdm

from tests.support.forms import all_answers, filled
from toolkit.core.progress import bar, track
from toolkit.intake.folder import read_folder
from toolkit.samples import write_folder


class Terminal:
    """What a bar writes to."""

    def __init__(self):
        self.said = ""

    def write(self, text):
        self.said += text

    def flush(self):
        pass

    def isatty(self):
        return True


def watch(monkeypatch):
    """Look at a terminal from here on; pytest has its own before the test itself begins."""
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setattr(tqdm, "__init__", partialmethod(tqdm.__init__, mininterval=0))
    return terminal


def test_all_items_come_and_a_terminal_sees_how_far_it_is(monkeypatch):
    terminal = watch(monkeypatch)
    assert list(track(["a", "b"], " school", True, 50)) == ["a", "b"]
    assert "2/2" in terminal.said


def test_who_asks_for_none_sees_none(monkeypatch):
    terminal = watch(monkeypatch)
    assert list(track(["a", "b"], "", False, 0)) == ["a", "b"]
    assert terminal.said == ""


def test_without_a_terminal_there_is_none():
    assert bar(10, "", True, 50).disable


def test_made_up_schools_are_written_with_a_bar(monkeypatch, tmp_path):
    terminal = watch(monkeypatch)
    write_folder(tmp_path / "out", schools=2, waves=1, progress=True)
    assert "2/2" in terminal.said


def test_reading_counts_problems_as_it_goes(monkeypatch, tmp_path):
    terminal = watch(monkeypatch)
    (tmp_path / "a.xlsx").write_bytes(filled(all_answers() | {"2.4": "Ja/Nee"}))
    read_folder(tmp_path)
    assert "1 melding" in terminal.said
