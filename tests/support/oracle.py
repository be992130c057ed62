"""Every measure by hand-written loops, straight from the formulas: slow, and sharing no line with the product.

Takes plain lists: `forms` of one school and wave as (role, {item: answer}) pairs. Missing is None.
"""

import math

from scipy import stats


def answers(forms, role, item):
    return [given[item] for who, given in forms if who == role and given.get(item) is not None]


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def level(forms, role, items):
    means = [sum(a) / len(a) / 2 for item in items if (a := answers(forms, role, item))]
    return 100 * mean(means) if means and 2 * len(means) >= len(items) else None


def shared(forms, a, b, items):
    return [item for item in items if answers(forms, a, item) and answers(forms, b, item)]


def over_pairs(forms, a, b, items, count):
    """Mean over the shared items of what `count` gives for each pair of an answer of a and one of b."""
    parts = []
    for item in shared(forms, a, b, items):
        pairs = [(x, y) for x in answers(forms, a, item) for y in answers(forms, b, item)]
        parts.append(sum(count(x, y) for x, y in pairs) / len(pairs))
    return mean(parts)


PAIRS = {
    "same": lambda x, y: x == y,
    "lower": lambda x, y: y < x,
    "higher": lambda x, y: y > x,
    "opposite": lambda x, y: abs(x - y) == 2,
    "linear": lambda x, y: 1 - abs(x - y) / 2,
    "d_o": lambda x, y: abs(x - y),
}


def gap(forms, a, b, items):
    common = shared(forms, a, b, items)
    if 2 * len(common) < len(items) or not common:
        return None
    return 50 * mean([mean(answers(forms, a, i)) - mean(answers(forms, b, i)) for i in common])


def within(forms, role, items, count):
    """Mean over items with at least two answers of what `count` gives for each pair of colleagues."""
    parts = []
    for item in items:
        given = answers(forms, role, item)
        if len(given) > 1:
            pairs = [(given[i], given[j]) for i in range(len(given)) for j in range(len(given)) if i != j]
            parts.append(sum(count(x, y) for x, y in pairs) / len(pairs))
    return mean(parts)


def yardstick(forms, role, items):
    return within(forms, role, items, lambda x, y: x == y)


def consensus(forms, role, items):
    apart = within(forms, role, items, lambda x, y: abs(x - y))
    return None if apart is None else 1 - apart


def polarisation(forms, role, items):
    return within(forms, role, items, lambda x, y: abs(x - y) == 2)


def respondents(forms, role, items):
    return [
        place for place, (who, given) in enumerate(forms)
        if who == role and any(given.get(item) is not None for item in items)
    ]  # fmt: skip


def spread(forms, role, items, figure):
    """SE², least and most, by leaving out one respondent after the other and taking the figure anew."""
    places = respondents(forms, role, items)
    n = len(places)
    left = [figure([form for at, form in enumerate(forms) if at != place]) for place in places]
    if n < 2 or any(value is None for value in left):
        return None, None, None
    centre = sum(left) / n
    return (n - 1) / n * sum((value - centre) ** 2 for value in left), min(left), max(left)


def interval(share, moved, n, m, invited=None, pairs=False):
    if share is None or n < 1:
        return None, None
    if invited is not None and n >= invited:
        return share, share
    error, lowest, highest = moved
    prior = (1 + 0.3 * (m - 1)) / m
    v = share * (1 - share)
    seen = prior if error is None or v <= 1e-12 else min(max(n * error / v, 1 / m), 4 if pairs else 1)
    left = 1 if invited is None else 1 - n / invited
    effective = n / max(((n - 1) * seen + 2 * prior) / (n + 1), prior) / left
    q = stats.t.ppf(0.975, 2 * (n + 1))
    centre = (share + q * q / (2 * effective)) / (1 + q * q / effective)
    half = q / (1 + q * q / effective) * math.sqrt(v / effective + q * q / (4 * effective**2))
    low, high = max(centre - half, 0), min(centre + half, 1)
    if error is None:
        return low, high
    return min(low, share - math.sqrt(left) * (share - lowest)), max(high, share + math.sqrt(left) * (highest - share))


def expected(schools, a, b, item):
    """D_e of an item: mean distance between answers of a in one school and of b in another."""
    there = [(answers(f, a, item), answers(f, b, item)) for f in schools]
    there = [(x, y) for x, y in there if x and y]
    apart = [
        sum(abs(x - y) for x in xs for y in ys) / (len(xs) * len(ys))
        for u, (xs, _) in enumerate(there)
        for v, (_, ys) in enumerate(there)
        if u != v
    ]
    return mean(apart)
