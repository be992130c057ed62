"""What a file is by its name and first bytes: read, ignored, or refused with a reason."""

from __future__ import annotations

import os
import re

from toolkit.core.errors import Problem, ProblemCode
from toolkit.spreadsheets.guard import OLE, ZIP

FORM_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls", ".xltx", ".xltm", ".ots", ".xlt", "")
"""Names of workbooks; of a file without a suffix its first bytes decide, as they do of every other."""
TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
"""Names of exports as text."""
ZIP_SUFFIX = ".zip"
SUFFIXES = (*FORM_SUFFIXES, *TABLE_SUFFIXES, ZIP_SUFFIX)
"""Endings of the files that are read."""

_PLACEHOLDERS = (".icloud", ".nextcloud", ".owncloud", ".seafile", ".cloud", ".cloudf")
_HALF_DOWNLOADED = (".crdownload", ".part", ".partial", ".download", ".opdownload")
_SYSTEM_FOLDERS = ("__MACOSX", "$RECYCLE.BIN", "#recycle", "@eaDir")
_REFUSED = {
    ProblemCode.BINARY_WORKBOOK: (".xlsb",),
    ProblemCode.NUMBERS_FILE: (".numbers",),
    ProblemCode.GOOGLE_SHORTCUT: (".gsheet", ".gdoc", ".gform", ".url", ".webloc", ".desktop", ".lnk"),
    ProblemCode.DATA_FILE: (".sav", ".parquet", ".sps", ".r", ".dta", ".rds", ".feather"),
    ProblemCode.MAIL_FILE: (".msg", ".eml", ".mht", ".mhtml", ".emlx"),
    ProblemCode.PDF_FILE: (".pdf",),
    ProblemCode.PICTURE_FILE: (
        ".jpg", ".jpeg", ".jfif", ".png", ".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".svg",
    ),
    ProblemCode.OTHER_ARCHIVE: (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"),
}  # fmt: skip
_CODE_OF_SUFFIX = {suffix: code for code, suffixes in _REFUSED.items() for suffix in suffixes}
_FIRST_BYTES = {
    b"%PDF": ProblemCode.PDF_FILE,
    b"\x89PNG": ProblemCode.PICTURE_FILE,
    b"\xff\xd8\xff": ProblemCode.PICTURE_FILE,
    b"GIF8": ProblemCode.PICTURE_FILE,
    b"RIFF": ProblemCode.PICTURE_FILE,
    b"II*\0": ProblemCode.PICTURE_FILE,
    b"MM\0*": ProblemCode.PICTURE_FILE,
    b"Rar!": ProblemCode.OTHER_ARCHIVE,
    b"7z\xbc\xaf": ProblemCode.OTHER_ARCHIVE,
}


def suffix_of(file: str) -> str:
    """A file name's lower-case suffix, without the number of a second copy: `.xlsx (1)`."""
    suffix = os.path.splitext(file)[1].strip().lower()
    return _COPY.sub("", suffix) if suffix[-1:] in ("_", ")") else suffix


_COPY = re.compile(r"_$|[ _]?\(\d{1,3}\)$")


def is_system_file(file: str) -> bool:
    """Whether Office, LibreOffice or the system left the file there; deleted files too."""
    *folders, name = file.replace("\\", "/").split("/") if os.sep == "\\" else file.split("/")
    lower = name.lower()
    hidden = any(folder.startswith(".") or folder in _SYSTEM_FOLDERS for folder in folders)
    litter = lower in ("thumbs.db", "desktop.ini", "icon\r") or lower.endswith(".tmp") or lower.startswith(("~$", "."))
    return hidden or (litter and not is_placeholder(file))


def is_placeholder(file: str) -> bool:
    """Whether a file is only the name of one that is not, or not all, on this computer.

    Cloud drives and browsers show such names.
    """
    name = file.lower()
    return name.endswith(_HALF_DOWNLOADED) or (
        name.endswith(_PLACEHOLDERS) and suffix_of(os.path.splitext(file)[0]) in SUFFIXES
    )


def problem_of_name(file: str) -> Problem | None:
    """Return why a file with such a name is not read; None where it is."""
    suffix = suffix_of(file)
    if is_placeholder(file):
        return Problem(ProblemCode.NOT_DOWNLOADED, found=suffix)
    if suffix in SUFFIXES:
        return None
    return Problem(_CODE_OF_SUFFIX.get(suffix, ProblemCode.UNSUPPORTED), found=os.path.splitext(file)[1].strip())


def problem_of_bytes(data: bytes) -> Problem | None:
    """Return why bytes are no form, whatever the name says; None where they may be one."""
    if data.startswith((ZIP, OLE)):  # nearly all
        return None
    if not data:
        return Problem(ProblemCode.EMPTY_FILE)
    if data[4:8] == b"ftyp":  # a photo or film of a phone
        return Problem(ProblemCode.PICTURE_FILE)
    return next((Problem(code) for first, code in _FIRST_BYTES.items() if data.startswith(first)), None)
