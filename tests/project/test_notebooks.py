"""The notebooks: saved with outputs that nbval really compares, in short cells, and nothing that does not belong."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.io import capture_output
from papermill import execute_notebook
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

import toolkit as tk
from toolkit.core.errors import ToolkitError
from tools.run_notebooks import PLOTLY, canonical, notebooks

ROOT = Path(__file__).parents[2]
ALL = notebooks()
NUMBERED = [path.stem for path in ALL if path.stem[0].isdigit()]


def read_notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]


for_every_notebook = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)


def test_the_notebooks_are_there():
    names = {path.stem for path in ALL}
    assert {"00_start", "01_formulieren", "02_inlezen", "03_school", "04_overeenstemming"} <= names
    assert {"05_volgende_stap", "dashboard_school"} <= names


@for_every_notebook
def test_every_code_cell_is_saved_as_run(path):
    """nbval skips a cell without a count: a stripped notebook would pass having checked nothing."""
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    assert any(cell.outputs for cell in cells)
    assert not any(output.output_type in ("error", "stream") and output.get("name") == "stderr"
                   for cell in cells for output in cell.outputs)  # fmt: skip


@for_every_notebook
def test_what_is_saved_is_canonical(path):
    notebook = read_notebook(path)
    assert canonical(copy.deepcopy(notebook)) == notebook
    assert "widgets" not in notebook.metadata
    assert "image/png" not in path.read_text(encoding="utf-8")
    assert path.stat().st_size < 200_000


@for_every_notebook
def test_a_notebook_opens_with_what_for_whom_and_its_cells_are_calls(path):
    notebook = read_notebook(path)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    for cell in code_cells(path):
        assert len(cell.source.splitlines()) <= 8, cell.source
        assert not re.search(r"\b(def|for|while|lambda|import (?!toolkit)|pd\.)\b", cell.source), cell.source
        assert not re.search(r"NBVAL|skip", cell.source + str(cell.metadata))
    if path.stem.startswith("dashboard"):
        assert len(code_cells(path)) == 1
    else:
        assert code_cells(path)[0].metadata.get("tags") == ["parameters"]


@for_every_notebook
def test_no_figure_can_upload_and_no_machine_path_is_saved(path):
    text = path.read_text(encoding="utf-8")
    for cell in code_cells(path):
        for output in cell.outputs:
            figure = output.get("data", {}).get(PLOTLY)
            if figure:
                assert figure["config"]["showSendToCloud"] is False
                assert figure["config"]["plotlyServerURL"] == ""
    assert not re.search(r"(?<![A-Za-z])(/home|/Users|/root|/tmp|C:\\\\Users\\\\(?!u\\\\))", text)


def rewritten(value: object) -> object:
    """The same output with its first number rewritten."""
    text = value if isinstance(value, str) else json.dumps(value)
    changed, times = re.subn(r"(?<![\w.#])(\d+)(?![\w.]*\")", lambda match: str(int(match[1]) + 1), text, count=1)
    assert times == 1
    return changed if isinstance(value, str) else json.loads(changed)


def one_number_rewritten_in_every_output(notebook: nbformat.NotebookNode) -> list[int]:
    """Rewrite a number in each saved text, table and figure; returns the indexes of the code cells that changed."""
    changed = []
    for index, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        for output in cell.outputs:
            if output.output_type == "stream":
                if not re.search(r"\d", output["text"]):
                    continue
                output["text"] = rewritten(output["text"])
                changed.append(index)
            elif PLOTLY in output.data:
                traces = output.data[PLOTLY]["data"]
                numbers = next(t[key] for t in traces for key in ("r", "x") if t.get(key) and None not in t[key])
                numbers[0] = numbers[0] + 1
                changed.append(index)
            elif "text/html" in output.data:
                output.data["text/html"] = rewritten_in_table(output.data["text/html"])
                changed.append(index)
    return changed


def rewritten_in_table(html: str) -> str:
    for pattern in (r"(<td[^>]*>[^<]*?)(\d)", r"(>[^<]*?)(\d)"):  # a table of words alone has its number in its heading
        changed, times = re.subn(pattern, lambda m: m[1] + str((int(m[2]) + 1) % 10), html, count=1)
        if times:
            return changed
    raise AssertionError("a table without any number")


@pytest.fixture(scope="module")
def own_data(tmp_path_factory, soffice):
    """Forms of three schools in two years as somebody has them: `.xlsx`, an `.ods` and an `.xls`; and a register."""
    folder = tmp_path_factory.mktemp("eigen") / "terug gekregen"
    tk.samples.write_folder(folder, schools=3, seed=7)
    for suffix, form in zip(("ods", "xls"), sorted(folder.rglob("*.xlsx")), strict=False):
        profile = f"-env:UserInstallation=file://{tmp_path_factory.mktemp('lo')}"
        convert = [soffice, profile, "--headless", "--convert-to", suffix, "--outdir", str(form.parent), str(form)]
        subprocess.run(convert, check=True, capture_output=True, timeout=120)
        form.unlink()
    register = folder.parent / "register.csv"
    lines = [f"{school};{sector}" for school, sector in zip(("99AA00", "99AB00", "99AC00"), "pvp", strict=True)]
    register.write_text("\n".join(["school;soort", *lines]), encoding="utf-8")
    return folder, register


def run_cells(name: str, monkeypatch, **parameters: object) -> tuple[str, Exception | None]:
    """Run a notebook as papermill does, in this process; returns what it printed and what stopped it."""
    monkeypatch.chdir(ROOT / "notebooks")
    notebook = parameterize_notebook(load_notebook_node(str(ROOT / "notebooks" / f"{name}.ipynb")), parameters)
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
                result = shell.run_cell(cell.source)
                if not result.success:
                    return captured.stdout, result.error_in_exec or result.error_before_exec
        return captured.stdout, None
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", [name for name in NUMBERED if name[:2] != "03"])
def test_every_notebook_runs_on_own_data_with_only_its_paths_changed(name, own_data, tmp_path, monkeypatch):
    folder, register = own_data
    paths = {"06": {"folder": str(folder), "register": str(register)}, "07": {"folder": str(folder)}}
    paths |= {"01": {"out": str(tmp_path)}, "00": {"folder": str(folder)}, "04": {"folder": str(folder)}}
    _, error = run_cells(name, monkeypatch, **paths.get(name[:2], {"folder": str(folder), "out": str(tmp_path)}))
    assert error is None


def test_a_notebook_run_for_each_school_leaves_a_report_of_each(own_data, tmp_path, monkeypatch):
    for school in ("99AA00", "99AB00"):
        assert run_cells("03_school", monkeypatch, folder=str(own_data[0]), school=school, out=str(tmp_path))[1] is None
    reports = sorted(path.name for path in tmp_path.glob("*rapport.html"))
    assert reports == ["99AA00-2025-2026-rapport.html", "99AB00-2025-2026-rapport.html"]


@pytest.mark.parametrize("name", [name for name in NUMBERED if name[:2] != "01"])
def test_an_empty_folder_stops_a_notebook_with_one_sentence(name, tmp_path, monkeypatch):
    printed, error = run_cells(name, monkeypatch, folder=str(tmp_path))
    assert isinstance(error, ToolkitError)
    assert "formulier" in str(error)
    assert "Traceback" not in printed


def test_papermill_itself_runs_a_notebook_with_another_folder(own_data, tmp_path):
    path, target = ROOT / "notebooks" / "03_school.ipynb", tmp_path / "made.ipynb"
    parameters = {"folder": str(own_data[0]), "out": str(tmp_path), "school": "99ab00"}
    execute_notebook(path, target, parameters, cwd=path.parent, progress_bar=False, kernel_name="python3")
    assert (tmp_path / "99AB00-2025-2026-rapport.html").is_file()
    assert "Uit de map terug gekregen, gelezen op" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["00_start", "03_school", "04_overeenstemming", "02_inlezen"])
def test_a_rewritten_number_in_any_table_or_figure_is_noticed(name, tmp_path):
    notebook = read_notebook(ROOT / "notebooks" / f"{name}.ipynb")
    notebook.cells = [c for c in notebook.cells if c.cell_type == "code" and "Explorer" not in c.source]
    cells = one_number_rewritten_in_every_output(notebook)
    assert len(cells) >= 3
    folder = ROOT / "data"
    notebook.cells[0].source = notebook.cells[0].source.replace("../data", str(folder))
    nbformat.write(notebook, tmp_path / "rewritten.ipynb")
    options = ["--nbval", "--nbval-current-env", f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval.cfg'}"]
    command = [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider", "-c", "/dev/null", *options]
    run = subprocess.run([*command, "rewritten.ipynb"], cwd=tmp_path, capture_output=True, text=True, check=False)
    failed = {int(number) for number in re.findall(r"FAILED .*::Cell (\d+)", run.stdout)}
    assert failed == set(cells), run.stdout[-2000:]
