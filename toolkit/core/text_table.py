"""A small table of texts, with headings and a caption. Jupyter shows it as a real table."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from toolkit.core.atomic_write import atomic_write
from toolkit.core.html import html_template
from toolkit.core.ooxml_package import without_timestamps, write_text
from toolkit.core.paths import check_ending
from toolkit.core.sanitize import escape_formula, strip_control_chars

MANY_COLUMNS, SENTENCE = 5, 80
"""From so many columns on, a last one with texts of this length stays wide enough to read as sentences."""

MAX_ON_ONE_LINE = 40
"""Characters: a column with a longer text is broken into lines on paper, or it would run off the page."""


@dataclass(frozen=True, slots=True)
class TextTable:
    """Texts in rows and columns; the first column names the row.

    Attributes
    ----------
    caption
        The text above the table.
    columns, rows
        The headings, and a text for each in every row.
    folded
        In a notebook only the caption shows, until it is clicked.

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
    folded: bool = False

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

    def to_latex(self) -> str:
        r"""Return a LaTeX table for the package booktabs.

        Examples
        --------
        >>> print(TextTable("Niveau", ("Stap", "Directie"), (("1 Thuis & omgeving", "75"),)).to_latex())
        \begin{table}
        \caption{Niveau}
        \begin{tabular}{ll}
        \toprule
        Stap & Directie \\
        \midrule
        1 Thuis \& omgeving & 75 \\
        \bottomrule
        \end{tabular}
        \end{table}
        """
        head, *rows = [" & ".join(map(_latex, line)) + r" \\" for line in (self.columns, *self.rows)]
        longest = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        kinds = "".join("l" if length <= MAX_ON_ONE_LINE else r"p{0.4\linewidth}" for length in longest)
        lines = [r"\begin{table}", rf"\caption{{{_latex(self.caption)}}}", rf"\begin{{tabular}}{{{kinds}}}"]
        lines += [r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", r"\end{table}"]
        return "\n".join(lines)

    def save(self, path: str | Path) -> Path:
        """Write the table as a file: `.xlsx` (Excel), `.docx` (Word), `.tex` (LaTeX) or `.csv`.

        The same table always gives the same bytes. Returns the path.

        Raises
        ------
        ToolkitError
            The path ends in something else.

        Examples
        --------
        >>> import tempfile
        >>> table = TextTable("Niveau", ("Stap", "Directie"), (("1 Thuisomgeving", "75"),))
        >>> table.save(f"{tempfile.mkdtemp()}/niveau.docx").name
        'niveau.docx'
        """
        target, kinds = Path(path), {".xlsx": _workbook, ".docx": _document, ".tex": _latex_file, ".csv": _csv}
        atomic_write(target, kinds[check_ending(target, kinds)](self))
        return target

    def __str__(self) -> str:
        """Return the table in plain text."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        texts = [" | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
        return "\n".join([*([self.caption] if self.caption else []), *texts])

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Return the plain text that Jupyter stores next to the HTML."""
        return str(self)


def _workbook(table: TextTable) -> bytes:
    """A sheet with the headings on top; whole numbers are numbers, all else is text."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row, line in enumerate((table.columns, *table.rows), start=1):
        for column, text in enumerate(line, start=1):
            is_number = row > 1 and re.fullmatch(r"-?(0|[1-9]\d{0,8})", text) is not None
            cell = sheet.cell(row, column, int(text)) if is_number else write_text(sheet.cell(row, column), text)
            cell.font, cell.alignment = Font(bold=row == 1), Alignment(wrap_text=True, vertical="top")
    for column in range(1, len(table.columns) + 1):
        longest = max(len(line[column - 1]) for line in (table.columns, *table.rows))
        sheet.column_dimensions[get_column_letter(column)].width = min(max(10, longest + 2), 60)
    sheet.freeze_panes = "A2"
    book.save(out)
    return without_timestamps(out.getvalue())


def _document(table: TextTable) -> bytes:
    """On A4, with columns as wide as their texts ask for: sentences get the most room."""
    from docx.shared import Mm  # of use here only, and slow to import

    from toolkit.core.word_document import new_document, to_bytes

    document = new_document(strip_control_chars(table.caption), "nl", size=9, sides=15)
    document.add_paragraph(strip_control_chars(table.caption), style="Caption")
    shape = document.add_table(rows=0, cols=len(table.columns), style="Light Grid Accent 1")
    shape.autofit = False
    widths = [Mm(width) for width in _widths([*zip(table.columns, *table.rows, strict=True)], 180)]
    for column, width in zip(shape.columns, widths, strict=True):
        column.width = width  # LibreOffice takes this one, and Word that of the cells
    for line in (table.columns, *table.rows):
        for cell, text, width in zip(shape.add_row().cells, line, widths, strict=True):
            cell.text, cell.width = strip_control_chars(text), width
    return to_bytes(document)


def _widths(columns: list[tuple[str, ...]], room: float) -> list[float]:
    """Widths in mm of columns that share `room`: no word is broken, and longer texts get more of what is left."""
    words = [1.6 * max(len(word) for text in column for word in [*text.split(), ""]) + 4 for column in columns]
    lengths = [max(map(len, column)) for column in columns]
    left = max(0, room - sum(words)) / max(1, sum(lengths))
    return [word + left * length for word, length in zip(words, lengths, strict=True)]


def _latex_file(table: TextTable) -> bytes:
    return table.to_latex().encode()


def _csv(table: TextTable) -> bytes:
    """With semicolons and a byte order mark: what Excel in the Netherlands opens as it is."""
    lines = io.StringIO()
    csv.writer(lines, delimiter=";").writerows(
        [list(map(escape_formula, line)) for line in (table.columns, *table.rows)]
    )
    return lines.getvalue().encode("utf-8-sig")


def _latex(text: str) -> str:
    """Escape what LaTeX takes for a command."""
    signs = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": " "}
    return "".join(signs.get(sign, f"\\{sign}" if sign in "&%$#_{}" else sign) for sign in text)
