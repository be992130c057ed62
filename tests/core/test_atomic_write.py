"""A file is there whole, or not at all."""

import os
import time

import pytest

from toolkit.core.atomic_write import STALE_AFTER_SECONDS, atomic_write, remove_stale_temp_files


def test_what_was_there_stays_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "plan.xlsx"
    atomic_write(path, b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        atomic_write(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]
    assert path.read_bytes() == b"old"


def test_only_what_a_dead_writer_left_is_cleared(tmp_path):
    old, busy, workbook = (tmp_path / name for name in (".writing-1", ".writing-2", "plan.xlsx"))
    for path in (old, busy, workbook):
        path.write_bytes(b"x")
    long_ago = time.time() - STALE_AFTER_SECONDS - 1
    for path in (old, workbook):
        os.utime(path, (long_ago, long_ago))
    remove_stale_temp_files(tmp_path)
    assert sorted(tmp_path.iterdir()) == [busy, workbook]
