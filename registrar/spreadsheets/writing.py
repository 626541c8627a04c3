"""Rows of CSV that a spreadsheet opens as they are: no text of theirs is computed."""

import csv
import io
from collections.abc import Sequence

BOM = b"\xef\xbb\xbf"
"""At a file's beginning, so that spreadsheets read it without being told that it is UTF-8."""

_COMPUTED = "=+-@\t\r\n＝＋－＠"
"""How a text begins that spreadsheets take for a formula, some of them also in full width (OWASP,
CSV Injection)."""


def csv_line(row: Sequence[str]) -> bytes:
    """A line of a list."""
    text = io.StringIO()
    csv.writer(text).writerow([_as_text(field) for field in row])
    return text.getvalue().encode()


def _as_text(field: str) -> str:
    """A field that no spreadsheet computes: by an apostrophe, which readers of rosters take off."""
    return f"'{field}" if field.lstrip(" ").startswith(tuple(_COMPUTED)) else field
