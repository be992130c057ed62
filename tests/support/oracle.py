"""Every measure by hand-written loops, straight from the formulas: slow, and sharing no line with the product.

Takes plain lists: `forms` of one school and wave as (role, {item: answer}) pairs. Missing is None.
"""

import math

from scipy import stats


def answers(forms, role, item):
    return [form[item] for form_role, form in forms if form_role == role and form.get(item) is not None]


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
        values = answers(forms, role, item)
        if len(values) > 1:
            pairs = [(values[i], values[j]) for i in range(len(values)) for j in range(len(values)) if i != j]
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
        number for number, (form_role, form) in enumerate(forms)
        if form_role == role and any(form.get(item) is not None for item in items)
    ]  # fmt: skip


def squared_error(forms, role, items, figure, per_item, pairs=False):
    """SE²: from thirteen respondents on by leaving out one after the other, below that from every item alone.

    `figure` takes forms, `per_item` forms and an item; both give None where there is nothing.
    """
    numbers = respondents(forms, role, items)
    n = len(numbers)
    if n >= 13:
        left_out = [figure([form for at, form in enumerate(forms) if at != number]) for number in numbers]
        if all(value is not None for value in left_out):
            centre = sum(left_out) / n
            return (n - 1) / n * sum((value - centre) ** 2 for value in left_out)
    used = [item for item in items if per_item(forms, item) is not None]
    errors = [error_of_item(forms, role, item, per_item) for item in used]
    if not used:
        return 0
    rho = 0.3 if n < 13 else 0.42
    facts = [(1, 1) if pairs else direction_and_weight(forms, role, item, per_item) for item in used]
    along = sum(e * math.sqrt(w) * r for e, (r, w) in zip(errors, facts, strict=True))
    across = sum(e * math.sqrt(w * max(1 - r * r, 0)) for e, (r, w) in zip(errors, facts, strict=True))
    own_variance = sum(w * e * e for e, (_, w) in zip(errors, facts, strict=True))
    return (sum(e * e for e in errors) + rho * (along**2 + across**2 - own_variance)) / len(used) ** 2


def direction_and_weight(forms, role, item, per_item):
    """How answers go together with the figure that is left without them, and how even they are (1: a third each)."""
    places = respondents(forms, role, [item])
    if not places:
        return 0, 0
    answers = [forms[index][1][item] / 2 for index in places]
    jackknife = [per_item([form for at, form in enumerate(forms) if at != index], item) or 0 for index in places]
    spread = mean([(x - mean(answers)) ** 2 for x in answers])
    variance = mean([(y - mean(jackknife)) ** 2 for y in jackknife])
    if spread * variance < 1e-24:
        return 0, math.sqrt(min(spread * 6, 1))
    product = mean([(x - mean(answers)) * (y - mean(jackknife)) for x, y in zip(answers, jackknife, strict=True)])
    return round(product / math.sqrt(spread * variance), 9), math.sqrt(min(spread * 6, 1))


def error_of_item(forms, role, item, per_item):
    """The jackknife's standard error of one item alone; a respondent without whom nothing is left counts as 0."""
    numbers = respondents(forms, role, [item])
    n = len(numbers)
    left_out = [per_item([form for at, form in enumerate(forms) if at != number], item) or 0 for number in numbers]
    if n < 2:
        return 0
    centre = sum(left_out) / n
    return math.sqrt((n - 1) / n * sum((value - centre) ** 2 for value in left_out))


def interval(share, error, n, m, team_size=None):
    """Ends after adding one and a half colleagues, half of whom are at 0 and half at 1."""
    if share is None or n < 1:
        return None, None
    absent = 1 if team_size is None or team_size < n else 1 - n / team_size
    middle = (n * share + 0.75) / (n + 1.5)
    per_colleague = (1 + 0.3 * (m - 1)) / m
    squares = n * (n - 1) * error + n * (share - middle) ** 2
    squares += 0.75 * per_colleague * middle**2 + 0.75 * per_colleague * (1 - middle) ** 2
    t = stats.t.ppf(0.975, n + 0.5 + (6 if n < 13 else 0))
    half = t * math.sqrt(squares / (n + 0.5) * absent / (n + 1.5 * absent))
    centre = share + absent * (middle - share)
    return max(min(centre - half, share), 0), min(max(centre + half, share), 1)


def expected(schools, a, b, item):
    """D_e of an item: mean distance between answers of a in one school and of b in another."""
    pairs = [(answers(f, a, item), answers(f, b, item)) for f in schools]
    pairs = [(x, y) for x, y in pairs if x and y]
    apart = [
        sum(abs(x - y) for x in xs for y in ys) / (len(xs) * len(ys))
        for u, (xs, _) in enumerate(pairs)
        for v, (_, ys) in enumerate(pairs)
        if u != v
    ]
    return mean(apart)
