"""The roster's file: what is wrong in it is named with its line, and nothing is half imported."""

from pathlib import Path

import pytest

from registrar.errors import UsageError
from registrar.roster import Record, read_csv
from tests.town import record

HEADER = "capture_code,record_id,name,student_no,institution_code,institution,college"
ROW = "code-1,record-1,林小雨,2022010001,10000,示范大学,文学院"


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_roster_is_read_as_spreadsheets_save_it(tmp_path: Path, encoding: str) -> None:
    assert read_csv(written(tmp_path, HEADER, ROW, encoding=encoding)) == [
        Record("code-1", "record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")
    ]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ",".join(reversed(HEADER.split(","))),
        ",".join(reversed(ROW.split(","))),
    )
    assert read_csv(path)[0].name == "林小雨"


@pytest.mark.parametrize("student_no", ["", "0"])
def test_a_record_without_a_student_number_is_kept_for_the_registry(
    tmp_path: Path, student_no: str
) -> None:
    row = ROW.replace("2022010001", student_no)
    assert read_csv(written(tmp_path, HEADER, row))[0].student_no == student_no


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([HEADER.replace(",name", "")], r"roster\.csv:1: the header lacks name"),
        ([HEADER + ",phone"], r":1: the header has an unknown column 'phone'"),
        ([HEADER, ROW + ",x"], r":2: the row does not have 7 columns"),
        ([HEADER, "code-1,record-1"], r":2: the row does not have 7 columns"),
        ([HEADER, ROW, ROW.replace("林小雨", " ")], r":3: name is empty"),
        ([HEADER, ROW.replace("2022010001", "../etc")], r":2: student_no"),
        ([HEADER, ROW.replace("10000", "1000")], r":2: institution_code must have 5 digits"),
        ([HEADER, ROW, ROW.replace("record-1", "r2")], r":3: capture_code is that of line 2"),
        ([HEADER, ROW, ROW.replace("code-1", "c2")], r":3: record_id is that of line 2"),
        ([], r":1: the header lacks capture_code"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(
    tmp_path: Path, lines: list[str], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_csv(written(tmp_path, *lines))


def test_a_roster_that_is_not_utf8_says_how_to_save_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        read_csv(written(tmp_path, HEADER, ROW, encoding="gb18030"))


def test_a_missing_roster_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv"):
        read_csv(tmp_path / "none.csv")


def test_a_picture_is_no_roster(tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\xff\xd8\xff\x00\x01" * 40)
    with pytest.raises(UsageError, match=r"photo\.csv"):
        read_csv(path)


def test_a_helper_of_the_tests_makes_valid_rows(tmp_path: Path) -> None:
    assert read_csv(written(tmp_path, HEADER, ",".join(record(3)))) == [record(3)]
