"""Text from outside, made safe for where it goes: a cell, a file name, a page, a chart."""

from __future__ import annotations

import codecs
import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_FILENAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
MAX_FILENAME = 80
"""Characters of a file or folder name that we make ourselves."""


def strip_control_chars(text: str) -> str:
    r"""Return a text without half characters, and of control characters only white space.

    Examples
    --------
    >>> strip_control_chars("a\x0bb\ud83d\ude00\n") == "ab😀\n"
    True
    """
    if text.isprintable():
        return text
    if _HALF.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", text)


def strip_bidi_controls(text: str) -> str:
    """Return a text without control characters and marks that turn a line around.

    Examples
    --------
    >>> strip_bidi_controls("rekening\u202excod.exe")
    'rekeningxcod.exe'
    """
    return _BIDI.sub("", strip_control_chars(text))


def printable(text: str) -> str:
    r"""Return a text that a terminal only shows; line ends are its only control characters.

    Examples
    --------
    >>> printable("\x1b[2Jform.xlsx\n")
    ' [2Jform.xlsx\n'
    """
    return "".join(sign if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf") else " " for sign in text)


def escape_formula(text: str) -> str:
    """Return a text for a CSV file that no spreadsheet program takes for a formula.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("Ja")
    ("'=1+1", 'Ja')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def escape_plotly(text: str) -> str:
    """Return a text that plotly shows as it is: it reads some HTML in every text.

    Examples
    --------
    >>> escape_plotly("<b>A & B</b>")
    '&lt;b&gt;A &amp; B&lt;/b&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe_filename(name: str, replacement: str = " ", default: str = "_") -> str:
    """Return a file name for every system: without path, at most 80 characters.

    `replacement` takes the place of each forbidden character; `default` is the name where nothing is left.

    Examples
    --------
    >>> safe_filename("12AB00 De/Regenboog?. "), safe_filename("..", default="school"), safe_filename("nul")
    ('12AB00 De Regenboog', 'school', '_nul')
    """
    plain = " ".join(_NOT_IN_FILENAMES.sub(replacement, strip_bidi_controls(name)).split())
    plain = plain[:MAX_FILENAME].strip(". ") or default
    return f"_{plain}" if _DEVICE.match(plain) else plain


def decode_text(data: bytes) -> str:
    """Return the text in a file.

    UTF-8 or UTF-16, with or without a byte order mark, else Windows-1252. Where letters with an accent tell so, it is
    the code page of Excel's "CSV (Macintosh)" or "CSV (MS-DOS)".

    Raises `ValueError` for bytes that are no text.

    Examples
    --------
    >>> decode_text("één".encode("utf-16-le")) == decode_text("één".encode("cp1252")) == "één"
    True
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    sample = data[:4096]
    if b"\0" in sample:  # half of the bytes of Western text in UTF-16
        zeros_even, zeros_odd = sample[0::2].count(0), sample[1::2].count(0)
        if max(zeros_even, zeros_odd) < len(sample) // 4:
            raise ValueError("no text")
        return data.decode("utf-16-le" if zeros_odd > zeros_even else "utf-16-be", "replace")
    try:
        return _decoded_twice(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        codec = max(_ACCENTS, key=lambda codec: len(_ACCENTS[codec].findall(data)))
        return data.decode(codec, "replace")


_ACCENTS = {
    codec: re.compile(b"[a-zA-Z][%s][a-z]|%s" % (re.escape("éëïöüèóá".encode(codec)), re.escape("één".encode(codec))))
    for codec in ("cp1252", "mac-roman", "cp850")
}
"""Accents in the middle of a word, and the Dutch word for one, as each code page writes them."""


def _decoded_twice(text: str) -> str:
    """Return a text whose UTF-8 was once read as Windows-1252, as it was; any other text unchanged."""
    if "Ã" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except ValueError:
        return text
