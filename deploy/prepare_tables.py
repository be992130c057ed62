"""Makes the protected tables of one school for its page, which never sees the forms.

`python -P -m deploy.prepare_tables FOLDER SCHOOL SHOWN FILE`, as a process of its own that ends before the page starts.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import toolkit as tk
from toolkit.instrument.model import load_instrument
from toolkit.privacy.showings import next_showing
from toolkit.results import SchoolResults


def main(folder: str, school: str, shown: str, target: str) -> None:
    """Read and protect the forms of a folder, and write the tables of one school to a file.

    `shown` is the folder with the record of earlier showings, out of reach of the page.
    """
    checklist = load_instrument()
    intake = tk.read_folder(folder, checklist, cache=False, progress=False)
    showing = next_showing(intake, checklist, None, Path(shown))
    showing.save()
    # The page owns the target's folder, and may have put a link there: write into a new folder, and replace the link.
    with tempfile.TemporaryDirectory(dir=Path(target).parent) as fresh:
        tables = Path(fresh, "tables.pickle")
        SchoolResults.of_intake(showing.intake, checklist).of(school).save(tables)
        os.replace(tables, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
