"""What is told of refused rows: each with its line, its reason in both languages, in any file."""

import csv
import io
from pathlib import Path

import pytest

from registrar.cli import main
from registrar.desk.reasons import tell_reason
from registrar.errors import UsageError
from registrar.roster_reading import judge_roster
from registrar.spreadsheets import open_sheet
from registrar.spreadsheets.writing import csv_line
from registrar.store import Store
from tests.registrar.test_roster import HEADER, ROW

BAD_FIELDS = [
    ("name", ""),
    ("name", "张\n三"),
    ("name", "张\x07三"),
    ("name", "张?"),
    ("name", "张\ue863"),
    ("name", "张\u0378"),
    ("name", "张😀"),
    ("name", "··"),
    ("name", "NULL"),
    ("name", "=cmd|' /C calc'!A0"),
    ("name", "\u202e张"),
    ("name", "张" * 101),
    ("college", "#N/A"),
    ("student_no", "无"),
    ("student_no", "2.02E+09"),
    ("student_no", "2021.5"),
    ("student_no", "2026-03-01"),
    ("student_no", "a b"),
    ("institution_code", "1"),
    ("record_id", "١٢"),
    ("capture_code", "1"),
    ("capture_code", "123456789"),
    ("capture_code", "A" * 520),
    ("capture_code", "AB12CD34AB12CD34"),
    ("capture_code", "AB12 CD34"),
    ("capture_code", "АВ12CD34"),
    ("capture_code", "AB12CD34\ue000"),
    ("capture_code", "wxp://f2f0"),
    ("id_no", "110105194912310021"),
    ("id_no", "1*"),
    ("email", "nobody"),
]


def table(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def rows_of(changes: list[tuple[str, str]]) -> list[list[str]]:
    columns = [*HEADER.split(","), "id_no", "email"]
    rows = [columns]
    for at, (column, value) in enumerate(changes):
        row = dict(zip(columns, [*ROW.split(","), "", ""], strict=True))
        row |= {"capture_code": f"code-{at:03}", "record_id": f"r{at}", "student_no": f"{at:09}1"}
        rows.append([*(row | {column: value}).values()])
    return rows


def test_every_reason_for_a_row_is_told_in_chinese() -> None:
    sheet = open_sheet("r.csv", io.BytesIO(table([*rows_of(BAD_FIELDS), ["x"]])))
    refused = judge_roster(sheet).refused
    assert len(refused) == len(BAD_FIELDS) + 1
    assert [row.reason for row in refused if tell_reason("zh-CN", row.reason) == row.reason] == []


@pytest.mark.parametrize(
    "data",
    [
        b"PK\3\4" + bytes(40),
        b"\xd0\xcf\x11\xe0",
        b"%PDF",
        b"<html>",
        b"<?xml",
        b"\xff\x00\xff\x80" * 9,
        b"," * 1001 + b"x\n",
        b'"x"y,\n',
        bytes(64_000_001),
        b"a,b\n1,2\n",
        HEADER.replace("name", "name,name").encode(),
    ],
)
def test_every_fault_of_a_file_is_told_in_chinese(data: bytes) -> None:
    with pytest.raises(UsageError) as raised:
        judge_roster(open_sheet("名册", io.BytesIO(data)))
    said = str(raised.value)
    assert tell_reason("zh-CN", said) != said


def test_a_report_has_each_refused_row_with_its_line_and_reason_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, report, data = tmp_path / "r.csv", tmp_path / "refused.csv", tmp_path / "d"
    path.write_bytes(table(rows_of([("name", ""), ("name", "张三"), ("capture_code", "1")])))
    words = ["roster", "import", str(path), "--data", str(data), "--report", str(report)]
    assert main(words) == 2
    assert "r.csv:4: capture_code is too easily guessed" in capsys.readouterr().err
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["2", "4"]
    assert rows[0]["reason"] == "name is empty"
    assert rows[0]["原因"] == "姓名为空"
    assert rows[1]["原因"].startswith("采集码太容易猜中")
    assert Store(data).counts().records == 0
    assert main([*words, "--partial"]) == 1
    assert Store(data).counts().records == 1
    assert main([*words[:-1], str(tmp_path / "none" / "x.csv")]) == 1


CODES = ["code-aa", "code-bb", "code-cc"]


@pytest.mark.parametrize(
    "after", [["code-bb", "code-aa", "code-cc"], ["code-bb", "code-cc", "code-dd"], CODES[::-1]]
)
def test_codes_that_were_swapped_or_shifted_are_mended_by_the_right_file(
    tmp_path: Path, after: list[str]
) -> None:
    path, data = tmp_path / "r.csv", tmp_path / "d"
    for codes in (CODES, after):
        rows = rows_of([("capture_code", code) for code in codes])
        path.write_bytes(table(rows))
        assert main(["roster", "import", str(path), "--data", str(data)]) == 0
    records = [record for record, _ in Store(data).records.all()]
    assert [record.capture_code for record in records] == after


def test_who_clashes_with_what_is_held_is_told_with_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "r.csv", tmp_path / "d"
    path.write_bytes(table(rows_of([("name", "甲"), ("name", "乙")])))
    assert main(["roster", "import", str(path), "--data", str(data)]) == 0
    rows = rows_of([("name", "甲"), ("record_id", "other")])
    path.write_bytes(table(rows))
    assert main(["roster", "import", str(path), "--data", str(data)]) == 2
    said = capsys.readouterr().err
    assert "r.csv:3: record_id other: its capture code belongs to record r1" in said
    assert said.count("\n") == 1


def test_two_institutions_may_give_one_number(tmp_path: Path) -> None:
    path, data = tmp_path / "r.csv", tmp_path / "d"
    rows = rows_of([("student_no", "77"), ("student_no", "77")])
    rows[2][4] = "10001"
    path.write_bytes(table(rows))
    assert main(["roster", "import", str(path), "--data", str(data)]) == 0
    assert main(["roster", "import", str(path), "--data", str(data)]) == 0
    assert Store(data).counts().records == 2


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", " =1"]
)
def test_what_is_exported_is_computed_by_no_spreadsheet(text: str) -> None:
    ((field, other),) = csv.reader([csv_line([text, "张三"]).decode()])
    assert field == f"'{text}"
    assert other == "张三"
