"""Time of `handvat --help` and `import toolkit`, compared with an empty Python and with importing pandas.

`python -m benchmarks.start_up`; to see which import takes the time: `python -X importtime -m toolkit.cli --help`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

REPEATS = 7
AIM = 0.4
"""Seconds that `handvat --help` may take."""

PROGRAMS = {
    "python": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "import toolkit": ["-c", "import toolkit"],
    "handvat --help": ["-m", "toolkit.cli", "--help"],
}


def seconds(arguments: list[str]) -> float:
    """Median time that a new Python takes over these words."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the seconds of each, and the ratio to importing pandas."""
    measured = {name: seconds(arguments) for name, arguments in PROGRAMS.items()}
    for name, value in measured.items():
        print(f"{name:<16}{value:7.3f} s{value / measured['import pandas']:8.2f} of import pandas")
    verdict = "in time" if measured["handvat --help"] <= AIM else "too slow"
    print(f"handvat --help: {verdict} (aim {AIM} s)")


if __name__ == "__main__":
    main()
