"""Figures of one school.

The formulas are with each function, and together in docs/methode.md.
"""
