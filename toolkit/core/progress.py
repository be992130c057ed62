"""A bar on long work, where somebody watches: in a terminal and in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from tqdm import tqdm
from tqdm.notebook import tqdm_notebook

_T = TypeVar("_T")


def bar(total: int, unit: str, shown: bool, long: int, done: int = 0) -> tqdm:  # type: ignore[type-arg]
    """Return a bar; one that shows nothing where nobody watches.

    Parameters
    ----------
    shown
        Whether it is wanted at all.
    long
        From how many on it is shown in a notebook too: what is shown there stays, so not on short work.
    done
        How many were done before.
    """
    kind: type[tqdm[Any]] = tqdm_notebook if total >= long and "ipykernel" in sys.modules else tqdm
    hidden = not shown or (kind is tqdm and not sys.stderr.isatty())
    return kind(total=total, initial=done, unit=unit, leave=False, disable=hidden)


def track(items: Sequence[_T], unit: str, shown: bool, long: int) -> Iterator[_T]:
    """Give the items one by one, with a bar that tells how far it is."""
    with bar(len(items), unit, shown, long) as growing:
        for item in items:
            yield item
            growing.update()
