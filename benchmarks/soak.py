"""What must hold for very many forms and at any moment: `make soak`; with `ARGS=--full` in the sizes that are promised.

Each promise prints its figures; the exit code says whether all hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from unittest import mock

import numpy as np

import toolkit as tk
from benchmarks import crashing_worker
from benchmarks.reading import write_filled
from tests.corpus.office import ODS, WORKER, XLS, XLSX, uno_python
from tests.support import one_school, showings, together
from tests.support.cohorts import ROOM, made_up, pinned_answers, room_of_levels
from toolkit.core.errors import RefusedError
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.form_reader import read_form
from toolkit.forms.keys import about_key, action_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.intake.form_cache import load_part
from toolkit.spreadsheets.reader import cell_name, read_workbook

CHECKLIST = tk.load_instrument()
TABLES = ("responses", "actions", "files", "problems", "schools")
SCHOOLS_TOGETHER = 50
MAX_MB, MAX_GROWTH = 300, 1.5
"""Of memory: what reading odd files may take, and how much more ten times the forms may."""


@dataclass(frozen=True)
class Sizes:
    """How much of each."""

    identical: int = 3_000
    fuzzed: int = 2_000
    kills: int = 100
    killed_forms: int = 2_000
    few: int = 2_000
    many: int = 20_000
    office: int = 30
    cohorts: int = 2_000
    schools: int = 5_000


SHORT = Sizes(
    identical=600, fuzzed=500, kills=8, killed_forms=400, few=500, many=5_000, office=4, cohorts=40, schools=100
)


def main(arguments: list[str] | None = None) -> int:
    """Try every promise; 1 when one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that are promised: some 40 minutes")
    parser.add_argument("--only", choices=PROMISES, help="one promise")
    options = parser.parse_args(arguments)
    sizes, broken = Sizes() if options.full else SHORT, 0
    for name, promise in PROMISES.items():
        if options.only in (None, name):
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as parent:
                held, report = promise(Path(parent), sizes)
            broken += not held
            print(f"{'✓' if held else '✗'} {name}: {report} ({time.perf_counter() - began:.0f} s)", flush=True)
    return 1 if broken else 0


Result = tuple[bool, str]


def identity(_folder: Path, sizes: Sizes) -> Result:
    """Random forms are read as they were written, to the letter."""
    draw = random.Random(3)
    wrong = sum(not _same_when_read(draw) for _ in range(sizes.identical))
    return wrong == 0, f"{sizes.identical - wrong} of {sizes.identical} random forms read as they were written"


def _same_when_read(draw: random.Random) -> bool:
    language, role = draw.choice(["nl", "en"]), draw.choice(CHECKLIST.roles)
    answers = {item: draw.randrange(3) for item in CHECKLIST.item_ids if draw.random() < 0.8}
    actions = {step: _text(draw) for step in range(1, 6) if draw.random() < 0.5}
    texts = {item_key(item): CHECKLIST.answers[value].label[language] for item, value in answers.items()}
    texts |= {about_key("role"): role.label[language]} | {action_key(step): text for step, text in actions.items()}
    form = read_form(fill_form(_template(language), texts), CHECKLIST)
    unit = (form.school, form.wave, form.role)
    return (form.answers, dict(form.actions), unit) == (answers, actions, ("99AA00", "2025-2026", role.id))


_TEMPLATES = {
    language: open_template(
        form_bytes(CHECKLIST, school="99AA00", school_name="De Test", wave="2025-2026", language=language)
    )
    for language in ("nl", "en")
}


def _template(language: str):
    return _TEMPLATES[language]


def _text(draw: random.Random) -> str:
    letters = "abc ABC éëïöü ßçñ 1234567890 <>&\"'=+-@;,.!?\n\t€😀שלום例"
    return "x" + "".join(draw.choice(letters) for _ in range(draw.randrange(1, 200))).strip()


def fuzzed(_folder: Path, sizes: Sizes) -> Result:
    """Forms with flipped bytes, in the file or in a part of it, are read right or refused, in little memory."""
    ran = _python("from benchmarks.soak import fuzz; fuzz(int(sys.argv[1]))", str(sizes.fuzzed))
    if ran.returncode != 0:
        return False, f"the process ended with {ran.returncode}: {ran.stderr[-300:]}"
    count = json.loads(ran.stdout)
    held = count["wrong"] == 0 and count["megabytes"] <= MAX_MB
    return held, f"{sizes.fuzzed} fuzzed forms: {count}; the process is alive"


def fuzz(forms: int) -> None:
    """Try so many, and print the count as JSON."""
    draw, count = random.Random(5), dict.fromkeys(("read", "with problems", "refused", "wrong"), 0)
    answers = {item: number % 3 for number, item in enumerate(CHECKLIST.item_ids)}
    texts = {item_key(item): CHECKLIST.answers[value].label["nl"] for item, value in answers.items()}
    intact = fill_form(_template("nl"), texts | {about_key("role"): "Directie", action_key(1): "Samen lezen."})
    for _ in range(forms):
        odd = _flipped(intact, draw) if draw.random() < 0.3 else _flipped_inside(intact, draw)
        count[_outcome(odd, answers)] += 1
    print(json.dumps(count | {"megabytes": _peak()}))


def _outcome(data: bytes, answers: dict[str, int]) -> str:
    try:
        form = read_form(data, CHECKLIST)
    except RefusedError:
        return "refused"
    if any(answers[item] != value for item, value in form.answers.items()):
        return "wrong"
    if not form.problems:
        return "read" if form.answers == answers else "wrong"
    return "with problems"


def _flipped(data: bytes, draw: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        broken[draw.randrange(len(broken))] ^= draw.randint(1, 255)
    return bytes(broken[: draw.randrange(len(broken))] if draw.random() < 0.1 else broken)


def _flipped_inside(data: bytes, draw: random.Random) -> bytes:
    """Flip bytes of a part before it is packed, so that no checksum tells."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = draw.choice([*old.namelist(), *["xl/worksheets/sheet1.xml"] * 8])
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, _flipped(part, draw) if name == chosen else part)
    return packed.getvalue()


def killed(parent: Path, sizes: Sizes) -> Result:
    """Killed at random moments while reading with a cache, the next reading gives the same."""
    folder, cache = write_filled(parent / "returned", CHECKLIST, sizes.killed_forms), parent / "cache"
    fresh, draw, wrong, midway = tk.read_folder(folder, cache=False, progress=False), random.Random(7), 0, 0
    took = _killed_after(None, folder, cache)
    for _ in range(sizes.kills):
        shutil.rmtree(cache, ignore_errors=True)
        _killed_after(draw.random() * took, folder, cache)
        midway += cache.exists()
        again = tk.read_folder(folder, cache=cache, progress=False)
        wrong += not all(getattr(fresh, name).equals(getattr(again, name)) for name in TABLES)
        wrong += not all(load_part(part) for part in cache.glob("forms-*"))
    report = f"killed {sizes.kills} times while reading {sizes.killed_forms} forms, {midway} of them with a part kept"
    return wrong == 0, f"{report}; {wrong} readings after it differ"


READING = """
import toolkit.intake.folder, toolkit.intake.form_cache
toolkit.intake.folder.PROGRESS_BAR_FROM = 50
toolkit.intake.form_cache.MAX_PARTS = 5  # keeps what it read often: many moments to be killed at
print("begun", flush=True)
toolkit.intake.folder.read_folder(sys.argv[1], cache=sys.argv[2], progress=False)
"""


def _killed_after(seconds: float | None, folder: Path, cache: Path) -> float:
    command = [sys.executable, "-c", f"import sys\n{READING}", str(folder), str(cache)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    began = time.perf_counter()
    if seconds is not None:
        time.sleep(seconds)
        process.kill()
    process.communicate()
    return time.perf_counter() - began


def flat(parent: Path, sizes: Sizes) -> Result:
    """Ten times the forms take hardly more memory."""
    few = write_filled(parent / "few", CHECKLIST, sizes.few)
    many = _multiplied(few, parent / "many", sizes.many)
    peaks = []
    for folder in (few, many):
        ran = _python("from benchmarks.soak import read_and_tell; read_and_tell(sys.argv[1])", str(folder))
        if ran.returncode != 0:
            return False, ran.stderr[-300:]
        peaks.append(json.loads(ran.stdout))
    start, base, large = peaks[0]["start"], peaks[0]["peak"], peaks[1]["peak"]
    report = (
        f"at most {base:.0f} MB for {sizes.few} forms, {large:.0f} MB for {sizes.many} ({start:.0f} MB before reading)"
    )
    return large <= MAX_GROWTH * base and peaks[1]["forms"] == sizes.many, report


def _multiplied(folder: Path, other: Path, forms: int) -> Path:
    """The same forms as other files: each has a comment of its own at its end."""
    other.mkdir()
    wholes = [path.read_bytes() for path in sorted(folder.iterdir())]
    for number in range(forms):
        comment = f"{number:08}".encode()
        data = wholes[number % len(wholes)][:-2] + len(comment).to_bytes(2, "little") + comment
        (other / f"{number:08}.xlsx").write_bytes(data)
    return other


def read_and_tell(folder: str) -> None:
    """Read, and print the memory it took as JSON."""
    start = _peak()
    intake = tk.read_folder(folder, cache=False, progress=False)
    print(json.dumps({"start": start, "peak": _peak(), "forms": len(intake.responses)}))


def _peak() -> float:
    """Most memory this program ever had, in MB; of a process it was started by, nothing counts."""
    status = Path("/proc/self/status")
    if status.exists():  # `getrusage` would begin at what the starting process had
        return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "linux" else 1024) / 1024


def by_office(parent: Path, sizes: Sizes) -> Result:
    """Forms filled in by LibreOffice and saved as xlsx, ods and xls are read exactly."""
    soffice, python = shutil.which("soffice"), uno_python()
    if soffice is None or python is None:
        return not os.environ.get("HANDVAT_REQUIRE_ALL"), "not tried: LibreOffice or its Python package is missing"
    blank = parent / "blank.xlsx"
    blank.write_bytes(form_bytes(CHECKLIST, school="99AA00", school_name="De Test", wave="2025-2026", language="nl"))
    names, random_answers = read_workbook(blank.read_bytes()).names, np.random.default_rng(11)
    jobs, expected = [], {}
    (parent / "in").mkdir()
    for number in range(sizes.office):
        answers = dict(zip(CHECKLIST.item_ids, map(int, random_answers.integers(0, 3, 33)), strict=True))
        texts = {item_key(item): CHECKLIST.answers[value].label["nl"] for item, value in answers.items()}
        texts |= {about_key("role"): "Zorgprofessional", action_key(3): f"Één: <plan> {number}"}
        cells = {cell_name(names[name][1]): text for name, text in texts.items()}
        for suffix, kind in (("xlsx", XLSX), ("ods", ODS), ("xls", XLS)):
            out = parent / "in" / f"{number:03}.{suffix}"
            jobs.append({"form": str(blank), "out": str(out), "filter": kind, "cells": cells})
            expected[out.name] = (answers, f"Één: <plan> {number}")
    subprocess.run([python, str(WORKER), soffice], input=json.dumps(jobs), text=True, check=True, timeout=900)
    exact = sum(_reads_as(parent / "in" / name, *contents) for name, contents in expected.items())
    return exact == len(
        expected
    ), f"{exact} of {len(expected)} files ({sizes.office} forms as xlsx, ods, xls) read exactly"


def _reads_as(path: Path, answers: dict[str, int], action: str) -> bool:
    form = read_form(path.read_bytes(), CHECKLIST)
    return (form.answers, form.actions, form.role, form.problems) == (answers, [(3, action)], "care", [])


def crashing_workers(parent: Path, _sizes: Sizes) -> Result:
    """A worker that is killed costs its one file: in a pool of processes and on a cluster."""
    folder = write_filled(parent / "in", CHECKLIST, 200)
    for number in (20, 120):
        shutil.copy(folder / f"{number:05}.xlsx", folder / f"killer{number}.xlsx")
    wrong = []
    with mock.patch("toolkit.intake.folder._read_file", crashing_worker.read_or_die):
        wrong += _lost(tk.read_folder(folder, workers=2, cache=False, progress=False), "pool")
        with _cluster(parent) as executor:
            wrong += _lost(tk.read_folder(folder, executor=executor, cache=False, progress=False), "cluster")
    return not wrong, "; ".join(
        wrong
    ) or "2 of 202 files killed their worker; the pool and the cluster read the other 200"


def _lost(intake: tk.Intake, where: str) -> list[str]:
    refused = intake.files[intake.files["status"] == "refused"]["file"].tolist()
    right = len(intake.responses) == 200 and refused == ["killer120.xlsx", "killer20.xlsx"]
    return [] if right else [f"{where}: {intake}, refused {refused}"]


@contextmanager
def _cluster(folder: Path) -> Iterator[object]:
    from distributed import Client, LocalCluster

    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(**settings, local_directory=str(folder)) as cluster, Client(cluster) as client:
        yield client.get_executor(retries=0)


def _python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys\n{code}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def attacked(_folder: Path, sizes: Sizes) -> Result:
    """No director's answer and no narrow range of a school's level follows from what is shown of groups of schools."""
    with ProcessPoolExecutor() as pool:
        pinned = sum(pool.map(_pins, range(sizes.cohorts), chunksize=20))
        least = min(pool.map(_room, range(0, sizes.cohorts, 20)))
    report = (
        f"{sizes.cohorts} made-up cohorts attacked; a director's answer follows in {pinned}; least room {least:.0f}"
    )
    return pinned == 0 and least > ROOM - 0.1, report


def _pins(seed: int) -> bool:
    return len(pinned_answers(*made_up(seed))) > 0


def _room(seed: int) -> float:
    return room_of_levels(*made_up(seed))


def shown_again(parent: Path, sizes: Sizes) -> Result:
    """Nothing of a few people follows from three showings of schools in which people come, go and correct."""
    batches = max(1, sizes.schools // SCHOOLS_TOGETHER)
    unguarded = len(showings.attack(0, SCHOOLS_TOGETHER, parent / "x", showings.careless))
    with ProcessPoolExecutor() as pool:
        n_found = sum(pool.map(_found_again, range(batches), [parent] * batches))
    schools = batches * SCHOOLS_TOGETHER
    report = f"{schools} schools shown three times; found {n_found} ({unguarded} in {SCHOOLS_TOGETHER} unguarded)"
    return not n_found and unguarded > 0, report


def _found_again(seed: int, parent: Path) -> int:
    return len(showings.attack(seed, SCHOOLS_TOGETHER, parent / str(seed), showings.careful))


def together_attacked(_: Path, sizes: Sizes) -> Result:
    """Nothing that is shown of a school of three to twelve people tells who gave which answers together."""
    batches = max(1, sizes.schools // SCHOOLS_TOGETHER)
    exact = len(together.schools_found(0, SCHOOLS_TOGETHER, together.exact_levels))
    with ProcessPoolExecutor() as pool:
        n_found = sum(map(len, pool.map(_found_together, range(batches))))
    schools = batches * SCHOOLS_TOGETHER
    report = (
        f"{schools} schools of 3-12 people; found {n_found} ({exact} of {SCHOOLS_TOGETHER} in a researcher's table)"
    )
    return not n_found and exact > 0, report


def _found_together(seed: int) -> set[str]:
    return together.schools_found(2 * seed, SCHOOLS_TOGETHER)


def programs_attacked(parent: Path, sizes: Sizes) -> Result:
    """Integer programs make nothing of a school certain, in one showing or three, that the shown counts leave open."""
    batches = max(1, sizes.schools // SCHOOLS_TOGETHER)
    careless = len(one_school.persons_certain(0, 10, parent / "x", showings.careless))
    with ProcessPoolExecutor() as pool:
        n_found = sum(pool.map(_found_by_programs, range(batches), [parent] * batches))
    schools = batches * SCHOOLS_TOGETHER
    report = (
        f"{schools} schools of 3-12 people, and as many shown three times; found {n_found} ({careless} items unguarded)"
    )
    return not n_found and careless > 0, report


def _found_by_programs(seed: int, parent: Path) -> int:
    again = one_school.persons_certain(seed, SCHOOLS_TOGETHER, parent / str(seed), showings.careful)
    return len(one_school.schools_found(seed, SCHOOLS_TOGETHER)) + len(again)


PROMISES: dict[str, Callable[[Path, Sizes], Result]] = {
    "identity": identity,
    "fuzzed": fuzzed,
    "killed": killed,
    "memory": flat,
    "office": by_office,
    "workers": crashing_workers,
    "cohorts": attacked,
    "showings": shown_again,
    "together": together_attacked,
    "programs": programs_attacked,
}

if __name__ == "__main__":
    sys.exit(main())
