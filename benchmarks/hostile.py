"""The hostile files of the corpus: how much longer the slowest takes than pandas takes for a blank form."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import toolkit as tk
from benchmarks.compare import best
from benchmarks.reading import by_pandas
from tests.corpus.hostile import HOSTILE
from toolkit.forms.blank_form import form_bytes

MAX_RATIO = 100
"""Some two seconds, where a blank form takes pandas a fiftieth of one."""

SHOWN = 3


def main() -> None:
    """Print the slowest files."""
    checklist = tk.load_instrument()
    with tempfile.TemporaryDirectory() as parent:
        form = Path(parent, "form.xlsx")
        form.write_bytes(form_bytes(checklist))
        peer = best(lambda: by_pandas(form))
        ratios = {what: best(_read(make(), file, Path(parent))) / peer for what, (make, file, _) in HOSTILE.items()}
    slowest = sorted(ratios, key=lambda what: ratios[what], reverse=True)[:SHOWN]
    lines = [f"{what}: {ratios[what]:.0f} times" for what in slowest]
    print(f"Hostile files, against pandas on a blank form (at most {MAX_RATIO} times): {'; '.join(lines)}")


def _read(file_bytes: bytes, name: str, parent: Path) -> Callable[[], tk.Intake]:
    folder = Path(tempfile.mkdtemp(dir=parent))
    (folder / name).write_bytes(file_bytes)
    return lambda: tk.read_folder(folder, cache=False, progress=False)


if __name__ == "__main__":
    main()
