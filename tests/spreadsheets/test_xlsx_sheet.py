"""A sheet that is split into rows gives what parsing every tag gives, whatever is in it."""

import random

import pytest

from tests.support.forms import all_answers, filled
from toolkit.core.errors import RefusedError
from toolkit.spreadsheets import xlsx_sheet as ooxml_sheet
from toolkit.spreadsheets.guard import parse, unpack
from toolkit.spreadsheets.model import Budget, SheetBuilder

SHEET = unpack(filled(all_answers()))["xl/worksheets/sheet1.xml"]
STRINGS = [f"text {number}" for number in range(300)]
ODD = [
    b"<!-- x -->", b"<![CDATA[x]]>", b"<?x y?>", b"<row>", b"</row>", b'<row r="20">', b'<c r="D14" t="s"><v>1</v></c>',
    b"<c><v>1</v></c>", b"<rPh><t>x</t></rPh>", b"<v>2</v>", b"<f>1</f>", b'<x:c r="D15"/>', b"<extLst/>", b"\n",
    b'<mergeCell ref="$D$15:$D$17"/>', "<é:c r='B1'/>".encode(), b"</sheetData>", b"<sheetData>", b"</c>", b"&#68;",
]  # fmt: skip


def gathered(read_sheet, xml: bytes):
    """What was found, or that it was refused."""
    builder = SheetBuilder(Budget())
    try:
        read_sheet(xml, builder)
    except RefusedError:
        return "refused"
    sheet = builder.sheet("x")
    return dict(sheet.cells), sheet.formulas, sheet.duplicate_refs, sorted(sheet.merged), dict(sheet.rows())


def slow(xml: bytes, builder: SheetBuilder) -> None:
    cells = ooxml_sheet._CellHandler(lambda cell: ooxml_sheet._add(cell, STRINGS, builder))
    builder.merge(parse(cells, xml).merged)


def fast(xml: bytes, builder: SheetBuilder) -> None:
    ooxml_sheet.read_sheet(xml, STRINGS, builder)


def changed(draw: random.Random) -> bytes:
    places = [position for position, byte in enumerate(SHEET) if byte == ord("<")]
    xml = SHEET
    for _ in range(draw.randint(1, 2)):
        at = draw.choice(places)
        if draw.random() < 0.7:
            xml = xml[:at] + draw.choice(ODD) + xml[at:]
        else:
            target = draw.choice(places)
            xml = xml[: min(at, target)] + xml[max(at, target) :] if abs(at - target) < 2_000 else xml
    return xml


@pytest.mark.parametrize("seed", range(8))
def test_cut_or_listened_to_a_sheet_says_the_same(seed):
    draw = random.Random(seed)
    for _ in range(150):
        xml = changed(draw)
        assert gathered(fast, xml) == gathered(slow, xml), xml


def test_a_form_of_our_own_is_cut():
    assert ooxml_sheet.split_rows(SHEET) is not None
    assert gathered(fast, SHEET) == gathered(slow, SHEET)


@pytest.mark.parametrize("ref", [b"D15:D17", b"$D$15:$D$17", b"&#68;15:D17"])
def test_merged_cells_are_told_however_they_are_written(ref):
    xml = SHEET.replace(b"<mergeCell ref=", b'<mergeCell ref="' + ref + b'"/><mergeCell ref=', 1)
    assert ((15, 4), (17, 4)) in gathered(fast, xml)[3]
