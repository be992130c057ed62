"""Figures over schools, and which of them may be shown."""
