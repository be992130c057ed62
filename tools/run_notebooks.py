"""Run all notebooks and write them back canonically: the same content gives the same bytes, so a diff means something.

`make notebooks` calls this. What is saved is what nbval compares with a fresh run: no times, no widget state, fixed
counts and ids, no picture beside a figure's own data.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PLOTLY, WIDGET = "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"
MOMENT = "1767261600"
"""When the notebooks say they were run: 1 January 2026, 10:00."""
NOTICE = "(Interactief onderdeel: voer dit notebook uit om het te zien.)"


def notebooks() -> list[Path]:
    """Every notebook there is: none is listed by hand."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def run(path: Path) -> nbformat.NotebookNode:
    """Run a notebook in its own folder and return it in canonical form."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", record_timing=False, resources=resources)
    client.store_widget_state = False
    client.execute()
    return canonical(notebook)


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave only what a reader or a test needs."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    code = 0
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cel-{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if cell.cell_type == "code":
            code += 1
            cell.execution_count = code
            for output in cell.outputs:
                _canonical_output(output, code)
    return notebook


def _canonical_output(output: nbformat.NotebookNode, count: int) -> None:
    if "execution_count" in output:
        output["execution_count"] = count
    data = output.get("data", {})
    if PLOTLY in data:
        data.pop("image/png", None)
    if WIDGET in data:
        data[WIDGET] = {"model_id": "0" * 32, "version_major": 2, "version_minor": 0}
        data["text/plain"] = NOTICE


def main() -> int:
    """Run and write every notebook, or those named."""
    os.environ["SOURCE_DATE_EPOCH"] = MOMENT
    named = [Path(name) for name in sys.argv[1:]]
    for path in named or notebooks():
        nbformat.write(run(path), path)
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
