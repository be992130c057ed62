"""Which item a respondent would take up first: an optional column, one mark per step.

The mark is a word of its own, so it is found in an item's row wherever its column went.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from toolkit.core.errors import Problem, ProblemCode
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.normalize import normalize_text
from toolkit.instrument.model import Instrument


def is_priority_mark(text: str) -> bool:
    """Whether a text next to an answer is the priority mark."""
    return normalize_text(text) in _marks()


def one_per_step(items: Iterable[str], checklist: Instrument) -> tuple[tuple[str, ...], list[Problem]]:
    """The marked items; a step with several has a problem, and none of them counts."""
    marked = set(items)
    if not marked:
        return (), []
    steps = dict(zip(checklist.item_ids, checklist.item_steps, strict=True))
    times = Counter(steps[item] for item in marked)
    single_marks = tuple(item for item in checklist.item_ids if item in marked and times[steps[item]] == 1)
    return single_marks, [*_several(times)]


def _several(times: Counter[int]) -> Iterator[Problem]:
    for step, count in sorted(times.items()):
        if count > 1:
            yield Problem(ProblemCode.SEVERAL_FIRST, found=str(step))


@cache
def _marks() -> frozenset[str]:
    return frozenset(normalize_text(load_text(language).say("form.first_mark")) for language in LANGUAGES)
