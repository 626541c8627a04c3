"""Excel workbooks for tests: as spreadsheets write them, and as nobody means them."""

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/>'
    '<xf numFmtId="14"/><xf numFmtId="20"/></cellXfs></styleSheet>'
)
"""Styles: 0 plain, 1 a day, 2 a time."""


class Merged(NamedTuple):
    """Cells that are one: first row and column, last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int


def workbook(
    rows: Iterable[Sequence[object]],
    *,
    merged: Sequence[Merged] = (),
    name: str = "Sheet1",
    more: Sequence[str] = (),
    strings: bool = True,
) -> bytes:
    """A workbook with one sheet of rows: texts, numbers, days, and times as `timedelta`.

    `more` names empty sheets behind it; with `strings` texts are shared, as Excel has them.
    """
    shared: dict[str, int] = {}
    lines = []
    for at, row in enumerate(rows):
        cells = "".join(
            _cell(f"{_letters(column)}{at + 1}", value, shared if strings else None)
            for column, value in enumerate(row)
        )
        lines.append(f'<row r="{at + 1}">{cells}</row>')
    ranges = "".join(f'<mergeCell ref="{_range(one)}"/>' for one in merged)
    end = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    return pack(
        {
            SHEET: f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>{end}'
            "</worksheet>",
            STRINGS: f'{_HEAD}<sst xmlns="{_MAIN}">{items}</sst>',
        },
        [name, *more],
    )


def pack(parts: dict[str, str | Iterable[str]], names: Sequence[str] = ("Sheet1",)) -> bytes:
    """A workbook of which the parts are given; what leads to them is made."""
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    empty = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>'
    others = {f"xl/worksheets/sheet{at}.xml": empty for at in range(2, len(names) + 1)}
    to_sheets = "".join(
        _relation(f"rId{at}", f"{_OFFICE}/worksheet", f"worksheets/sheet{at}.xml")
        for at in range(1, len(names) + 1)
    )
    to_sheets += _relation("s1", f"{_OFFICE}/sharedStrings", "sharedStrings.xml")
    to_sheets += _relation("s2", f"{_OFFICE}/styles", "styles.xml")
    to_book = _relation("rId1", f"{_OFFICE}/officeDocument", "xl/workbook.xml")
    usual = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations(to_book),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(to_sheets),
        "xl/styles.xml": _STYLES,
        STRINGS: f'{_HEAD}<sst xmlns="{_MAIN}"/>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (usual | others | parts).items():
            with archive.open(name, "w") as part:
                for piece in [text] if isinstance(text, str) else text:
                    part.write(piece.encode())
    return file.getvalue()


def sheet_of(*rows: str, before: str = "") -> str:
    """A sheet's part, of rows as they are written in XML."""
    return (
        f'{_HEAD}{before}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData>'
        "</worksheet>"
    )


def text_cell(place: str, text: str) -> str:
    """A cell with its own text, as XML."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _cell(place: str, value: object, shared: dict[str, int] | None) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        if shared is None:
            return text_cell(place, escape(value))
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'
    style = 0
    if isinstance(value, datetime.date):
        value, style = (value - datetime.date(1899, 12, 30)).days, 1
    elif isinstance(value, datetime.timedelta):
        value, style = value / datetime.timedelta(days=1), 2
    return f'<c r="{place}" s="{style}"><v>{value!r}</v></c>'


def _range(one: Merged) -> str:
    first = f"{_letters(one.left)}{one.top + 1}"
    return f"{first}:{_letters(one.right)}{one.bottom + 1}"


def _letters(column: int) -> str:
    """A column's name: A to Z, AA …"""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _relation(name: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'


def _relations(relations: str) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
