"""What every chart promises, and what each of them draws."""

import json
import math
import re

import pytest

import toolkit as tk
from tests.support.forms import PLACE, same_everywhere, table
from toolkit.charts import CHARTS, svg
from toolkit.charts.figure import LEGEND_WIDTH, PLOTLY, config
from toolkit.core.errors import SelectionError, ToolkitError
from toolkit.core.i18n import LANGUAGES

CHECKLIST = tk.load_instrument()
MEASURE = {
    "radar": tk.levels,
    "dot_plot": tk.levels,
    "dumbbell": tk.levels,
    "distribution": tk.item_table,
    "answers": tk.item_table,
    "heatmap": tk.item_table,
    "trend": tk.levels,
    "small_multiples": tk.levels,
    "split": tk.agreement,
}


def draw(chart: str, responses, **options):
    return CHARTS[chart](MEASURE[chart](tk.protect(responses, CHECKLIST), CHECKLIST), **options)


def lines(picture) -> list:
    """The traces of roles: not their bands, not the words on the scale."""
    return [trace for trace in picture.data if trace.mode == "lines+markers"]


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_a_sentence_a_table_and_one_style(name, language, example):
    picture = draw(name, example.intake.responses, school="99AA00", language=language)
    assert picture.sentence.endswith(".")
    assert len(picture.table) >= 3
    assert not picture.table.isna().any(axis=None)
    assert picture.layout.font.size == 15
    bundle = picture.to_bundle()
    assert bundle["text/plain"].startswith(picture.sentence)
    assert "config" in bundle[PLOTLY]
    checked = tk.charts.Picture(json.loads(picture.to_json()))  # plotly refuses what it does not know
    assert checked.sentence == picture.sentence
    assert json.loads(checked.to_json()) == json.loads(picture.to_json())


@pytest.mark.parametrize("name", CHARTS)
def test_no_chart_offers_to_upload_or_asks_anything_of_another_host(name, language, example):
    figure = draw(name, example.intake.responses, school="99AA00", language=language).to_bundle()[PLOTLY]
    assert figure["config"]["showSendToCloud"] is False
    assert figure["config"]["plotlyServerURL"] == ""
    assert figure["config"]["modeBarButtons"] == [["toImage"]]
    assert "http" not in json.dumps(figure)
    assert config("nl")["locales"]["nl"]["format"]["decimal"] == ","


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_takes_the_first_school_and_last_wave_or_says_what_there_is(name, example):
    assert "2025-2026" in draw(name, example.intake.responses).layout.title.subtitle.text
    with pytest.raises(SelectionError, match="99AC00"):
        draw(name, example.intake.responses, school="00XX00")
    with pytest.raises(SelectionError, match="2024-2025"):
        draw(name, example.intake.responses, school="99AA00", wave="1999-2000")


@pytest.mark.parametrize("name", CHARTS)
def test_a_name_can_not_smuggle_in_markup(name, example):
    title = '<a href="javascript:x">school</a>'
    assert "<a" not in draw(name, example.intake.responses, school="99AA00", name=title).to_json()


def test_the_radar_draws_the_levels_on_a_fixed_pentagon(example):
    levels = tk.levels(example.safe, CHECKLIST)
    picture = tk.charts.radar(levels, "99AA00")
    mine = levels[(levels["school"] == "99AA00") & (levels["wave"] == "2025-2026")]
    for trace, role in zip(lines(picture), CHECKLIST.role_ids, strict=True):
        expected = mine[mine["role"] == role]["level"].round(1).tolist()
        assert list(trace.r) == [*expected, expected[0]], "closed: the first point again at the end"
        assert trace.name.endswith(f"(n = {mine[mine['role'] == role]['n'].max()})")
    assert picture.layout.polar.radialaxis.range[0] == 0
    assert picture.layout.polar.radialaxis.tickvals[-1] == 100, "the outer line is 100"
    assert picture.layout.polar.radialaxis.range[1] > 100, "a line along the rim is drawn in its full width"
    assert (picture.layout.polar.gridshape, picture.layout.polar.angularaxis.type) == ("linear", "category")
    assert picture.layout.polar.angularaxis.direction == "clockwise"


@pytest.mark.parametrize("answer", [0, 1, 2])
def test_no_mark_covers_a_word_of_the_scale(answer):
    picture = draw("radar", table(same_everywhere("director", answer)))
    words = {note.text: (note.xshift, note.yshift) for note in picture.layout.annotations if note.name == "scale"}
    assert list(words) == ["Nee", "Beetje", "Ja"]
    spokes = [(math.sin(angle), math.cos(angle)) for angle in (2 * math.pi * step / 5 for step in range(5))]
    reach = 334 / 2 / picture.layout.polar.radialaxis.range[1]
    marks = [(reach * level * x, reach * level * y) for x, y in spokes for level in range(101)]
    radius = lines(picture)[0].marker.size / 2
    assert min(math.dist(word, mark) for word in words.values() for mark in marks) > radius
    assert min(lines(picture)[0].r) > 0, "plotly draws no mark at the exact centre"
    drawing = svg.draw(picture)
    assert drawing.rindex("<circle") < min(drawing.index(f">{word}<") for word in words), "words are above marks"


def test_roles_differ_in_colour_and_dash_and_marker(example):
    traces = lines(draw("radar", example.intake.responses, school="99AA00"))
    for looks in ([t.line.color for t in traces], [t.line.dash for t in traces], [t.marker.symbol for t in traces]):
        assert len(set(looks)) == 3


def test_what_may_not_be_shown_is_a_note_and_never_a_zero():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 0, 3))
    for name in ("radar", "dumbbell"):
        picture = draw(name, forms)
        drawn = [trace.name for trace in picture.data if trace.name]
        assert drawn == ["Directie (n = 1)"]
        assert any("Leraren: niet getoond" in note for note in picture.notes)
        values = [value for trace in picture.data if trace.name for value in (trace.r if name == "radar" else trace.x)]
        assert set(values) == {100}
    picture = draw("distribution", forms)
    assert all(value is None for trace in picture.data for value in trace.x)
    assert "n =" not in picture.to_json()


def test_a_step_without_a_level_is_a_gap_in_the_line():
    forms = table(same_everywhere("director", 2)).assign(**{f"3.{n}": None for n in range(1, 9)})
    (trace,) = draw("radar", forms).data
    assert list(trace.r) == [100, 100, None, 100, 100, 100]
    assert draw("radar", forms).table.iloc[2, 1] == "te weinig uitspraken beantwoord"


def test_a_role_that_is_part_of_the_team_is_drawn_as_the_team():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 1, 4), same_everywhere("care", 1, 2))
    levels = tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST)
    picture = tk.charts.radar(levels, roles=["teacher"])
    assert [trace.name for trace in lines(picture)] == ["Leraren en zorgprofessionals (n = 6)"]
    assert picture.notes == []
    assert "leraren en zorgprofessionals" in tk.charts.dumbbell(levels).sentence


def test_the_band_is_the_interval_of_the_teachers_and_of_nobody_else(example):
    levels = tk.levels(example.safe, CHECKLIST)
    picture = tk.charts.radar(levels, "99AA00")
    (band,) = [trace for trace in picture.data if trace.fill == "tonext"]
    assert band.name == "marge leraren"
    mine = levels[(levels["school"] == "99AA00") & (levels["wave"] == "2025-2026") & (levels["role"] == "teacher")]
    assert list(band.r)[:5] == mine["level_low"].round(1).tolist()
    assert not any(trace.fill for trace in tk.charts.radar(levels, "99AA00", roles=["director", "care"]).data)


def test_the_radar_sentence_names_the_highest_and_lowest_steps():
    forms = table(same_everywhere("director", 2)).assign(**{item: 0 for item in CHECKLIST.item_ids if item[0] == "5"})
    assert draw("radar", forms).sentence == (
        "De directie is het meest positief over stap 1 (Thuisomgeving kennen), 2 (Organisatie op orde), "
        "3 (Wederkerige relatie) en 4 (Pedagogische samenwerking), met 100 van 100, "
        "en het minst over stap 5 (Ouders in risicosituaties), met 0."
    )
    assert "staan alle 5 stappen op 50 van 100" in draw("radar", table(same_everywhere("director", 1))).sentence


def test_the_dumbbell_names_the_largest_difference():
    teachers = same_everywhere("teacher", 2, 5)
    for form in teachers:
        form |= {item: 0 for item in CHECKLIST.item_ids if item.startswith("2.")}
    picture = draw("dumbbell", table(same_everywhere("director", 2), teachers))
    assert picture.sentence == (
        "Bij stap 2 (Organisatie op orde) lopen de directie en de leraren het verst uiteen. "
        "De directie staat 100 punten hoger."
    )
    assert picture.table.iloc[:, 3].tolist() == ["0", "100", "0", "0", "0"]
    equal = draw("dumbbell", table(same_everywhere("director", 2), same_everywhere("teacher", 2, 5)))
    assert "even hoog" in equal.sentence


def test_the_bars_are_counts_of_respondents_that_fill_each_bar(example):
    items = tk.item_table(example.safe, CHECKLIST)
    picture = tk.charts.distribution(items, "99AC00", step=4)
    assert [trace.name for trace in picture.data] == ["Ja", "Beetje", "Nee"]
    mine = items[(items["school"] == "99AC00") & (items["wave"] == "2025-2026") & (items["role"] == "teacher")]
    mine = mine[mine["step"] == 4]
    for trace, column in zip(picture.data, ["yes", "partly", "no"], strict=True):
        assert [c for c, _ in trace.customdata] == [str(count) for count in mine[column]]
    for shares in zip(*(trace.x for trace in picture.data), strict=True):
        assert sum(shares) == pytest.approx(100, abs=0.2)


def test_the_bars_name_every_item_at_the_top_and_how_many_stand_below():
    answers = dict(zip(CHECKLIST.item_ids, [2, 2, *[0] * 31], strict=True))
    forms = [{**PLACE, "role": "teacher", **answers} for _ in range(5)]
    sentence = draw("distribution", table(forms), step=2).sentence
    assert sentence == "De leraren zeggen nergens Ja, gekeken naar alle 7 uitspraken."
    sentence = draw("distribution", table(forms), step=1).sentence
    assert "Ja bij 1.1 Beeld van de leerlingen en 1.2 Achtergrond nagaan (5 van 5)" in sentence
    assert "het minst vaak bij 1.3 Kennis benutten (0 van 5)" in sentence
    forms[0]["2.3"] = 2
    assert "het minst vaak bij 6 uitspraken (0 van 5)" in draw("distribution", table(forms), step=2).sentence


def test_a_long_name_in_the_legend_fits_a_phone():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 1, 3), same_everywhere("care", 0, 3))
    for chart in ("radar", "dumbbell"):
        names = [trace.name for trace in draw(chart, forms).data if trace.name]
        assert "marge leraren en zorgprofessionals" in names
        assert max(len(line) for name in names for line in name.split("<br>")) <= LEGEND_WIDTH


@pytest.mark.parametrize("chart", ["dumbbell", "split"])
def test_no_line_of_the_scale_runs_through_the_name_of_a_step(chart, example):
    picture = draw(chart, example.intake.responses, school="99AA00")
    names = [note for note in picture.layout.annotations if note.text.startswith("<b>") and note.xanchor == "left"]
    assert len(names) == 5
    assert {note.bgcolor for note in names} == {"white"}


def test_an_item_with_too_few_answers_has_no_bar_and_is_named():
    teachers = same_everywhere("teacher", 2, 5)
    teachers[0]["2.3"] = None
    picture = draw("distribution", table(teachers), step=2)
    assert [trace.x[2] for trace in picture.data] == [None, None, None]
    assert picture.notes == ["2.3: niet getoond, te weinig mensen gaven hier antwoord."]
    assert picture.table.iloc[2].tolist()[1:] == ["", "", "", ""]


def test_the_difference_in_the_dumbbell_is_the_distance_that_is_drawn(example):
    gaps = tk.agreement(example.safe, CHECKLIST)
    picture = tk.charts.dumbbell(tk.levels(example.safe, CHECKLIST), "99AA00", gaps=gaps)
    mine = gaps[(gaps["school"] == "99AA00") & (gaps["wave"] == "2025-2026")]["gap"]
    expected = [f"{abs(gap):.0f}" for gap in mine]
    assert picture.table["Verschil op dezelfde uitspraken"].tolist() == expected
    labels = [a.text for a in picture.layout.annotations if "punt" in a.text and a.x == 1]
    a, b = (trace.x for trace in picture.data if trace.mode == "markers")
    drawn = [f"{abs(round(x) - round(y))}" for x, y in zip(a, b, strict=True)]
    assert [text.split("</b>")[0].removeprefix("<b>") for text in labels] == drawn
    assert picture.table["Verschil in punten"].tolist() == drawn
    assert "44 punten" in picture.sentence
    note = "Geteld over wat beide groepen invulden, is het verschil 0 punten."
    assert picture.notes == [f"Stap 4: niet iedereen antwoordde op elke uitspraak. {note}"], "20 beside 19 is rounding"


def test_the_band_of_the_dumbbell_is_the_interval_of_the_teachers(example):
    levels = tk.levels(example.safe, CHECKLIST)
    picture = tk.charts.dumbbell(levels, "99AA00")
    (band,) = [trace for trace in picture.data if trace.name == "marge leraren"]
    mine = levels[(levels["school"] == "99AA00") & (levels["wave"] == "2025-2026") & (levels["role"] == "teacher")]
    assert list(band.x)[::3] == mine["level_low"].round(1).tolist()
    assert list(band.x)[1::3] == mine["level_high"].round(1).tolist()


def test_a_cell_without_a_level_is_hatched_and_its_reason_stands_in_the_table():
    teachers = same_everywhere("teacher", 2, 5)
    teachers[0]["2.3"] = None
    picture = draw("heatmap", table(same_everywhere("director", 2), teachers))
    (_, cells) = picture.data
    holes = [item for item, shape in zip(CHECKLIST.item_ids, cells.marker.pattern.shape, strict=True) if shape == "/"]
    assert holes == ["2.3"]
    assert [text for text in cells.text if text != "100"] == ["–"]
    row = picture.table.iloc[CHECKLIST.item_ids.index("2.3")].tolist()
    assert row[3:] == ["niet getoond, te weinig mensen gaven hier antwoord", ""]


def test_one_step_of_the_heatmap_has_only_its_items(example):
    picture = tk.charts.heatmap(tk.item_table(example.safe, CHECKLIST), "99AA00", step=1)
    assert [row.split()[0] for row in picture.table.iloc[:, 0]] == ["1.1", "1.2", "1.3"]


def test_the_trend_draws_every_wave_and_names_what_moved_most(example):
    levels = tk.levels(example.safe, CHECKLIST)
    picture = tk.charts.trend(levels, "99AA00", roles=["teacher"])
    mine = levels[(levels["school"] == "99AA00") & (levels["role"] == "teacher")]
    for trace, (_, rows) in zip(picture.data, mine.groupby("step"), strict=True):
        assert list(trace.y) == rows["level"].round(1).tolist()
        assert list(trace.error_y.array) == (rows["level_high"] - rows["level"]).round(1).tolist()
    levels_by_wave = mine.pivot(index="step", columns="wave", values="level")
    changes = (levels_by_wave["2025-2026"] - levels_by_wave["2024-2025"]).abs()
    named = re.findall(r"stap (\d) \(", picture.sentence)
    assert "de verandering van 2024-2025 naar 2025-2026 het grootst bij stap" in picture.sentence
    assert [int(step) for step in named] == changes.index[changes.eq(changes.max())].tolist()
    assert "één schooljaar" in tk.charts.trend(levels, "99AA00", "2024-2025").sentence


def test_a_wave_in_which_a_group_is_hidden_is_a_gap_with_a_note():
    three_teachers = same_everywhere("teacher", 0, 3, wave="2024-2025")
    picture = draw("trend", table(three_teachers, same_everywhere("teacher", 2, 6, wave="2025-2026")))
    assert [list(trace.y) for trace in picture.data] == [[None, 100]] * 5
    assert picture.notes[0].startswith("2024-2025 · Leraren: niet getoond")


def test_small_multiples_of_schools_stand_in_the_order_of_their_names(example):
    levels = tk.levels(example.safe, CHECKLIST)
    names = {"99AA00": "Zuid", "99AB00": "Noord", "99AC00": "Oost", "99AD01": "Al"}
    picture = tk.charts.small_multiples(levels, by="school", names=names)
    titles = [a.text for a in picture.layout.annotations if a.text.startswith("<b>")]
    assert titles == ["<b>Al</b>", "<b>Noord</b>", "<b>Oost</b>", "<b>Zuid</b>"]
    first = next(trace for trace in picture.data if trace.name == "Directie")
    mine = levels[(levels["school"] == "99AD01") & (levels["wave"] == "2025-2026") & (levels["role"] == "director")]
    assert list(first.r)[:5] == mine["level"].round(1).tolist()
    assert len(picture.table) == 4 * 5


@pytest.mark.parametrize(
    ("by", "panels"),
    [("wave", ["2024-2025", "2025-2026"]), ("role", ["Directie", "Leraren", "Zorgprofessionals"])],
)
def test_small_multiples_of_one_school_are_its_moments_or_roles(by, panels, example):
    picture = tk.charts.small_multiples(tk.levels(example.safe, CHECKLIST), "99AA00", by=by)
    assert list(dict.fromkeys(picture.table.iloc[:, 0])) == panels
    legend = [trace.name for trace in picture.data if trace.showlegend]
    assert len(legend) == len(set(legend))
    with pytest.raises(ToolkitError, match="wave, role, school"):
        tk.charts.small_multiples(tk.levels(example.safe, CHECKLIST), "99AA00", by="level")


@pytest.mark.parametrize("name", CHARTS)
def test_what_a_hidden_group_answered_makes_no_difference_to_any_figure(name):
    director = same_everywhere("director", 1)
    drawing_of_no, drawing_of_yes = (
        draw(name, table(director, same_everywhere("care", answer, 3))).to_json() for answer in (0, 2)
    )
    assert drawing_of_no == drawing_of_yes


@pytest.mark.parametrize("name", CHARTS)
def test_every_level_that_is_drawn_stands_in_the_table(name, example):
    """The table is the picture in text: a reader who can't see it misses nothing."""
    picture = draw(name, example.intake.responses, school="99AA00")
    numbers_in_table = {
        number for row in picture.table.to_numpy().tolist() for text in row for number in re.findall(r"\d+", text)
    }
    for trace in picture.data:
        if trace.name and trace.type != "bar":
            levels = trace.r if trace.type == "scatterpolar" else trace.y if name == "trend" else trace.x
            for level in levels:  # drawn to one decimal, told in whole points
                assert level is None or any(abs(level - int(number)) <= 0.55 for number in numbers_in_table), level
        elif trace.type == "bar":
            assert {text.removesuffix("%") for text in trace.text if text not in ("", "–")} <= numbers_in_table


def test_the_dot_plot_has_every_number_at_its_mark_and_the_earlier_wave_hollow(example):
    levels = tk.levels(example.safe, CHECKLIST)
    picture = tk.charts.dot_plot(levels, "99AA00", compare="2024-2025")
    mine = levels[(levels["school"] == "99AA00") & (levels["role"] == "teacher")].set_index(["wave", "step"])["level"]
    numbers = [re.sub(r"\D", "", a.text) for a in picture.layout.annotations if a.xref == "x" or a.xref is None]
    for step in range(1, 6):
        assert f"{mine['2025-2026', step]:.0f}" in numbers
    hollow = [trace for trace in picture.data if trace.mode == "markers" and trace.marker.color == "white"]
    assert len(hollow) == 3
    assert mine["2024-2025"].round(1).tolist() in [list(trace.x) for trace in hollow]
    assert not any(t.marker.color == "white" for t in tk.charts.dot_plot(levels, "99AA00").data if t.mode == "markers")


def test_the_arrows_of_a_dot_plot_are_the_difference_of_the_figures_shown(example):
    grown = [("2024-2025", [0, 0, 1, 1, 1, 0]), ("2025-2026", [2, 2, 2, 2, 1, 2])]
    people = [row for wave, values in grown for value in values for row in same_everywhere("teacher", value, wave=wave)]
    grown_levels, levels, seen = tk.levels(tk.protect(table(people), CHECKLIST)), tk.levels(example.safe), []
    for school_levels, school in ((grown_levels, "99AA00"), (levels, "99AA00"), (levels, "99AC00")):
        picture = tk.charts.dot_plot(school_levels, school, compare="2024-2025")
        drawn = [note.text for note in picture.layout.annotations if note.text.strip("<b>/")[:1] in "▲▼="]
        told = []
        for head in (name for name in picture.table.columns if name.endswith(": verschil")):
            role = head.split(":")[0]
            now, before = (picture.table[name].astype(int) for name in (f"{role}: niveau", f"{role} in 2024-2025"))
            for words, change in zip(picture.table[head], now - before, strict=True):
                arrow = f"{'▲' if change > 0 else '▼'}\N{NO-BREAK SPACE}{abs(change)}" if change else "="
                assert words.removesuffix(", duidelijk") == arrow
                told.append(arrow if words == arrow else f"<b>{arrow}</b>")
        assert sorted(drawn) == sorted(told)
        seen += told
    assert seen[0].startswith("<b>▲"), "six teachers who all moved have moved clearly"
    assert {arrow.lstrip("<b>")[0] for arrow in seen} == {"▲", "▼", "="}


def test_a_camera_file_is_named_after_school_year_and_picture_and_carries_its_source(example):
    picture = tk.charts.radar(tk.levels(example.safe, CHECKLIST), "99AA00", name="De Eik / <Oost>")
    settings = picture.to_bundle()[PLOTLY]["config"]["toImageButtonOptions"]
    assert settings["filename"] == "De-Eik-Oost-2025-2026-Niveau-per-stap-en-rol"
    sourced = picture.with_source("Bron: de checklist, 26 november 2026.")
    assert "Bron: de checklist, 26 november 2026." in [a.text for a in sourced.layout.annotations]
    assert sourced.layout.height > picture.layout.height
    assert sourced.sentence == picture.sentence
