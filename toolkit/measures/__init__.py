"""Small tables out of the responses. Formulas stand with each function; docs/methode.md has them together."""

from toolkit.measures.agreement import agreement
from toolkit.measures.consensus import consensus
from toolkit.measures.level import item_table, levels
from toolkit.measures.self_other import self_other
from toolkit.measures.sensitivity import sensitivity

__all__ = ["agreement", "consensus", "item_table", "levels", "self_other", "sensitivity"]
