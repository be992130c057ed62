"""Weights say how much a school counts, what that costs, and what no school stands for."""

import pandas as pd
import pytest

import toolkit as tk
from toolkit.core.errors import ToolkitError

WAVE = "2025-2026"
PRESENT = pd.DataFrame({"school": list("abcdef"), "wave": WAVE})
SCHOOLS = pd.DataFrame({"school": list("abcdef"), "sector": ["po"] * 4 + ["vo"] * 2, "province": list("UUGGUU")})
POPULATION = pd.DataFrame(
    {"sector": ["po", "po", "vo", "vo"], "province": ["U", "G", "U", "G"], "n_schools": [300, 100, 100, 100]}
)


def test_the_schools_of_a_kind_count_for_as_many_as_there_are():
    weights = tk.population_weights(PRESENT, SCHOOLS, POPULATION)
    totals = weights.table.merge(SCHOOLS).groupby(["sector", "province"])["weight"].sum()
    assert totals[("po", "U")] == pytest.approx(3 * totals[("po", "G")])
    assert totals[("po", "G")] == pytest.approx(totals[("vo", "U")])
    assert weights.table["weight"].mean() == pytest.approx(1)
    assert weights.uncovered == {WAVE: pytest.approx(100 / 600)}
    assert weights.by == ("sector", "province")


def test_a_weighted_mean_of_what_is_known_is_that_of_the_population():
    """Where all of a kind are alike, the weights give the population's mean exactly."""
    population = POPULATION[POPULATION["sector"].eq("po") | POPULATION["province"].eq("U")]
    value = {("po", "U"): 10, ("po", "G"): 40, ("vo", "U"): 70}
    table = tk.population_weights(PRESENT, SCHOOLS, population).table.merge(SCHOOLS)
    level = pd.Series([value[pair] for pair in zip(table["sector"], table["province"], strict=True)])
    assert (level * table["weight"]).mean() == pytest.approx((10 * 300 + 40 * 100 + 70 * 100) / 500)


def test_weights_cost_certainty_and_say_how_much():
    invited = PRESENT.assign(role="teacher", invited=[10, 10, 10, 10, 10, 100])
    weights = tk.size_weights(PRESENT, invited)
    assert weights.effective_schools()[WAVE] == pytest.approx(150**2 / 10_500)
    assert "6 scholen" in weights.summary()
    assert "2 scholen die even zwaar tellen" in weights.summary()
    even = tk.size_weights(PRESENT, invited.assign(invited=7))
    assert even.effective_schools()[WAVE] == pytest.approx(6)


def test_a_school_without_a_size_or_kind_has_no_weight_and_is_named():
    invited = PRESENT.assign(role="teacher", invited=[10, None, 10, 10, 10, 0])
    assert tk.size_weights(PRESENT, invited).left_out == ("b", "f")
    weights = tk.population_weights(PRESENT, SCHOOLS.iloc[:4], POPULATION)
    assert weights.left_out == ("e", "f")
    assert "2 schools" in weights.summary("en")


@pytest.mark.parametrize(
    ("population", "message"),
    [
        (POPULATION.rename(columns={"n_schools": "number"}), "n_schools"),
        (POPULATION.rename(columns={"sector": "kind"}), "kind"),
        (pd.concat([POPULATION, POPULATION]), "twee keer"),
        (POPULATION.assign(n_schools=-1), "kleiner dan 0"),
        (POPULATION.assign(province=list("WXYZ")), "geen enkele"),
    ],
)
def test_a_population_that_is_off_is_refused_in_words(population, message):
    with pytest.raises(ToolkitError, match=message):
        tk.population_weights(PRESENT, SCHOOLS, population)
