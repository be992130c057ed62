"""Print the speed of the toolkit compared with other ways, and how often its intervals hold."""

from benchmarks import agreement, cohorts, coverage, dashboard, hostile, measures, reading, report, start_up
from benchmarks.compare import REPEATS, as_table


def main() -> None:
    """Measure and print; a ratio below 1 says ours is faster."""
    print(f"Processor time, best of {REPEATS}; ratio = ours / peer, below 1 ours is faster.\n")
    print(as_table(measures.compare()))
    reading.main()
    hostile.main()
    print("\nAgreement with intervals, against what a researcher would loop over:\n")
    agreement.main([])
    print("\nFrom choosing another school to its radar on screen, in a real browser:\n")
    dashboard.main()
    print("\nGroups of schools and years:\n")
    cohorts.main([])
    print("\nReports of schools, written at once (aim: HTML within 0.5 s each):\n")
    report.main()
    print("\nStarting (aim: `handvat --help` within 0.4 s):\n")
    start_up.main()
    print("\nHow often the 95% intervals hold, by simulation (some minutes):\n")
    coverage.main([])


if __name__ == "__main__":
    main()
