"""Building blocks without knowledge of schools or checklists."""
