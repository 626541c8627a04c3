"""Tables as registries export them, as text and as Excel workbooks, read by one reader."""

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registrar.errors import UsageError
from registrar.roster import Record
from registrar.roster_reading import Judged, judge_roster
from registrar.spreadsheets import open_sheet, workbook
from registrar.spreadsheets.columns import Column, find_header
from registrar.spreadsheets.sheet import LARGEST_FILE, Numeric, Sheet
from tests.registrar.workbooks import SHEET, STRINGS, Merged, pack, sheet_of, text_cell
from tests.registrar.workbooks import workbook as make_workbook

CHINESE = ["图像采集码", "学籍编号", "姓 名", "学号*", "学校代码", "学校名称", "院系", "身份证号码"]
ROW = ["code-1", "record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院", ""]
EXPORT = [
    ["2026 届毕业生学籍名单", *[""] * 9],
    ["制表：学籍科", *[""] * 9],
    [""] * 10,
    ["序号", "", *CHINESE],
    ["1", "", *ROW],
    [""] * 10,
    ["2", "", *[text.replace("1", "2") for text in ROW[:4]], *ROW[4:]],
]
"""As registries export it: titles and a blank row above, a counted and an empty column before."""

RECORDS = [
    Record("code-1", "record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院"),
    Record("code-2", "record-2", "林小雨", "2022020002", "10000", "示范大学", "文学院"),
]


def opened(data: bytes, name: str = "roster.xlsx") -> Sheet:
    return open_sheet(name, io.BytesIO(data))


def text_of(rows: list[list[str]], encoding: str, delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\r\n" for row in rows).encode(encoding)


def judged(rows: Sequence[Sequence[object]]) -> Judged:
    return judge_roster(opened(make_workbook(rows)))


def in_text(rows: list[list[str]]) -> Judged:
    return judge_roster(opened(text_of(rows, "utf-8"), "roster.csv"))


def records(found: Judged) -> list[Record]:
    found.check_all_good()
    return [record for _, record in found.records()]


@pytest.mark.parametrize("strings", [True, False], ids=["shared", "inline"])
def test_a_registrys_workbook_is_read(strings: bool) -> None:
    data = make_workbook(EXPORT, strings=strings, merged=[Merged(0, 0, 0, 9)])
    found = judge_roster(opened(data))
    assert records(found) == RECORDS
    assert [line for line, _ in found.records()] == [5, 7]
    assert found.remarks == ("roster.xlsx: these columns are not needed, and were not read: 序号",)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"],
)
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_registrys_text_is_read_in_any_encoding(encoding: str, delimiter: str) -> None:
    found = judge_roster(opened(text_of(EXPORT, encoding, delimiter), "roster.csv"))
    assert records(found) == RECORDS
    assert [line for line, _ in found.records()] == [5, 7]


def test_only_the_first_sheet_with_anything_in_it_is_read_and_the_others_are_named() -> None:
    found = judge_roster(opened(make_workbook(EXPORT, name="名单", more=["说明"])))
    assert "only its sheet 名单 was read, not 说明" in found.remarks[0]


def test_cells_are_texts_and_what_was_a_number_is_known() -> None:
    rows: list[list[object]] = [
        ["a", 2022010001, 1.5, date(2026, 6, 1), timedelta(hours=8.5), 440106200001011234]
    ]
    ((line, cells),) = opened(make_workbook(rows)).rows()
    assert line == 1
    assert cells == ["a", "2022010001", "1.5", "2026-06-01", "08:30:00", "440106200001011264"]
    assert [type(cell) is Numeric for cell in cells] == [False, True, True, False, False, True]


def test_cells_that_are_one_all_have_its_text() -> None:
    rows: list[list[object]] = [["a", "b"], ["", "c"], ["", "d"], ["", "e"]]
    read = opened(make_workbook(rows, merged=[Merged(0, 0, 2, 0)])).rows()
    assert [row for _, row in read] == [["a", "b"], ["a", "c"], ["a", "d"], ["", "e"]]


def test_a_number_where_a_text_was_due_is_taken_as_long_as_nothing_is_lost() -> None:
    found = judged([CHINESE, [*ROW[:3], 2022010001, *ROW[4:]]])
    assert records(found)[0].student_no == "2022010001"
    assert found.remarks == (
        "roster.xlsx: student_no is kept as a number in 1 rows; their digits were taken",
    )


SPOILT = [
    (0, 440106200001011234, "capture_code is kept as a number, of which a spreadsheet keeps 15"),
    (1, 1e20, "record_id is kept as a number, of which a spreadsheet keeps 15"),
    (3, 1e25, "student_no was rounded to a number"),
    (3, 2022.5, "student_no is a number with a decimal point"),
    (3, date(2026, 3, 1), "student_no is a date"),
    (4, 999, "institution_code must have 5 digits"),
    (7, 110105194912310021, "id_no is kept as a number, of which a spreadsheet keeps 15"),
]


def test_a_number_that_a_spreadsheet_has_spoilt_is_refused() -> None:
    rows: list[list[object]] = [[*ROW] for _ in SPOILT]
    for row, (column, value, _) in zip(rows, SPOILT, strict=True):
        row[column] = value
    found = judged([CHINESE, *rows]).refused
    assert [row.line for row in found] == list(range(2, 9))
    for (_, reason), (_, _, why) in zip(found, SPOILT, strict=True):
        assert reason.startswith(why)


def test_zeros_that_a_number_has_lost_are_noticed_beside_the_others() -> None:
    rows: list[list[object]] = [
        [f"code-{n}", f"record-{n}", "甲", number, *ROW[4:]]
        for n, number in enumerate(["0022010001", 1022010002, 22010003, "0022010004"])
    ]
    (refused,) = judged([CHINESE, *rows]).refused
    assert refused.line == 4
    assert refused.reason == (
        "student_no is kept as a number and has 8 digits where most have 10: a spreadsheet drops"
        " zeros at the beginning; format the column as text"
    )


def test_zeros_that_a_text_may_have_lost_are_told() -> None:
    rows = [
        [f"code-{n}", f"record-{n}", "甲", number, *ROW[4:]]
        for n, number in enumerate(["1022010001", "1022010002", "22010003"])
    ]
    found = in_text([CHINESE, *rows])
    assert found.refused == ()
    assert "student_no has fewer digits than 10 in 1 rows" in found.remarks[0]
    rows[0][3] = "0022010001"
    assert not in_text([CHINESE, *rows]).remarks


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("1", "too easily guessed: it holds 3 bits"),
        ("12345", "guessed at once"),
        ("1234567890", "guessed at once"),
        ("abcdefghij", "guessed at once"),
        ("000000000", "guessed at once"),
        ("9876543210", "guessed at once"),
        ("482916", "too easily guessed: it holds 20 bits"),
        ("48291635", "too easily guessed: it holds 27 bits"),
        ("ab12cd", "too easily guessed: it holds 31 bits"),
    ],
)
def test_a_code_that_is_guessed_is_refused(code: str, why: str) -> None:
    (refused,) = in_text([CHINESE, [code, *ROW[1:]]]).refused
    assert refused.reason.startswith(f"capture_code is {why}")


@pytest.mark.parametrize("code", ["4829163507", "ab12cd3", "AB12CD34", "Xq+/9=Zt"])
def test_a_code_that_is_not_is_taken(code: str) -> None:
    assert records(in_text([CHINESE, [code, *ROW[1:]]]))[0].capture_code == code


def test_characters_that_booths_cannot_draw_are_named() -> None:
    found = in_text([CHINESE, [*ROW[:2], "林\U000304ab", *ROW[3:]], [*EXPORT[6][2:]]])
    assert found.refused == ()
    assert found.remarks == (
        "roster.csv: booths have no glyph for 1 characters, and show their codes instead:"
        " \U000304ab (U+304AB, line 2)",
    )


@pytest.mark.parametrize(
    "name", ["学 号", "学号（必填）", "学\n号", "ＳＴＵＤＥＮＴ_ＮＯ", "学号*", "学号："]
)
def test_a_column_is_known_however_its_name_is_written(name: str) -> None:
    sheet = opened(f'"{name}"\n1\n'.encode())
    table = find_header(sheet, [Column("student_no", ("学号",))])
    assert [given for _, given in table.rows()] == [{"student_no": "1"}]


BOMBS: dict[str, tuple[dict[str, str | Iterable[str]], str]] = {
    "cells far apart": (
        {SHEET: sheet_of(text_cell("A1", "x"), text_cell("XFD1048576", "y"))},
        "takes more than 768 MiB to read",
    ),
    "sixteen thousand columns": (
        {SHEET: sheet_of(text_cell("A1", "x"), text_cell("XFD1", "y"))},
        "has 16384 columns; at most 1000 are read",
    ),
    "a row that no sheet has": (
        {SHEET: sheet_of(text_cell("A99999999999", "x"))},
        "has cells where no worksheet has any",
    ),
    "billion laughs": (
        {
            SHEET: sheet_of(
                text_cell("A1", "&b;"),
                before='<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>',
            )
        },
        "is no Excel workbook that can be read",
    ),
    "a file that is fetched": (
        {
            SHEET: sheet_of(
                text_cell("A1", "&a;"),
                before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
            )
        },
        "is no Excel workbook that can be read",
    ),
    "nothing": ({SHEET: sheet_of()}, "is an Excel workbook without anything in it"),
}


@pytest.mark.parametrize(("parts", "said"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_by_name(parts: dict[str, str | Iterable[str]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        opened(pack(parts), "bomb.xlsx")


LARGE_BOMBS: dict[str, tuple[dict[str, str | Iterable[str]], str]] = {
    "a million columns": (
        {SHEET: sheet_of("<row>", "<c><v>1</v></c>" * 1_000_000, "</row>")},
        "has cells where no worksheet has any",
    ),
    "one long string, many times": (
        {
            SHEET: sheet_of(*(f'<c r="A{n}" t="s"><v>0</v></c>' for n in range(1, 2001))),
            STRINGS: f"<sst><si><t>{'x' * 1_000_000}</t></si></sst>",
        },
        "takes more than 768 MiB to read",
    ),
    "two thousand parts": ({f"xl/{n}": "" for n in range(2001)}, "parts; at most 2000 are read"),
    "zeros": ({SHEET: repeat(" " * 1_000_000, 401)}, "4010.* bytes when it is unpacked; at most"),
}


@pytest.mark.soak
@pytest.mark.parametrize(("parts", "said"), LARGE_BOMBS.values(), ids=LARGE_BOMBS)
def test_a_large_bomb_is_refused_by_name(parts: dict[str, str | Iterable[str]], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        opened(pack(parts), "bomb.xlsx")


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (400_000_001, "bytes when it is unpacked; at most 400000000 are read"),
        (10, "is no Excel workbook that can be read"),
    ],
)
def test_sizes_are_looked_at_first_and_must_be_true(size: int, said: str) -> None:
    data = pack({SHEET: sheet_of(text_cell("A1", "x" * 70_000))})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.getinfo(SHEET).file_size
    with pytest.raises(UsageError, match=said):
        opened(data.replace(struct.pack("<L", true), struct.pack("<L", size)))


def test_who_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "DEADLINE", 0.01)
    with pytest.raises(UsageError, match="takes more than 60 s to read"):
        opened(make_workbook(EXPORT))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04" + bytes(40), "is no Excel workbook"),
        (make_workbook(EXPORT)[:-40], "is no Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(40), "is an old Excel workbook, or one with a password"),
        (b"%PDF-1.7", "is a PDF; save it as XLSX"),
        (b"<html><table>", "is a web page; save it as XLSX"),
        (b"," * 1001 + b"x\n", "has 1002 columns; at most 1000 are read"),
        (b"," * 1_000_001 + b"\n", "a row has more than 1000000 characters"),
        (b"x" + b',"\n"' * 400_000, "a row has more than 1000000 characters"),
        (bytes(LARGEST_FILE + 1), "is larger than 64000000 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        judge_roster(opened(data))


@pytest.fixture
def rows_from_disk(tmp_path: Path) -> Iterator[Sheet]:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(make_workbook(EXPORT))
    with path.open("rb") as file:
        yield open_sheet(str(path), file)


def test_rows_are_read_again_and_again(rows_from_disk: Sheet) -> None:
    assert list(rows_from_disk.rows()) == list(rows_from_disk.rows()) != []


def read_all(data: bytes) -> None:
    """Read rubbish: it is a table, or it is told that it is none."""
    with suppress(UsageError):
        for _ in judge_roster(opened(data)).records():
            pass


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_rubbish_is_no_table_and_breaks_nothing(data: bytes) -> None:
    read_all(data)
    read_all(text_of([CHINESE, ROW], "utf-8") + data)


@pytest.mark.soak
@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.data())
def test_a_damaged_workbook_breaks_nothing(data: st.DataObject) -> None:
    whole = bytearray(make_workbook(EXPORT))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(whole[: data.draw(st.integers(4, len(whole)))]))
    read_all(bytes(whole))
