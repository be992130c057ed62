"""Every returned form of the corpus is read right or refused in words; none is silently wrong."""

import json
import subprocess
import sys

import pytest

from tests.corpus.all_cases import CASES
from tests.corpus.check import failures, read_failures
from tests.corpus.hostile import HOSTILE
from tests.corpus.office import JOBS, make_gnumeric_cases, make_office_cases
from tests.support.requirements import program


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_returned_form_comes_out_as_written(case, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    assert failures(case, folder) == []


READ_AND_TELL = """
import json, re, sys, toolkit as tk
files = tk.read_folder(sys.argv[1], progress=False, cache=False).files
most = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())  # what getrusage says has the parent's in it
print(json.dumps([len(files), int(most[1]) / 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere memory is told in another way")
def test_one_process_reads_all_hostile_files_in_little_memory(tmp_path):
    for number, (make, file, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}-{file}").write_bytes(make())
    command = [sys.executable, "-c", READ_AND_TELL, str(tmp_path)]
    files, megabytes = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)
    assert files == len(HOSTILE)
    assert megabytes <= 300


def test_the_corpus_is_large_and_no_case_stands_there_twice():
    assert len(CASES) + len(JOBS) >= 120
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.office
def test_what_libreoffice_saves_comes_out_as_written(tmp_path, soffice, uno_python):
    made = make_office_cases(soffice, uno_python, tmp_path / "office")
    assert {case.id: found for case, folder in made if (found := read_failures(case, folder))} == {}
    assert len(made) == len(JOBS)


@pytest.mark.office
def test_what_gnumeric_saves_comes_out_as_written(tmp_path):
    made = make_gnumeric_cases(program("ssconvert"), tmp_path / "gnumeric")
    assert {case.id: found for case, folder in made if (found := read_failures(case, folder))} == {}
