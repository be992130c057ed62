"""All cases; those of a kind of their own stand in a file of their own."""

from tests.corpus import hostile, reworked
from tests.corpus.cases import CASES

__all__ = ["CASES", "hostile", "reworked"]
