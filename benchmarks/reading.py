"""Reading and writing the same 2,000 forms, compared with pandas, openpyxl and the least that any reader does."""

from __future__ import annotations

import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

import toolkit as tk
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.keys import about_key, action_key, item_key
from toolkit.forms.template import fill_form, open_template

FORMS, SCHOOLS, ROUNDS = 2_000, 80, 3
SAMPLE, WRITTEN = 50, 20
"""Forms that the slow peers read and write; their time is scaled to all of them."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds on the clock, and of the processor in all processes, for all forms."""

    wall: float
    processor: float


def main() -> None:
    """Measure in rounds, each way once a round, so that what else the machine does falls on all alike."""
    checklist = tk.load_instrument()
    with tempfile.TemporaryDirectory() as parent:
        folder = write_filled(Path(parent, "returned"), checklist)
        print_beside(f"Reading {FORMS} forms, all checks on", "pandas.read_excel", reading(folder, Path(parent)))
        print_beside(f"Writing {FORMS} personal forms to disk", "openpyxl", writing(Path(parent), checklist))


def write_filled(folder: Path, checklist: tk.Instrument, forms: int = FORMS) -> Path:
    """Fill in forms of many schools, no two alike: with blanks, and with action points of their own."""
    folder.mkdir()
    random, items = np.random.default_rng(1), checklist.item_ids
    labels, roles = ("Nee", "Beetje", "Ja", ""), [role.label["nl"] for role in checklist.roles]
    per_school = -(-forms // SCHOOLS)
    for number in range(forms):
        school, within = divmod(number, per_school)
        if within == 0:
            code = f"{school // 26 + 10}A{chr(65 + school % 26)}00"
            blank = form_bytes(checklist, school=code, school_name=f"School {code}", wave="2025-2026", language="nl")
            template = open_template(blank)
        texts = {item_key(item): labels[value] for item, value in zip(items, random.integers(0, 4, 33), strict=True)}
        texts |= {about_key("role"): roles[number % 3], action_key(2): f"Wij spreken af: plan {number}."}
        filled = fill_form(template, {name: text for name, text in texts.items() if text})
        (folder / f"{number:05}.xlsx").write_bytes(filled)
    return folder


def reading(folder: Path, parent: Path) -> dict[str, list[Timed]]:
    """Times of each way to read the folder, the peer first."""
    files = sorted(folder.iterdir())
    part = files[:: len(files) // SAMPLE][:SAMPLE]
    cache = parent / "cache"
    tk.read_folder(folder, cache=cache, progress=False)
    return in_rounds({
        f"pandas (openpyxl), {SAMPLE} of them, scaled": (FORMS / SAMPLE, lambda: [by_pandas(file) for file in part]),
        "ours, one process": (1, lambda: tk.read_folder(folder, cache=False, progress=False)),
        "ours, two processes": (1, lambda: tk.read_folder(folder, workers=2, cache=False, progress=False)),
        "ours, from the cache": (1, lambda: tk.read_folder(folder, cache=cache, progress=False)),
        "only unzip them (the floor)": (1, lambda: [unzip(file) for file in files]),
    })  # fmt: skip


def by_pandas(file: Path) -> pd.DataFrame:
    """The cells, without a look at what they say."""
    return pd.read_excel(file, engine="openpyxl", header=None)


def unzip(file: Path) -> list[bytes]:
    """Every part of a workbook."""
    with zipfile.ZipFile(file) as package:
        return [package.read(name) for name in package.namelist()]


def writing(parent: Path, checklist: tk.Instrument) -> dict[str, list[Timed]]:
    """Times of writing personal forms; the peer writes a blank one, cell by cell, in memory."""
    about = {"school": "12AB00", "school_name": "De School", "wave": "2025-2026", "language": "nl"}
    register = pd.DataFrame({"school": [f"{number:02}ZZ00" for number in range(10, 90)]})

    rounds = count()

    def ours() -> None:
        settings = {"wave": "2025-2026", "per_school": FORMS // len(register), "progress": False}
        assert len(tk.write_forms(parent / f"personal{next(rounds)}", checklist, register, **settings)) == FORMS

    return in_rounds({
        f"openpyxl, {WRITTEN} of them, scaled": (
            FORMS / WRITTEN,
            lambda: [form_bytes(checklist, **about) for _ in range(WRITTEN)],
        ),
        "ours (write_forms)": (1, ours),
    })  # fmt: skip


def in_rounds(ways: dict[str, tuple[float, Callable[[], object]]]) -> dict[str, list[Timed]]:
    """Do each way once a round; each comes with what its time is multiplied by."""
    times: dict[str, list[Timed]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (scale, work) in ways.items():
            wall, processor = time.perf_counter(), sum(os.times()[:4])
            work()
            wall, processor = time.perf_counter() - wall, sum(os.times()[:4]) - processor
            times[name].append(Timed(wall * scale, processor * scale))
    return times


def print_beside(what: str, peer: str, times: dict[str, list[Timed]]) -> None:
    """Print the best round of each way, and how many times faster than the first it is by the clock and processor."""
    print(f"\n{what}; best of {ROUNDS} rounds; times faster than {peer}:\n")
    best = {
        name: Timed(min(one.wall for one in rounds), min(one.processor for one in rounds))
        for name, rounds in times.items()
    }
    first = next(iter(best.values()))
    wide = max(map(len, best))
    print(f"{'way':<{wide}} | {'clock':>9} | {'faster':>7} | {'processor':>9} | {'faster':>7} | {'a second':>8}")
    print("-" * (wide + 55))
    for name, one in best.items():
        clock, processor = f"{one.wall:7.2f} s", f"{one.processor:7.2f} s"
        faster, by_processor = f"{first.wall / one.wall:6.1f}x", f"{first.processor / one.processor:6.1f}x"
        print(f"{name:<{wide}} | {clock} | {faster} | {processor} | {by_processor} | {FORMS / one.wall:8.0f}")
    print("processor: of all processes together.")


if __name__ == "__main__":
    main()
