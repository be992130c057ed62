"""Fill in a form with a real LibreOffice, as a respondent does, and save it.

Usage: fill_in_office.py SOFFICE FORM OUT CELLS-AS-JSON, with a Python that has `uno` (Debian: python3-uno). Prints the
form's own count of what is filled in, as LibreOffice calculated it.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXCEL = "Calc MS Excel 2007 XML"


def main(soffice: str, form: str, out: str, cells: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        pipe = f"handvat{Path(profile).name}"
        user = f"-env:UserInstallation={Path(profile).as_uri()}"
        office = subprocess.Popen([soffice, user, "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"])
        try:
            fill(connect(pipe), form, out, json.loads(cells))
        finally:
            office.terminate()
            office.wait(60)


def connect(pipe: str):
    """The running office's desktop; it takes some seconds before it answers."""
    import uno
    from com.sun.star.connection import NoConnectException

    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(240):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice does not answer")


def fill(desktop, form: str, out: str, cells: dict[str, str]) -> None:
    document = desktop.loadComponentFromURL(Path(form).as_uri(), "_blank", 0, (option("Hidden", True),))
    sheet = document.Sheets.getByIndex(0)
    for cell, text in cells.items():
        sheet.getCellRangeByName(cell).String = text
    print(sheet.getCellRangeByName("D1").String)
    document.storeToURL(Path(out).as_uri(), (option("FilterName", EXCEL),))
    document.close(True)


def option(name: str, value: object):
    from com.sun.star.beans import PropertyValue

    prop = PropertyValue()
    prop.Name, prop.Value = name, value
    return prop


if __name__ == "__main__":
    main(*sys.argv[1:])
