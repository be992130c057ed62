"""Workbooks of other programs give the cells that these show, or are refused; never a part of them."""

import pytest

from tests.corpus.binary_builders import rows_of_form, xls
from tests.corpus.workbooks import SMALL, small_failures
from toolkit.core.errors import ProblemCode, RefusedError
from toolkit.spreadsheets.reader import read_workbook


@pytest.mark.parametrize("workbook", SMALL, ids=lambda workbook: workbook.id)
def test_a_workbook_gives_the_cells_that_its_program_shows(workbook):
    assert small_failures(workbook) == []


def test_every_kind_has_siblings_and_none_is_there_twice():
    kinds = [workbook.kind for workbook in SMALL]
    assert len({workbook.id for workbook in SMALL}) == len(SMALL)
    assert {kind for kind in kinds if kinds.count(kind) < 3} == set()


def test_an_old_workbook_that_was_cut_off_is_refused_wherever_it_was_cut():
    data = xls()
    complete = rows_of_form(data)
    refused = 0
    for length in range(0, len(data), 512):
        try:
            assert rows_of_form(data[:length]) == complete, length
        except RefusedError:
            refused += 1
    assert refused > len(data) // 512 * 0.9


@pytest.mark.parametrize("names", [("\x06Primary",), ("EncryptionInfo", "DRMEncryptedTransform"), ("\tDRMContent",)])
def test_a_label_with_rights_is_not_called_a_password(names):
    from tests.corpus.binary_builders import ole

    with pytest.raises(RefusedError) as refused:
        read_workbook(ole({"EncryptedPackage": b"y" * 9_000} | dict.fromkeys(names, b"x")))
    assert refused.value.problem.code == ProblemCode.RIGHTS_MANAGED
