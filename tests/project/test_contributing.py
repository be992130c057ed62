"""The map of the code in CONTRIBUTING.md is the code as it is."""

import re
from pathlib import Path

from tests.project.test_layers import ROOMS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = TEXT.partition("## Map of the code")[2].partition("\n## ")[0]


def test_the_map_lists_every_room_in_the_order_of_imports():
    rooms = re.findall(r"^\| `(\w+)(?:\.py)?` \|", MAP, re.MULTILINE)
    assert rooms == [room for room in ROOMS if room != "__init__"]


def test_the_map_fits_on_one_screen():
    assert len(MAP.strip().splitlines()) <= 35


def test_every_file_and_folder_that_is_named_exists():
    rows = re.findall(r"^\| `(\w+)` \|.*$", MAP, re.MULTILINE)
    for room in rows:
        line = next(line for line in MAP.splitlines() if line.startswith(f"| `{room}` "))
        for name in re.findall(r"`(\w+\.py)`", line):
            assert (ROOT / "toolkit" / room / name).is_file(), name
    for path in re.findall(r"`((?:toolkit|tests|data)/[\w./]*)`", TEXT):
        assert (ROOT / path).exists(), path
