"""Small workbooks as other programs write them, each kind with siblings, and the cells that must come of it.

The kinds were found by reading thousands of public files beside other readers. `REFUSED` means: never read in part.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.corpus.binary_builders import ods, ole, pack, record
from toolkit.core.errors import RefusedError
from toolkit.spreadsheets.reader import cell_name, read_workbook

REFUSED = "refused"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
JA_NEE = '<c r="A1" t="s"><v>0</v></c>{between}<c r="C1" t="s"><v>1</v></c>'
SAVED = "2026-01-02T03:04:05+00:00"


@dataclass(frozen=True)
class SmallWorkbook:
    """A file and what must come of it: cells of its first sheet, defined names, and when it was saved."""

    kind: str
    what: str
    make: Callable[[], bytes]
    cells: Mapping[str, object] | str
    names: Mapping[str, str] | None = None
    modified: str | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}: {self.what}"


SMALL: list[SmallWorkbook] = []


def add(
    kind: str, description: str, make: Callable[[], bytes], cells: Mapping[str, object] | str, **options: object
) -> None:
    SMALL.append(SmallWorkbook(kind, description, make, cells, **options))  # type: ignore[arg-type]


# ---------------------------------------------------------------- xlsx


def parts(row: str = JA_NEE.format(between=""), names: str = "", sheets: int = 1, before: str = "") -> dict[str, bytes]:
    """The parts of a workbook whose shared strings are Ja and Nee."""
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    relations = "".join(
        _relation(f"r{n}", f"{OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)
    )
    relations += _relation("rs", f"{OFFICE}/sharedStrings", "sharedStrings.xml")
    sheet = f'{before}<worksheet xmlns="{SPREADSHEET}"><sheetData><row r="1">{row}</row></sheetData></worksheet>'
    package = {
        "_rels/.rels": _relations(_relation("r1", f"{OFFICE}/officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>{names}</workbook>',
        "xl/_rels/workbook.xml.rels": _relations(relations),
        "xl/sharedStrings.xml": f'<sst xmlns="{SPREADSHEET}"><si><t>Ja</t></si><si><t>Nee</t></si></sst>',
    }
    package |= {f"xl/worksheets/sheet{n}.xml": sheet for n in range(1, sheets + 1)}
    return {name: part.encode() for name, part in package.items()}


def _relation(id_: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>'


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def xlsx(row: str = JA_NEE.format(between=""), **options: object) -> bytes:
    return pack(parts(row, **options))  # type: ignore[arg-type]


BOTH = {"A1": "Ja", "C1": "Nee"}
for blank in (
    '<c r="B1" t="s"/>',
    '<c r="B1" s="0" t="s"></c>',
    '<c r="B1" t="s"><v/></c>',
    '<c r="B1" t="s"><v> </v></c>',
):
    add("shared text without a value", blank, lambda blank=blank: xlsx(JA_NEE.format(between=blank)), BOTH)
add(
    "shared text without a value", "with a prefix",
    lambda: pack(parts() | {"xl/worksheets/sheet1.xml": f'<x:worksheet xmlns:x="{SPREADSHEET}"><x:sheetData><x:row r="1"><x:c r="A1" t="s"/><x:c r="B1" t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'.encode()}),
    {"B1": "Nee"},
)  # fmt: skip

for first, last in (("a1", "d1"), ("$A$1", "$d$1"), ("A1", "d1")):
    row = f'<c r="{first}" t="s"><v>0</v></c><c r="{last}" t="s"><v>1</v></c>'
    add("reference in lower case", f"{first} {last}", lambda row=row: xlsx(row), {"A1": "Ja", "D1": "Nee"})
for reference in ("R1C4", "D", "1D", "", "D1:E1", "Á1", "D0", "D\u0661", "s1!D1"):
    row = f'<c r="A1" t="s"><v>0</v></c><c r="{reference}" t="s"><v>1</v></c>'
    add("reference that can't be read", repr(reference), lambda row=row: xlsx(row), REFUSED)
for number in ("x", "1.0", "-1", "", "0"):
    add(
        "reference that can't be read", f"row {number!r}",
        lambda number=number: pack({name: part.replace(b'<row r="1">', f'<row r="{number}">'.encode()) for name, part in parts().items()}),
        BOTH,  # the cells have references of their own
    )  # fmt: skip
    bare = f'</row><row r="{number}"><c t="s"><v>0</v></c>'
    add("reference that can't be read", f"row {number!r} of cells without", lambda bare=bare: xlsx(bare), REFUSED)

for encoding in ("UTF-9", "klingon", "hex", "rot13", "undefined", "idna"):
    before = f'<?xml version="1.0" encoding="{encoding}"?>'
    add("unknown encoding", encoding, lambda before=before: xlsx(before=before), REFUSED)
for part in ("xl/workbook.xml", "xl/sharedStrings.xml", "_rels/.rels"):
    add(
        "unknown encoding", f"of {part}",
        lambda part=part: pack(parts() | {part: b'<?xml version="1.0" encoding="UTF-9"?>' + parts()[part]}),
        REFUSED,
    )  # fmt: skip

for what, inside, kind, value in (
    ("value first", "<v>1.0</v><is><r><t>1.</t></r></is>", "inlineStr", "1."),
    ("value last", "<is><t>Ja</t></is><v>0</v>", "inlineStr", "Ja"),
    ("two runs", "<v>Ja</v><is><r><t>J</t></r><r><t>a</t></r></is>", "inlineStr", "Ja"),
    ("furigana", "<v>Ja</v><is><t>Ja</t><rPh sb='0' eb='1'><t>Nee</t></rPh></is>", "inlineStr", "Ja"),
    ("empty inline text", "<v>Nee</v><is><t/></is>", "inlineStr", None),
    ("the text of a formula", "<is><t>Nee</t></is><v>Ja</v>", "str", "Ja"),
    ("no inline text", "<v>Ja</v>", "inlineStr", "Ja"),
):
    row = f'<c r="A1" t="{kind}">{inside}</c>'
    add("inline text beside a value", what, lambda row=row: xlsx(row), {"A1": value} if value else {})

GLOBAL, LOCAL = (
    '<definedName name="item">s1!$C$1</definedName>',
    '<definedName name="item" localSheetId="1">s2!$C$1</definedName>',
)
for what, inside, names in (
    ("after the workbook's", GLOBAL + LOCAL, {"item": "s1!C1"}),
    ("before the workbook's", LOCAL + GLOBAL, {"item": "s1!C1"}),
    ("alone", LOCAL, {}),
    ("in lower case", '<definedName name="item">s1!$c$1</definedName>', {"item": "s1!C1"}),
):
    names_xml = f"<definedNames>{inside}</definedNames>"
    add("name of a single sheet", what, lambda names_xml=names_xml: xlsx(sheets=2, names=names_xml), BOTH, names=names)


def other_names(change: Callable[[str], str], target: str = "xl/workbook.xml") -> bytes:
    package = parts() | {"_rels/.rels": _relations(_relation("r1", f"{OFFICE}/officeDocument", target)).encode()}
    return pack([(change(name), part) for name, part in package.items()])


def backslash(name: str) -> str:
    return name.replace("/", "\\")


add("member names", "backslashes", lambda: other_names(backslash), BOTH)
add("member names", "backslashes, also in the relations", lambda: other_names(backslash, "xl\\workbook.xml"), BOTH)
add("member names", "a slash in front", lambda: other_names(lambda name: f"/{name}"), BOTH)
add(
    "member names",
    "backslashes in one of them",
    lambda: other_names(lambda name: backslash(name) if "sheet1" in name else name),
    BOTH,
)
add(
    "member names",
    "the same name twice, with each slash",
    lambda: pack(parts() | {"xl\\workbook.xml": b"<a/>"}),
    REFUSED,
)
add(
    "member names",
    "an ods with backslashes",
    lambda: pack(
        [
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF\\manifest.xml", b"<a/>"),
            ("content.xml", content("<text:p>Ja</text:p>")),
        ]
    ),
    {"A1": "Ja"},
)


def with_raw(package: Mapping[str, bytes], name: str, raw: bytes, size: int = 0, checksum: int = 0) -> bytes:
    """A package with one more member, marked as deflated, whose bytes are exactly `raw`."""
    local, directory = bytearray(), bytearray()
    for member, content_ in [*package.items(), (name, None)]:
        packed, facts = (raw, (checksum, len(raw), size)) if content_ is None else _deflated(content_)
        head = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0x21, *facts) + struct.pack("<HH", len(member), 0)
        directory += (
            b"PK\1\2" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, len(local)) + member.encode()
        )
        local += b"PK\3\4" + head + member.encode() + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(package) + 1, len(package) + 1, len(directory), len(local), 0)
    return bytes(local + directory + b"PK\5\6" + end)


def _deflated(content_: bytes) -> tuple[bytes, tuple[int, int, int]]:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content_) + packer.flush()
    return packed, (zlib.crc32(content_), len(packed), len(content_))


add("empty deflated member", "no byte at all", lambda: with_raw(parts(), "xl/leeg.xml", b""), BOTH)
add("empty deflated member", "a folder", lambda: with_raw(parts(), "xl/media/", b""), BOTH)
add("empty deflated member", "an empty block", lambda: with_raw(parts(), "xl/leeg.xml", b"\x03\0"), BOTH)
add("empty deflated member", "that claims ten bytes", lambda: with_raw(parts(), "xl/leeg.xml", b"", 10), REFUSED)
add("empty deflated member", "with a wrong checksum", lambda: with_raw(parts(), "xl/leeg.xml", b"", 0, 7), REFUSED)


def with_properties(name: str, target: str, kind: str = f"{PACKAGE}/relationships/metadata/core-properties") -> bytes:
    inside = _relation("r1", f"{OFFICE}/officeDocument", "xl/workbook.xml") + _relation("r2", kind, target)
    core = f'<c:coreProperties xmlns:c="{PACKAGE}/metadata/core-properties" xmlns:t="http://purl.org/dc/terms/"><t:modified>2026-01-02T03:04:05Z</t:modified></c:coreProperties>'
    return pack(parts() | {"_rels/.rels": _relations(inside).encode(), name: core.encode()})


NET = "package/services/metadata/core-properties/1f.psmdcp"
add("time of saving", "as .NET writes it", lambda: with_properties(NET, f"/{NET}"), BOTH, modified=SAVED)
add("time of saving", "as .NET writes it, from the root", lambda: with_properties(NET, NET), BOTH, modified=SAVED)
add("time of saving", "in another folder", lambda: with_properties("props/c.xml", "props/c.xml"), BOTH, modified=SAVED)
add(
    "time of saving",
    "without a relation",
    lambda: with_properties("docProps/core.xml", "x", "x/thumbnail"),
    BOTH,
    modified=SAVED,
)

# ---------------------------------------------------------------- ods

DRAW = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'


def content(inside: str, attributes: str = 'office:value-type="string"', after: str = "") -> bytes:
    """The main part of a document with one sheet of one row."""
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    row = f"<table:table-row><table:table-cell {attributes}>{inside}</table:table-cell>{after}</table:table-row>"
    return (
        f"<office:document-content {spaces} {DRAW}><office:body><office:spreadsheet>"
        f'<table:table table:name="a">{row}</table:table></office:spreadsheet></office:body></office:document-content>'
    ).encode()


def one_cell(inside: str, attributes: str = 'office:value-type="string"', after: str = "") -> bytes:
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return pack([("mimetype", kind), ("content.xml", content(inside, attributes, after))])


NEXT = '<table:table-cell office:value-type="string">{}<text:p>Ja</text:p></table:table-cell>'
for shape in ("custom-shape", "rect", "ellipse", "line", "caption", "connector", "polygon", "path", "frame", "control"):
    drawn = f"<draw:{shape}><text:p>Nee</text:p></draw:{shape}>"
    add("text in a shape", shape, lambda drawn=drawn: one_cell(drawn, "", NEXT.format(drawn)), {"B1": "Ja"})
GROUP = "<draw:g><draw:rect><text:p>Nee</text:p></draw:rect><draw:g><draw:line><text:p>x</text:p></draw:line></draw:g></draw:g>"
add("text in a shape", "groups", lambda: one_cell(GROUP, "", NEXT.format(GROUP)), {"B1": "Ja"})
add(
    "text in a shape",
    "inside a paragraph",
    lambda: one_cell("<text:p>J<draw:a><draw:frame><text:p>Nee</text:p></draw:frame></draw:a>a</text:p>"),
    {"A1": "Ja"},
)
add("text in a shape", "a link counts", lambda: one_cell("<text:p><text:a>Ja</text:a></text:p>"), {"A1": "Ja"})

RUBY = "<text:ruby><text:ruby-base>{}</text:ruby-base><text:ruby-text>とう</text:ruby-text></text:ruby>"
add("furigana", "one word", lambda: one_cell(f"<text:p>{RUBY.format('東京')}</text:p>"), {"A1": "東京"})
add(
    "furigana",
    "two words",
    lambda: one_cell(f"<text:p>{RUBY.format('東')}{RUBY.format('京')}</text:p>"),
    {"A1": "東京"},
)
add(
    "furigana",
    "in a span",
    lambda: one_cell(f"<text:p><text:span>{RUBY.format('東京')}!</text:span></text:p>"),
    {"A1": "東京!"},
)

for value, words, expected in (
    ("true", "WAAR", True), ("TRUE", "WAAR", True), ("1", "Ja", True), ("false", "ONWAAR", False), ("0", "Nee", False),
    ("", "Ja", "Ja"), ("waar", "Ja", "Ja"),
):  # fmt: skip
    attributes = f'office:value-type="boolean" office:boolean-value="{value}"'
    add("boolean", f"{value!r}", lambda a=attributes, w=words: one_cell(f"<text:p>{w}</text:p>", a), {"A1": expected})
add(
    "boolean", "without its value", lambda: one_cell("<text:p>Ja</text:p>", 'office:value-type="boolean"'), {"A1": "Ja"}
)

NAMED = '<table:named-expressions><table:named-range table:name="{}" table:cell-range-address="$a.$A$1"/></table:named-expressions>'
CELL = '<table:table table:name="a"><table:table-row><table:table-cell office:value-type="string"><text:p>Ja</text:p></table:table-cell></table:table-row>{}</table:table>{}'
add(
    "name of a single sheet",
    "in an ods",
    lambda: ods(body=CELL.format(NAMED.format("sheet"), NAMED.format("book"))),
    {"A1": "Ja"},
    names={"book": "a!A1"},
)
LINKED = f"<table:table>{CELL[CELL.index('<table:table-row>') :].format('', '')}".replace("Ja", "Nee")
for what, around in (
    ("of a program", "<table:dde-links><table:dde-link>{}</table:dde-link></table:dde-links>"),
    ("of changes", "<table:tracked-changes><table:deletion>{}</table:deletion></table:tracked-changes>"),
    ("in a cell", "{}"),
):
    add("linked table", what, lambda around=around: ods(body=CELL.format("", around.format(LINKED))), {"A1": "Ja"})
add(
    "unknown encoding",
    "of an ods",
    lambda: pack({"content.xml": b'<?xml version="1.0" encoding="UTF-9"?>' + content("<text:p>Ja</text:p>")}),
    REFUSED,
)

# ---------------------------------------------------------------- xls

EOF = record(0x0A)


def xls(cells: bytes, before: bytes = b"", version: int = 0x0600, end: bytes = EOF) -> bytes:
    """An old workbook of one sheet `a`, with these records in it and before it."""
    return ole({"Workbook": stream(cells, before, version, end)})


def stream(cells: bytes, before: bytes = b"", version: int = 0x0600, end: bytes = EOF) -> bytes:
    start = record(0x0809, struct.pack("<HHHHII", version, 5, 0, 0, 0, 0)) + before
    name = b"\x01\0a" if version == 0x0600 else b"\x01a"
    offset = len(start) + 4 + 6 + len(name) + 4
    sheet = record(0x0809, struct.pack("<HHHHII", version, 0x10, 0, 0, 0, 0)) + cells + end
    return start + record(0x85, struct.pack("<IBB", offset, 0, 0) + name) + EOF + sheet


def ref(row: int = 0, column: int = 0) -> bytes:
    return struct.pack("<HHH", row, column, 0)


def label(text: bytes, row: int = 0) -> bytes:
    return record(0x204, ref(row) + struct.pack("<H", len(text)) + b"\0" + text)


def formula(kind: int = 0x06, result: bytes = b"\0\0\0\0\0\0\xff\xff") -> bytes:
    return record(kind, ref() + result + b"\0" * 8)


def result(text: bytes, length: int | None = None, flag: bytes = b"\0", *records: bytes) -> bytes:
    first = record(0x207, struct.pack("<H", len(text) if length is None else length) + flag + text)
    return first + b"".join(record(0x3C, body) for body in records)


def strings(*blocks: bytes, count: int = 1) -> bytes:
    first = record(0xFC, struct.pack("<II", count, count) + blocks[0])
    return first + b"".join(record(0x3C, block) for block in blocks[1:])


def first_string(*blocks: bytes, count: int = 1) -> bytes:
    return xls(record(0xFD, ref() + struct.pack("<I", 0)), strings(*blocks, count=count))


LINES = b"".join(label(b"Ja".ljust(62), row) for row in range(60))
add("cut off", "the stream is shorter than the directory says", lambda: whole_sheet()[:5120], REFUSED)
add("cut off", "the sheet has no end", lambda: xls(LINES, end=b""), REFUSED)
add(
    "cut off",
    "the last record is longer than the stream",
    lambda: ole({"Workbook": stream(LINES, end=struct.pack("<HH", 0x204, 9_000))}),
    REFUSED,
)
add(
    "cut off",
    "the workbook has no end",
    lambda: ole({"Workbook": record(0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + label(b"x") * 200}),
    REFUSED,
)
add("cut off", "nothing is cut", lambda: whole_sheet(), {f"A{row}": "Ja".ljust(62) for row in range(1, 61)})
add(
    "cut off",
    "a text longer than its record",
    lambda: xls(record(0x204, ref() + struct.pack("<H", 9) + b"\0Ja")),
    REFUSED,
)


def whole_sheet() -> bytes:
    return xls(LINES)


X, Y = b"x" * 8_000, b"y" * 1_000
WIDE = "é€".encode("utf-16-le")
add(
    "long text of a formula",
    "over two records",
    lambda: xls(formula() + result(X, 9_000, b"\0", b"\0" + Y)),
    {"A1": (X + Y).decode()},
)
add(
    "long text of a formula",
    "over three records",
    lambda: xls(formula() + result(X, 9_003, b"\0", b"\0" + Y, b"\0abc")),
    {"A1": (X + Y).decode() + "abc"},
)
add(
    "long text of a formula",
    "whose characters become wide",
    lambda: xls(formula() + result(X, 8_002, b"\0", b"\x01" + WIDE)),
    {"A1": X.decode() + "é€"},
)
add("long text of a formula", "of which the rest is missing", lambda: xls(formula() + result(X, 9_000)), REFUSED)
add(
    "long text of a formula",
    "over two records of Excel 95",
    lambda: xls(formula() + record(0x207, struct.pack("<H", 9_000) + X) + record(0x3C, Y), version=0x0500),
    {"A1": (X + Y).decode()},
)

J = struct.pack("<HB", 2, 1) + b"J\0"
add("record of a flag alone", "one", lambda: first_string(J, b"\x01", b"\x01a\0"), {"A1": "Ja"})
add("record of a flag alone", "two", lambda: first_string(J, b"\x01", b"\0", b"\x01a\0"), {"A1": "Ja"})
add("record of a flag alone", "before narrow characters", lambda: first_string(J, b"\x01", b"\0a"), {"A1": "Ja"})
add(
    "record of a flag alone",
    "in the text of a formula",
    lambda: xls(formula() + result(b"J", 2, b"\0", b"\0", b"\0a")),
    {"A1": "Ja"},
)
add("record of a flag alone", "and nothing after it", lambda: first_string(J, b"\x01"), REFUSED)

JA = struct.pack("<HB", 2, 0) + b"Ja"
add("count of the shared strings", "zero", lambda: first_string(JA, count=0), {"A1": "Ja"})
add("count of the shared strings", "zero, with padding", lambda: first_string(JA + b"\0", count=0), {"A1": "Ja"})
add("count of the shared strings", "too high", lambda: first_string(JA, count=9), {"A1": "Ja"})

add("formula without text", "marked as empty", lambda: xls(formula(result=b"\x03\0\0\0\0\0\xff\xff")), {})
add("formula without text", "an empty text", lambda: xls(formula() + record(0x207, b"\0\0\0")), {})
add("formula without text", "a text without flag", lambda: xls(formula() + record(0x207, b"\0\0")), {})
add(
    "formula without text",
    "and a cell after it",
    lambda: xls(formula() + record(0x207, b"\0\0\0") + label(b"Ja", 1)),
    {"A2": "Ja"},
)

for kind in (0x206, 0x406):
    number = struct.pack("<d", 1.5)
    add(
        "formula record of another version",
        f"{kind:#x}, a number",
        lambda kind=kind, n=number: xls(formula(kind, n)),
        {"A1": 1.5},
    )
    add(
        "formula record of another version",
        f"{kind:#x}, a text",
        lambda kind=kind: xls(formula(kind) + result(b"Ja")),
        {"A1": "Ja"},
    )
    add(
        "formula record of another version",
        f"{kind:#x}, a boolean",
        lambda kind=kind: xls(formula(kind, b"\x01\0\x01\0\0\0\xff\xff")),
        {"A1": True},
    )

for page, codec, text in (
    (10_000, "mac-roman", "één € ƒ"), (32_768, "mac-roman", "café"), (10_007, "mac-cyrillic", "Да"), (10_029, "mac-latin2", "Łódź"),
    (10_081, "mac-turkish", "İş"), (10_006, "mac-greek", "Ναι"), (1_252, "cp1252", "één €"), (1_251, "cp1251", "Да"), (32_769, "cp1252", "€"),
):  # fmt: skip
    words = record(0x204, ref() + struct.pack("<H", len(text.encode(codec))) + text.encode(codec))
    add(
        "code page", f"{page}", lambda w=words, p=page: xls(w, record(0x42, struct.pack("<H", p)), 0x0500), {"A1": text}
    )
add(
    "code page",
    "nobody knows it",
    lambda: xls(record(0x204, ref() + b"\x02\0Ja"), record(0x42, b"\x39\x30"), 0x0500),
    {"A1": "Ja"},
)

# ---------------------------------------------------------------- not a plain workbook

DRM = {"\x06Primary": b"x", "EncryptedPackage": b"y" * 9_000}
add("rights management", "a sensitivity label", lambda: ole(DRM), REFUSED)
add(
    "rights management",
    "by its transform",
    lambda: ole({"DRMEncryptedTransform": b"x", "EncryptedPackage": b"y"}),
    REFUSED,
)
add("rights management", "on an old workbook", lambda: ole({"\tDRMContent": b"x", "Workbook": b"y" * 9_000}), REFUSED)


def small_failures(workbook: SmallWorkbook) -> list[str]:
    """Read the workbook; what is not as it must be, in words."""
    try:
        book = read_workbook(workbook.make())
    except RefusedError:
        return [] if workbook.cells == REFUSED else ["refused"]
    cells = {cell_name(ref): value for ref, value in book.sheets[0].cells.items()}
    names = {name: f"{sheet}!{cell_name(ref)}" for name, (sheet, ref) in book.names.items()}
    saved = book.modified.isoformat() if book.modified else None
    wrong = [] if cells == workbook.cells else [f"cells: {str(cells)[:200]}"]
    wrong += [f"names: {names}"] if workbook.names is not None and names != workbook.names else []
    return wrong + ([f"saved: {saved}"] if workbook.modified and saved != workbook.modified else [])
