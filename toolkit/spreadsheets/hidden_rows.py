"""Rows that a filter hides: readers of cells see them, people do not."""

from __future__ import annotations

from toolkit.spreadsheets.guard import ZIP, Attributes, Handler, local_attributes, parse, unpack


def count_hidden_rows(data: bytes) -> int:
    """Return how many filled rows of a workbook (`.xlsx`, `.ods`) are hidden; 0 for other files.

    Raises `RefusedError` when the package can't be read safely.
    """
    if not data.startswith(ZIP):
        return 0
    parts = unpack(data)
    if "content.xml" in parts:
        return parse(_HiddenRows(), parts["content.xml"]).count
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    return sum(parse(_HiddenRows(), sheet).count for sheet in sheets if b"hidden" in sheet or b"\0" in sheet[:4])


class _HiddenRows(Handler):
    """Counts hidden rows with a value in them, in both formats."""

    def __init__(self) -> None:
        self.count, self._hidden = 0, False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._hidden = attributes.get("hidden", "0") in ("1", "true")
        elif name == "table-row":
            self._hidden = local_attributes(attributes).get("visibility", "visible") != "visible"
        elif self._hidden and name in ("v", "t", "p"):
            self.count += 1
            self._hidden = False  # one count for each row
