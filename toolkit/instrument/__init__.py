"""The checklist as data: steps, items, roles, answers, and the official sentences."""
