"""Try every case and print the count: `python -m tests.corpus`."""

import sys
import tempfile
from pathlib import Path

from tests.corpus.all_cases import CASES
from tests.corpus.check import failures, read_failures
from tests.corpus.office import office_cases
from tests.corpus.workbooks import SMALL, small_failures


def main() -> int:
    wrong = {}
    with tempfile.TemporaryDirectory() as root:
        for number, case in enumerate(CASES):
            folder = Path(root, str(number))
            folder.mkdir()
            if faults := failures(case, folder):
                wrong[case.id] = faults
        by_office = office_cases(Path(root, "office"))
        for case, folder in by_office:
            if faults := read_failures(case, folder):
                wrong[case.id] = faults
    wrong |= {workbook.id: faults for workbook in SMALL if (faults := small_failures(workbook))}
    for name, faults in wrong.items():
        print(f"✗ {name}\n    " + "\n    ".join(faults))
    total = len(CASES) + len(by_office) + len(SMALL)
    print(
        f"{total - len(wrong)} of {total} cases as expected ({len(by_office)} of them made by LibreOffice and gnumeric)"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
