"""Print how fast the toolkit is beside other ways to do the same."""

from benchmarks import measures, reading
from benchmarks.compare import REPEATS, as_table


def main() -> None:
    """Measure and print; a ratio below 1 says ours is faster."""
    print(f"Processor time, best of {REPEATS}; ratio = ours / peer, below 1 ours is faster.\n")
    print(as_table([*reading.compare(), *measures.compare()]))


if __name__ == "__main__":
    main()
