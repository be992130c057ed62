"""A small table of texts, with headings and a caption.

Jupyter shows it as a real table.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit.core.html import html_template

MANY_COLUMNS, SENTENCE = 5, 80
"""From so many columns on, a last one with texts of this length is kept wide enough to read as sentences."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Texts in rows and columns; the first column names the row.

    Examples
    --------
    >>> table = TextTable("Niveau", ("Stap", "Directie"), (("1 Thuisomgeving", "75"),))
    >>> print(table)
    Niveau
    Stap            | Directie
    1 Thuisomgeving | 75
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, caption: str) -> TextTable:
        """Take over a table of texts; a missing value becomes an empty cell."""
        rows = frame.astype("object").where(frame.notna(), "").itertuples(index=False)
        return cls(caption, tuple(map(str, frame.columns)), tuple(tuple(map(str, row)) for row in rows))

    def to_frame(self) -> pd.DataFrame:
        """Return the texts as a DataFrame."""
        return pd.DataFrame(list(self.rows), columns=list(self.columns), dtype="str")

    def to_html(self) -> str:
        """Return an HTML table with caption and headings; every text is escaped."""
        sentences = len(self.columns) >= MANY_COLUMNS and any(len(row[-1]) >= SENTENCE for row in self.rows)
        return html_template("core/text_table.html.j2").render(table=self, wide=sentences)

    def __str__(self) -> str:
        """Return the table in plain text."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        texts = [" | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*([self.caption] if self.caption else []), *texts])

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Return the plain text: what Jupyter keeps beside the HTML."""
        return str(self)
