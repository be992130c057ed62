"""A question in the terminal before something that can't be undone."""

from __future__ import annotations

import sys

from toolkit.commands.options import print_line


def confirmed(question: str) -> bool:
    """Whether the user answers yes."""
    print_line(question, end=" ")
    return sys.stdin.readline().strip().lower() in ("ja", "j", "yes", "y")
