"""Files that staff are made to upload: what unpacks to gigabytes is told, and costs no memory."""

import io
import zipfile
from collections.abc import Callable, Iterator

import pytest

from tests.desk import Browser, signed_in
from tests.registrar.rubbish.served import Served, serve
from tests.registrar.rubbish.stored import stored

pytestmark = pytest.mark.soak

FLAT = 250.0
"""MB: of the file itself, 64 at most, as it comes, is decoded, and is sealed until its import."""

BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": "<Relationships xmlns="
    '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": "<workbook xmlns="
    '"http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
}  # fmt: skip
"""A workbook but for its sheet."""

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def _workbook(name: str, *pieces: bytes, times: int = 1) -> bytes:
    """A workbook with one part of these pieces, of which the last comes so many times."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in BOOK.items():
            archive.writestr(part, text)
        with archive.open(name, "w", force_zip64=True) as part_file:
            for piece in pieces[:-1]:
                part_file.write(piece)
            for _ in range(times):
                part_file.write(pieces[-1])
    return file.getvalue()


def _claims_little(data: bytes) -> bytes:
    """The same archive, whose directory says of each part that it unpacks to a hundred bytes."""
    changed = bytearray(data)
    at = -1
    while (at := changed.find(b"PK\1\2", at + 1)) >= 0:
        changed[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(changed)


_ZEROS = bytes(1_000_000)
_CELL = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 10_000
_ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + one, b"&%c;" % (97 + one) * 10) for one in range(12))
    + b"]>"
    + SHEET.encode()
    + b'<row><c t="inlineStr"><is><t>&m;</t></is></c></row></sheetData></worksheet>'
)

FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a gigabyte of zeros": (
        "x.xlsx", lambda: _workbook("xl/worksheets/sheet1.xml", _ZEROS, times=1000)),
    "a gigabyte that claims little": (
        "x.xlsx", lambda: _claims_little(
            _workbook("xl/worksheets/sheet1.xml", _ZEROS, times=1000))),
    "millions of rows": (
        "x.xlsx",
        lambda: _workbook("xl/worksheets/sheet1.xml", SHEET.encode(), _CELL, times=1000)),
    "a gigabyte of strings": (
        "x.xlsx", lambda: _workbook("xl/sharedStrings.xml", _ZEROS, times=1000)),
    "entities of entities": (
        "x.xlsx", lambda: _workbook("xl/worksheets/sheet1.xml", _ENTITIES)),
    "a workbook that ends": ("x.xlsx", lambda: _workbook("x", _ZEROS)[:500]),
    "a line of commas": ("x.csv", lambda: b"," * 60_000_000),
    "a line of quotes": ("x.csv", lambda: b'"\n",' * 15_000_000),
    "a field without end": ("x.csv", lambda: b'"' + b"x" * 60_000_000),
    "lines without end": ("x.csv", lambda: b"\n" * 60_000_000),
    "NUL": ("x.csv", lambda: bytes(60_000_000)),
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture(scope="module")
def staff(served: Served) -> Browser:
    browser = signed_in(served.town.server, "registrar", language="en")
    assert browser.csrf()
    return browser


@pytest.mark.parametrize("path", ["/roster/preview", "/results", "/schedule/preview"])
@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_a_bomb_is_told_and_nothing_of_it_kept(
    served: Served, staff: Browser, path: str, file: str
) -> None:
    name, make = FILES[file]
    data = make()
    before = stored(served.town.store)
    with served.flat(FLAT):
        answer = staff.session.post(
            f"{staff.url}{path}",
            data={"csrf": staff.csrf()},
            files={"file": (name, data)},
            timeout=180,
        )
    assert answer.status_code in (400, 422), answer.status_code
    assert "Traceback" not in answer.text
    assert "Traceback" not in served.log()
    assert stored(served.town.store) == before
    assert served.is_booth_served()
