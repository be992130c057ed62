"""A progress bar for long work, in a terminal and in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from tqdm import tqdm
from tqdm.notebook import tqdm_notebook

_T = TypeVar("_T")


def bar(total: int, unit: str, shown: bool, long: int, done: int = 0) -> tqdm:  # type: ignore[type-arg]
    """Return a bar; it shows nothing outside a terminal or notebook.

    Parameters
    ----------
    shown
        Whether the caller wants a bar at all.
    long
        Total from which a notebook shows it too: a bar stays in the notebook, so not for short work.
    done
        Number that was done before.
    """
    kind: type[tqdm[Any]] = tqdm_notebook if total >= long and "ipykernel" in sys.modules else tqdm
    hidden = not shown or (kind is tqdm and not sys.stderr.isatty())
    return kind(total=total, initial=done, unit=unit, leave=False, disable=hidden)


def track(items: Sequence[_T], unit: str, shown: bool, long: int) -> Iterator[_T]:
    """Yield the items one by one, with a progress bar."""
    with bar(len(items), unit, shown, long) as progress_bar:
        for item in items:
            yield item
            progress_bar.update()
