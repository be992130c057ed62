"""What in a text may name a person: e-mail address, phone or citizen service number.

Every pattern is bounded: one without bounds takes seconds on the longest text a cell can hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from toolkit.core.errors import ProblemCode

_AT = re.compile(r"@|\(at\)|\[at\]", re.IGNORECASE)
_EMAIL = re.compile(
    rf"[\w.+-]{{1,64}} ?(?:{_AT.pattern}) ?[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.[^\W\d_]{{2,63}}", re.IGNORECASE
)
_APART = r"[ .()/‐-―-]{0,3}"
_PHONE = re.compile(
    rf"(?<!\d)(?:(?:(?:\+|00)31{_APART}(?:\(0\))?|\(?0){_APART}[1-9](?:{_APART}\d){{8}}|"
    rf"(?:\+|00)3[2-9](?:{_APART}\d){{7,9}})(?!\d)"
)
_NINE = re.compile(r"(?<!\d)(?=(\d(?:[ .‐-―-]{0,3}\d){8})(?!\d))")


def find_personal_data(text: str) -> Iterator[ProblemCode]:
    """Which kinds of personal data a text seems to hold, as codes of problems, each once.

    Examples
    --------
    >>> [str(code) for code in find_personal_data("bel 06-12345678 of mail a.b@school.nl")]
    ['looks_like_email', 'looks_like_phone']
    """
    text = unicodedata.normalize("NFKC", text)  # full-width digits, and the spaces and hyphens of a text program
    if _AT.search(text) and _EMAIL.search(text):
        yield ProblemCode.LOOKS_LIKE_EMAIL
    if _PHONE.search(text):
        yield ProblemCode.LOOKS_LIKE_PHONE
    if any(_is_citizen_number(re.sub(r"\D", "", digits)) for digits in _NINE.findall(text)):
        yield ProblemCode.LOOKS_LIKE_BSN


def _is_citizen_number(digits: str) -> bool:
    """Nine digits that pass the eleven-test: the last one counts negatively."""
    if not re.fullmatch(r"\d{9}", digits) or digits == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0
