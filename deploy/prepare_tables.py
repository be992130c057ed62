"""What the page of one school is given: its protected tables, and not the forms they were made of.

`python -m deploy.prepare_tables FOLDER SCHOOL FILE`, as a process of its own that ends before the page starts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import toolkit as tk
from toolkit.results import SchoolResults


def main(folder: str, school: str, target: str) -> None:
    """Read and protect the forms of a folder, and keep the tables of one school in a file."""
    intake = tk.read_folder(folder, cache=False, progress=False)
    SchoolResults.of_intake(intake).of(school).save(Path(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
