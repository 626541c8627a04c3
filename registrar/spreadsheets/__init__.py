"""Tables that spreadsheets and registries save, as CSV or XLSX: read in one way, written safely."""

import io
from typing import BinaryIO

from registrar.errors import UsageError
from registrar.spreadsheets.sheet import LARGEST_FILE, Sheet

_WORKBOOK = b"PK\3\4"
_OTHER_FILES = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"%PDF": "a PDF",
    b"<html": "a web page",
    b"<HTML": "a web page",
    b"<!DOC": "a web page",
    b"<?xml": "an XML file",
}


def open_sheet(name: str, data: BinaryIO) -> Sheet:
    """Find how a file that can be sought in is written; `name` is what it is called in messages.

    Raises UsageError where it holds no table, is larger than `LARGEST_FILE`, or a workbook is
    larger than may be unpacked.
    """
    data.seek(0)
    beginning = data.read(5)
    size = data.seek(0, io.SEEK_END)
    if size > LARGEST_FILE:
        raise UsageError(f"{name}: is larger than {LARGEST_FILE} bytes")
    for mark, what in _OTHER_FILES.items():
        if beginning.startswith(mark):
            raise UsageError(f"{name}: is {what}; save it as XLSX, or as “CSV UTF-8”")
    if beginning.startswith(_WORKBOOK):
        from registrar.spreadsheets.workbook import open_workbook

        return open_workbook(name, data)
    from registrar.spreadsheets.text import open_text

    return open_text(name, data)
