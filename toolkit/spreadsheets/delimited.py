"""Text files with a delimiter between columns (`.csv`) as rows of texts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from toolkit.core.ooxml_package import MAX_TEXT_LENGTH
from toolkit.core.sanitize import decode_text, strip_control_chars

DELIMITERS = (";", ",", "\t", "|")
_DECLARED = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
MAX_HEAD_ROWS = 20
"""Rows in which the headings are looked for."""


def read_delimited(data: bytes, score: Callable[[Sequence[str]], int], max_columns: int) -> Iterator[list[str]]:
    """Rows of a text file, a list of cells each; `ValueError` when it is no such text.

    Parameters
    ----------
    score
        How much a row looks like headings. The delimiter that gives the highest score wins, then the widest rows.
    """
    text = decode_text(data)
    if "\0" in text:
        raise ValueError("no text")
    first, _, body = text.partition("\n")
    if declared := _DECLARED.fullmatch(first.strip()):  # a line that Excel writes and reads
        return _split_rows(body, declared[1], max_columns)
    rows = _split_rows(text, _delimiter(text, score, max_columns), max_columns)
    if not _is_quoted_by_line(text, max_columns):
        return rows
    lines = "\n".join(line for row in rows for line in row[:1])
    return _split_rows(lines, _delimiter(lines, score, max_columns), max_columns)


def _is_quoted_by_line(text: str, max_columns: int) -> bool:
    """Whether a program took each line for one cell, and quoted it: all rows have one cell, with delimiters in it."""
    head = [list(islice(_split_rows(text, delimiter, max_columns), MAX_HEAD_ROWS)) for delimiter in DELIMITERS]
    is_single_cell = all(len(row) < 2 for rows in head for row in rows)
    return is_single_cell and any(sign in cell for row in head[0][:1] for cell in row for sign in DELIMITERS)


def _delimiter(text: str, score: Callable[[Sequence[str]], int], max_columns: int) -> str:
    scores = []
    for delimiter in DELIMITERS:
        rows = list(islice(_split_rows(text, delimiter, max_columns), MAX_HEAD_ROWS))
        scores.append((max(map(score, rows), default=0), max(map(len, rows), default=0)))
    return DELIMITERS[scores.index(max(scores))]


def _split_rows(text: str, delimiter: str, max_columns: int) -> Iterator[list[str]]:
    try:
        spaced = f'{delimiter} "' in text[:MAX_TEXT_LENGTH]  # quotes count also after a space
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=spaced):
            yield [strip_control_chars(value)[:MAX_TEXT_LENGTH] for value in row[:max_columns]]
    except csv.Error as error:
        raise ValueError(str(error)) from error
