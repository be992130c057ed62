"""Typed text: lists keep their lines and lose their bullets."""

import pytest

from toolkit.core.normalize import list_lines


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("- inloopochtend\n- kind laat zien", ["inloopochtend", "kind laat zien"]),
        ("• een\n\n  * twee   drie ", ["een", "twee drie"]),
        ("zonder streepje", ["zonder streepje"]),
        ("i.p.v. brief - bellen", ["i.p.v. brief - bellen"]),
    ],
)
def test_each_line_of_a_list_stands_alone_without_its_bullet(typed, lines):
    assert list_lines(typed) == lines
