"""All cases; those of a kind of their own are in a file of their own."""

from tests.corpus import edited_forms, field_forms, hostile
from tests.corpus.cases import CASES

__all__ = ["CASES", "edited_forms", "field_forms", "hostile"]
