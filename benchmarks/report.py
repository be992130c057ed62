"""What a batch of reports costs: processor time and size per report, for every format.

A report a second is what a page of one's own out of a notebook costs at best; here HTML is to stay below half a second.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pandas as pd

import toolkit as tk
from toolkit.reports.pdf_writer import find_browser

SCHOOLS = 100
OTHER = 5
"""Schools of which the other formats are written: each costs as much as the next."""


def main() -> None:
    """Write the batches and print what each report cost."""
    checklist = tk.load_instrument()
    responses = tk.samples.responses(checklist, schools=SCHOOLS)
    print(f"{'format':<12} | {'reports':>7} | {'processor':>11} | {'wall clock':>11} | {'largest':>9}")
    print("-" * 62)
    formats = ["html", "static.html", "docx", "xlsx", *(["pdf"] if find_browser() else [])]
    for kind in formats:
        schools = responses["school"].unique()[: SCHOOLS if kind == "html" else OTHER]
        print(measured(an_intake(responses[responses["school"].isin(schools)]), kind, len(schools)))


def measured(intake: tk.Intake, kind: str, reports: int) -> str:
    """One line: seconds per report, measuring the schools included, and the size of the largest."""
    with tempfile.TemporaryDirectory() as folder:
        processor, clock = time.process_time(), time.perf_counter()
        tk.write_reports(intake, folder, format=kind, progress=False)
        processor, clock = time.process_time() - processor, time.perf_counter() - clock
        largest = max(path.stat().st_size for path in Path(folder).glob(f"*.{kind}"))
    times = f"{processor / reports:9.3f} s | {clock / reports:9.3f} s"
    return f"{kind:<12} | {reports:>7} | {times} | {largest / 1000:6.0f} kB"


def an_intake(responses: pd.DataFrame) -> tk.Intake:
    """An intake of these responses, without files or action points."""
    actions = pd.DataFrame(columns=["school", "wave", "role", "respondent", "step", "text"])
    schools = pd.DataFrame({"school": responses["school"].unique()})
    nothing = pd.DataFrame({"status": []})
    return tk.Intake(responses, actions, nothing, nothing, schools.assign(name=schools["school"]))


if __name__ == "__main__":
    main()
