"""Read folders of real files and print the count: `python -m tests.field FOLDER…`."""

import sys
from pathlib import Path

from tests.field.check import EXPECTED, failures


def main() -> int:
    wrong = failures(*map(Path, sys.argv[1:]))
    for name, faults in wrong.items():
        print(f"✗ {name}\n    " + "\n    ".join(line[:300] for line in faults))
    print(f"{len(EXPECTED) - len(wrong)} of {len(EXPECTED)} files as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
