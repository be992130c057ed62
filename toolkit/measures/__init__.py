"""Small tables out of the responses. Formulas stand with each function; docs/methode.md has them together."""

from toolkit.measures.agreement import agreement
from toolkit.measures.change import change
from toolkit.measures.consensus import consensus
from toolkit.measures.level import item_table, levels
from toolkit.measures.self_other import self_other
from toolkit.measures.sensitivity import sensitivity
from toolkit.measures.visible import counted

__all__ = ["agreement", "change", "consensus", "counted", "item_table", "levels", "self_other", "sensitivity"]
