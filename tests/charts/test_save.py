"""Pictures as files for an article: the size that was asked, every word in it, and the colours that were chosen."""

import io
import re
import struct
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

import toolkit as tk

MM = 72 / 25.4
"""Points in a millimetre."""


@pytest.fixture(scope="module")
def safe() -> tk.Protected:
    return tk.protect(tk.samples.responses(schools=1, seed=4))


@pytest.fixture(scope="module")
def radar(safe) -> tk.charts.Picture:
    return tk.charts.radar(tk.levels(safe))


def texts_of(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter() if text.tag.endswith("text")]


def closed(text: str) -> str:
    """Without white space: programs tell the room between words in their own ways."""
    return re.sub(r"\s", "", text.replace("\u2212", "-"))


@pytest.mark.parametrize("width", [85, 170])
@pytest.mark.parametrize("kind", ["radar", "answers", "dumbbell"])
def test_a_pdf_has_the_width_that_was_asked_and_every_word_of_the_drawing(kind, width, safe, radar, tmp_path):
    pictures = {
        "radar": radar,
        "answers": tk.charts.answers(tk.item_table(safe)),
        "dumbbell": tk.charts.dumbbell(tk.levels(safe)),
    }
    svg = pictures[kind].save(tmp_path / "p.svg", width=width).read_text(encoding="utf-8")
    data = pictures[kind].save(tmp_path / "p.pdf", width=width).read_bytes()
    (page,) = PdfReader(io.BytesIO(data), strict=True).pages
    assert float(page.mediabox.width) == pytest.approx(width * MM, abs=0.5)
    assert f'width="{width}mm"' in svg
    drawn, written = texts_of(svg), closed(page.extract_text())
    assert len(drawn) > 8
    assert [text for text in drawn if closed(text) not in written] == []
    assert PdfReader(io.BytesIO(data)).metadata.title == pictures[kind].sentence
    assert pictures[kind].save(tmp_path / "p.pdf", width=width).read_bytes() == data


def test_the_parts_of_a_subtitle_have_a_dot_between_them(safe, tmp_path):
    picture = tk.charts.answers(tk.item_table(safe))
    svg = picture.save(tmp_path / "p.svg", width=170).read_text(encoding="utf-8")
    assert re.search(r"\d{4}-\d{4}·percentages", closed("".join(texts_of(svg))))


def test_a_png_has_some_300_dots_to_the_inch(radar, tmp_path):
    data = radar.save(tmp_path / "p.png", width=85).read_bytes()
    across = struct.unpack(">I", data[16:20])[0]
    assert across == pytest.approx(85 / 25.4 * 300, rel=0.05)


def colours(svg: str) -> set[tuple[int, ...]]:
    marks = {
        tuple(int(mark[start : start + 2], 16) for start in (1, 3, 5)) for mark in re.findall(r"#[\dA-Fa-f]{6}", svg)
    }
    return marks | {tuple(map(int, mark.split(",")[:3])) for mark in re.findall(r"rgba?\(([\d.,]+)\)", svg)}


def test_for_print_every_colour_is_a_grey(safe, tmp_path):
    levels, items = tk.levels(safe), tk.item_table(safe)
    for picture in (tk.charts.radar(levels, colors="print"), tk.charts.answers(items, colors="print")):
        greys = colours(picture.save(tmp_path / "p.svg").read_text(encoding="utf-8"))
        assert {colour for colour in greys if max(colour) - min(colour) > 2} == set()
    coloured = colours(tk.charts.radar(levels).save(tmp_path / "p.svg").read_text(encoding="utf-8"))
    assert any(max(colour) - min(colour) > 100 for colour in coloured)


def test_in_a_pdf_for_print_the_margin_is_transparent_so_that_no_line_is_lost_under_it(safe, tmp_path):
    path = tk.charts.radar(tk.levels(safe), colors="print").save(tmp_path / "p.pdf")
    states = PdfReader(path).pages[0]["/Resources"]["/ExtGState"]
    assert 0.17 in [float(state.get_object()["/ca"]) for state in states.values()]


def test_every_picture_of_groups_is_grey_for_print(tmp_path):
    responses, schools = tk.samples.cohort(schools=20, waves=1)
    cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    picture = tk.charts.forest(tk.cohort_differences(cohorts), colors="print")
    drawn = picture.save(tmp_path / "p.svg").read_text(encoding="utf-8")
    assert "#D55E00" not in picture.to_json() + drawn


def test_a_drawing_has_no_colour_that_inkscape_draws_in_black(radar, tmp_path):
    drawn = radar.save(tmp_path / "p.svg").read_text(encoding="utf-8")
    assert "rgba" not in drawn
    assert 'fill="#D55E00" fill-opacity="0.17"' in drawn


def test_a_role_has_the_colour_that_was_given(safe, tmp_path):
    picture = tk.charts.radar(tk.levels(safe), colors={"teacher": "#123456"})
    assert "#123456" in picture.save(tmp_path / "p.svg").read_text(encoding="utf-8")
    assert "#D55E00" not in picture.save(tmp_path / "p.svg").read_text(encoding="utf-8")


def test_bars_of_answers_lie_around_the_middle_of_beetje(safe):
    picture = tk.charts.answers(tk.item_table(safe), step=2, roles="teacher")
    no, partly, yes = (next(bar for bar in picture.data if bar.name == name) for name in ("Nee", "Beetje", "Ja"))
    assert len(partly.x) == 7
    for bar_index in range(7):
        assert partly.base[bar_index] == pytest.approx(-partly.x[bar_index] / 2, abs=0.1)
        assert no.base[bar_index] + no.x[bar_index] == pytest.approx(partly.base[bar_index], abs=0.2)
        assert yes.base[bar_index] == pytest.approx(partly.x[bar_index] / 2, abs=0.1)
        assert no.x[bar_index] + partly.x[bar_index] + yes.x[bar_index] == pytest.approx(100, abs=0.2)
