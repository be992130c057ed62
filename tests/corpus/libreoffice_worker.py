"""Work in forms with a real LibreOffice and save them. Run by a Python that has `uno`; the jobs come as JSON on stdin."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main(soffice: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
    from fill_in_office import connect

    with tempfile.TemporaryDirectory() as profile:
        pipe = f"handvat{Path(profile).name}"
        user = f"-env:UserInstallation={Path(profile).as_uri()}"
        office = subprocess.Popen([soffice, user, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"])
        try:
            desktop = connect(pipe)
            for job in json.load(sys.stdin):
                work(desktop, job)
        finally:
            office.terminate()
            office.wait(60)


def work(desktop, job: dict) -> None:
    from fill_in_office import option

    document = desktop.loadComponentFromURL(Path(job["form"]).as_uri(), "_blank", 0, (option("Hidden", True),))
    sheet = document.Sheets.getByIndex(0)
    sheet.unprotect("")
    for name, *arguments in job.get("do", []):
        STEPS[name](sheet, *arguments)
    for cell, text in job.get("cells", {}).items():
        sheet.getCellRangeByName(cell).String = text
    for cell, number in job.get("numbers", {}).items():
        sheet.getCellRangeByName(cell).Value = number
    for cell, formula in job.get("formulas", {}).items():
        at = sheet.getCellRangeByName(cell)
        at.NumberFormat = 0  # a cell in text format keeps a formula as text
        at.setFormula(formula)
    settings = [option("FilterName", job["filter"])]
    if job.get("password") and "Excel 2007" in job["filter"]:
        settings.append(option("EncryptionData", encryption(job["password"])))
    elif job.get("password"):
        settings.append(option("Password", job["password"]))
    document.storeToURL(Path(job["out"]).as_uri(), tuple(settings))
    document.close(True)


def encryption(password: str):
    """What LibreOffice's own window gives its Excel filter: without the kind of encryption nothing is saved."""
    import uno
    from com.sun.star.beans import NamedValue

    facts = []
    for name, value in (("CryptoType", "Standard"), ("OOXPassword", password)):
        fact = NamedValue()
        fact.Name, fact.Value = name, value
        facts.append(fact)
    return uno.Any("[]com.sun.star.beans.NamedValue", tuple(facts))


def insert_rows(sheet, row: int, count: int) -> None:
    sheet.Rows.insertByIndex(row - 1, count)


def insert_columns(sheet, column: int, count: int) -> None:
    sheet.Columns.insertByIndex(column - 1, count)


def rename(sheet, name: str) -> None:
    sheet.Name = name


def move_row(sheet, row: int, to: int) -> None:
    area = sheet.getCellRangeByName(f"A{row}:D{row}")
    sheet.moveRange(sheet.getCellRangeByName(f"A{to}").CellAddress, area.RangeAddress)


def move_cell(sheet, cell: str, to: str) -> None:
    area = sheet.getCellRangeByName(cell)
    sheet.moveRange(sheet.getCellRangeByName(to).CellAddress, area.RangeAddress)


def copy_row(sheet, row: int, to: int) -> None:
    area = sheet.getCellRangeByName(f"A{row}:D{row}")
    sheet.copyRange(sheet.getCellRangeByName(f"A{to}").CellAddress, area.RangeAddress)


STEPS = {
    "insert_rows": insert_rows, "insert_columns": insert_columns, "rename": rename, "move_row": move_row,
    "copy_row": copy_row, "move_cell": move_cell,
}  # fmt: skip

if __name__ == "__main__":
    main(*sys.argv[1:])
