"""Small tables out of the responses: level, agreement, answers per item. Formulas stand with each function."""

from toolkit.measures.agreement import agreement
from toolkit.measures.level import item_table, levels

__all__ = ["agreement", "item_table", "levels"]
