"""What in a text looks as if it names a person: an e-mail address, a phone number, a citizen service number.

Every pattern is bounded: one without bounds takes seconds on the longest text a cell can hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_DIGITS = re.compile(r"(?<![\d+])\+?\(?\d(?:[ .()/-]{0,3}\d){7,13}(?!\d)")
_PHONE = re.compile(r"0[1-9]\d{8}|(?:00|\+)31[1-9]\d{8}|(?:00|\+)3[2-9]\d{7,9}")


def personal_codes(text: str) -> Iterator[str]:
    """Which kinds of personal data a text seems to hold, as codes of problems, each once.

    Examples
    --------
    >>> list(personal_codes("bel 06-12345678 of mail a.b@school.nl")), list(personal_codes("groep 8, 2025-2026"))
    (['looks_like_email', 'looks_like_phone'], [])
    """
    if "@" in text and _EMAIL.search(text):
        yield "looks_like_email"
    numbers = ["".join(c for c in match if c in "+0123456789") for match in _DIGITS.findall(text)]
    if any(_PHONE.fullmatch(number) for number in numbers):
        yield "looks_like_phone"
    if any(_is_citizen_number(number) for number in numbers):
        yield "looks_like_bsn"


def _is_citizen_number(digits: str) -> bool:
    """Nine digits that stand the eleven-test: the last one counts negatively."""
    if not re.fullmatch(r"\d{9}", digits) or digits == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0
