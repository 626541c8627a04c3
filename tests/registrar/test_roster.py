"""The roster's file: what is wrong in it is named with its line, and nothing is half imported."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.reader.capture_code import parse_capture_code
from registrar.errors import UsageError
from registrar.roster import Record
from registrar.roster_fields import _PLAIN, find_field_fault, is_plain, judge_field, mend_field
from registrar.roster_reading import Judged, judge_roster
from registrar.spreadsheets import open_sheet
from tests.town import record

HEADER = "capture_code,record_id,name,student_no,institution_code,institution,college"
ROW = "code-1,record-1,林小雨,2022010001,10000,示范大学,文学院"


def judged(path: Path) -> Judged:
    return judge_roster(open_sheet(str(path), io.BytesIO(path.read_bytes())))


def read_csv(path: Path, on_remark: Callable[[str], None] = lambda remark: None) -> list[Record]:
    """A roster's records, all of which must be good."""
    found = judged(path)
    for remark in found.remarks:
        on_remark(remark)
    found.check_all_good()
    return [record for _, record in found.records()]


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
        ([HEADER, ROW + ",x"], r":2: the row does not have 7 columns"),
        ([HEADER, "code-1,record-1"], r":2: the row does not have 7 columns"),
        ([HEADER, ROW, ROW.replace("林小雨", " ")], r":3: name is empty"),
        ([HEADER, ROW.replace("2022010001", "../etc")], r":2: student_no"),
        ([HEADER, ROW.replace("10000", "1000")], r":2: institution_code must have 5 digits"),
        ([HEADER, ROW, ROW.replace("record-1", "r2")], r":3: capture_code is that of line 2"),
        ([HEADER, ROW, ROW.replace("code-1", "code-2")], r":3: record_id is that of line 2"),
        ([], r":1: the header lacks capture_code"),
        (["name," + HEADER, ROW + ",x"], r":1: the header has name twice"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(
    tmp_path: Path, lines: list[str], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_csv(written(tmp_path, *lines))


@pytest.mark.parametrize(
    ("encoding", "said"), [("gbk", "GB18030"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")]
)
def test_a_roster_in_another_encoding_is_read_and_told(
    tmp_path: Path, encoding: str, said: str
) -> None:
    remarks: list[str] = []
    (read,) = read_csv(written(tmp_path, HEADER, ROW, encoding=encoding), remarks.append)
    assert read.name == "林小雨"
    assert f"was read as {said}; the first name is 林小雨" in remarks[0]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\xff\xd8\xff\x00\x01" * 40, "save it as “CSV UTF-8”"),
        (b"PK\x03\x04" + bytes(40), "is no Excel workbook"),
        (
            b"\xd0\xcf\x11\xe0" + bytes(40),
            "an old Excel workbook, or one with a password; save it as",
        ),
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "is no CSV file"),
        (HEADER.encode() + b'\n"x"y,', "is no CSV file"),
        (b"\0" * 100, "the header lacks"),
    ],
)
def test_what_is_no_roster_says_how_to_save_one(
    tmp_path: Path, data: bytes, complaint: str
) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=complaint):
        read_csv(path)


@pytest.mark.parametrize(
    ("delimiter", "said"), [(";", "semicolons"), ("\t", "tabs"), ("，", "full-width commas")]
)
def test_another_delimiter_is_read_and_told(tmp_path: Path, delimiter: str, said: str) -> None:
    remarks: list[str] = []
    path = written(tmp_path, *(line.replace(",", delimiter) for line in (HEADER, ROW)))
    assert len(read_csv(path, remarks.append)) == 1
    assert remarks[0].endswith(f"separated by {said}")


def test_rows_that_were_emptied_are_passed_over(tmp_path: Path) -> None:
    assert len(read_csv(written(tmp_path, HEADER, ROW, ",,,,,,", "", " , ,,,,, "))) == 1


def field_read(folder: Path, field: str, text: str) -> str:
    """What a roster's field is read as; the others are good. Raises UsageError."""
    usual = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {field: text}
    path = folder / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([usual.keys(), usual.values()])
    value: str = getattr(read_csv(path)[0], field)
    return value


SCANNED = "AB12CD34"
"""What a reader gives for the code that is meant below."""


@pytest.mark.parametrize(
    "text",
    ["AB12CD34\u200b", "\u202dAB12CD34\u202c", "\ufeffAB12CD34", "ＡＢ12ＣＤ34", "AB12CD34\n",
     "\u00a0AB12CD34\u3000", "'AB12CD34", '="AB12CD34"', "AB12\u2060CD\u00ad34", "AB12CD34\ufe0f"],
)  # fmt: skip
def test_a_code_whose_meaning_is_sure_is_mended(tmp_path: Path, text: str) -> None:
    code = field_read(tmp_path, "capture_code", text)
    assert code == SCANNED
    assert parse_capture_code(code).text == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("AB12\nCD34", "a line break inside"),
        ("AB12\x0bCD34", "a line break inside"),
        ("AB12\u2028CD34", "a line break inside"),
        ("AB12\tCD34", r"a control character \(U\+0009\) inside"),
        ("AB12\x00CD34", "a control character"),
        ("\u202e43DC21BA\u202c", "shows it backwards"),
        ("A" * 520, "520 characters long, and a capture code at most 512"),
        ("AB12CD34AB12CD34", "a text twice over"),
        ("1.23457E+19", "rounded to a number"),
        ("1E+19", "rounded to a number"),
        ("1,2E+19", "rounded to a number"),
        ("440106200001010000", "ends in zeros after 15 digits"),
        ("12345678.0", "a decimal point"),
        ("1,234,567", "a decimal point or commas"),
        ("https://u.wechat.com/x", "a WeChat contact"),
        ("WXP://F2F0ABC", "a WeChat code to pay to"),
        ("https://qr.alipay.com/x", "an Alipay code to pay to"),
        ("WIFI:S:campus;;", "a Wi-Fi network"),
        ("mailto:a@b.cn", "an e-mail address"),
        ("=A2", "begins with =: a spreadsheet would compute it"),
        ("@SUM(A1)", "begins with @"),
        ("#N/A", "a spreadsheet's error"),
        ("#REF!", "a spreadsheet's error"),
        ("########", "a spreadsheet's error"),
        ("2026-03-01", "is a date"),
        ("3月1日", "is a date"),
        ("1-Mar", "is a date"),
        ("08:30", "is a date or a time"),
        ("٤٤٠١٠٦", r"U\+0664 inside, which no reader gives"),
        ("АВ12CD34", r"U\+0410 inside, which no reader gives"),
        ("AB12 CD34", "a space inside"),
        ("AB12\u00a0CD34", "a space inside"),
        ("AB12\ue000", "cannot be printed"),
        ("NULL", "which stands for none"),
        ("无", "which stands for none"),
        ("\u200b\u3164", "is empty"),
    ],
)
def test_a_code_that_no_reader_can_give_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=rf"roster\.csv:\d: capture_code .*{why}"):
        field_read(tmp_path, "capture_code", text)


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("institution_code", "１００００", "10000"),
        ("institution_code", '="10000"', "10000"),
        ("record_id", "Ｒ１\u200b", "R1"),
        ("record_id", "440106200001011234", "440106200001011234"),
        ("student_no", "２０２１", "2021"),
        ("student_no", "\u00a02021", "2021"),
        ("student_no", "'2021", "2021"),
        ("name", "⼀⼆", "一二"),
        ("name", "张\u3000三", "张 三"),
        ("name", "張\U000e0100", "張"),
        ("name", "ＬＩ Ming", "LI Ming"),
        ("name", "李（小）", "李（小）"),
        ("name", "Null", "Null"),
        ("name", "O'Brien", "O'Brien"),
        *(("name", name, name) for name in ("𡈙", "𠔌", "\U000323b5", "Łukasz", "མ", "ئ", "ễ")),
        ("name", "〇", "〇"),
        ("name", "阿卜杜·热合曼", "阿卜杜·热合曼"),
        ("college", "-", "-"),
    ],
)  # fmt: skip
def test_another_field_is_kept_as_it_is_meant(
    tmp_path: Path, field: str, text: str, kept: str
) -> None:
    assert field_read(tmp_path, field, text) == kept


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("record_id", "4.40106E+17", "rounded to a number"),
        ("record_id", "2026/3/1", "is a date"),
        ("record_id", "N/A", "stands for none"),
        ("record_id", "١٢", "digits of another script"),
        ("record_id", "x" * 101, "101 characters long"),
        ("student_no", "2.02E+09", "rounded to a number"),
        ("student_no", "2021010001.0", "a decimal point"),
        ("student_no", "٣٣", "digits 0 to 9"),
        ("student_no", "-5", "the first of them a letter or digit"),
        *(
            ("student_no", none, "stands for none; leave it empty")
            for none in ("-", "NULL", "无", "N/A", "—", "none", "暂无", "/")
        ),
        ("institution_code", "10000.0", "must have 5 digits"),
        ("institution_code", "٠٠٠٠٠", "must have 5 digits"),
        ("name", "\ue863", r"U\+E863, a private-use character"),
        ("name", "\U0010fffd", "a private-use character"),
        ("name", "\u0378", "is no character"),
        ("name", "\u200b", "is empty"),
        ("name", "张?", "where a character was lost"),
        ("name", "张*", "where a character was lost"),
        ("name", "张\ufffd", "where a character was lost"),
        ("name", "⻓", "a part of a character"),
        ("name", "⿰木昂", "a part of a character|no letter"),
        ("name", "张😀", "a symbol"),
        ("name", "张\n三", "a line break inside"),
        ("name", "=cmd|' /C calc'!A0", "a spreadsheet would compute it"),
        ("name", "+x", "a spreadsheet would compute it"),
        ("name", "··", "no letter"),
        ("name", "NULL", "stands for none"),
        ("college", "#N/A", "a spreadsheet's error"),
        ("institution", "校" * 101, "at most 100"),
    ],
)
def test_another_field_that_cannot_be_meant_is_refused(
    tmp_path: Path, field: str, text: str, why: str
) -> None:
    with pytest.raises(UsageError, match=rf"roster\.csv:\d: {field} .*({why})"):
        field_read(tmp_path, field, text)


def test_what_was_mended_is_told_once(tmp_path: Path) -> None:
    remarks: list[str] = []
    second = ROW.replace("code-1", "Ｃode-2").replace("record-1", "Ｒ2").replace("2022010001", "0")
    read_csv(written(tmp_path, HEADER, ROW.replace("10000", "１００００"), second), remarks.append)
    assert len(remarks) == 2
    assert "mended 3 fields" in remarks[0]
    assert "institution_code (1), capture_code (1), record_id (1)" in remarks[0]
    assert "1 records have no student number" in remarks[1]
    assert remarks[1].endswith("lines 3")


@pytest.mark.parametrize(("one", "other"), [("77", "77"), ("a21", "A21"), ("Ａ21", "a21")])
def test_one_student_number_in_two_rows_is_refused_with_both_lines(
    tmp_path: Path, one: str, other: str
) -> None:
    rows = [ROW.replace("2022010001", one), "code-2,r2,乙,3,10000,校,院"]
    rows.append(f"code-3,r3,丙,{other},10000,校,院")
    with pytest.raises(UsageError, match=r":4: student_no is that of line 2 already"):
        read_csv(written(tmp_path, HEADER, *rows))


def test_some_long_numbers_may_end_in_zeros(tmp_path: Path) -> None:
    rows = [ROW.replace("record-1", "440106200001010000")]
    rows.append("code-2,440106200001011234,乙,3,10000,校,院")
    assert len(read_csv(written(tmp_path, HEADER, *rows))) == 2


def test_every_refused_row_is_told_with_its_line_and_reason(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER,
        ROW,
        "code-3,r3,,3,10000,校,院",
        "code-4,r4,丁,4,10000,校,院",
        "code-5,r5,戊,4,10000,校,院",
        "code-6,r6",
        "code-7,r7,庚,7,1,校,院",
    )
    found = judged(path)
    assert [(row.line, row.reason) for row in found.refused] == [
        (3, "name is empty"),
        (4, "student_no is that of line 5, too"),
        (5, "student_no is that of line 4 already"),
        (6, "the row does not have 7 columns"),
        (7, "institution_code must have 5 digits, 0 to 9"),
    ]
    assert [(line, record.record_id) for line, record in found.records()] == [(2, "record-1")]
    assert found.good == 1
    with pytest.raises(UsageError, match=r"(?s):3: name is empty.*:7: institution_code"):
        found.check_all_good()


def test_rows_are_judged_again_and_again_from_one_file(tmp_path: Path) -> None:
    found = judged(written(tmp_path, HEADER, ROW, encoding="gb18030"))
    assert list(found.records()) == list(found.records())


def test_a_helper_of_the_tests_makes_valid_rows(tmp_path: Path) -> None:
    header = ",".join(Record._fields)
    assert read_csv(written(tmp_path, header, ",".join(record(3)))) == [record(3)]


@pytest.mark.parametrize(
    ("identity", "kept"),
    [("", ""), ("11010519491231002x", "11010519491231002X"), ("H12345678", "H12345678")],
)
def test_identity_numbers_and_mail_addresses_may_be_given(
    tmp_path: Path, identity: str, kept: str
) -> None:
    path = written(tmp_path, f"{HEADER},id_no,email", f"{ROW},{identity},a@example.edu.cn")
    assert read_csv(path)[0][-2:] == (kept, "a@example.edu.cn")


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("id_no", "110105194912310021", "mistyped"),
        ("id_no", "1.10105E+17", "rounded to a number"),
        ("id_no", "无", "stands for none; leave it empty"),
        ("email", "nobody", "no mail address"),
        ("email", "a@example.cn;b@example.cn", "no mail address"),
    ],
)
def test_a_wrong_identity_number_or_address_is_refused(
    tmp_path: Path, column: str, text: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read_csv(written(tmp_path, f"{HEADER},{column}", f"{ROW},{text}"))


PLAIN = st.one_of(
    *(
        st.tuples(st.just(field), st.from_regex(pattern, fullmatch=True))
        for field, pattern in _PLAIN.items()
    ),
    st.tuples(st.sampled_from(Record._fields), st.text(max_size=12)),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PLAIN)
@example(("name", "无"))
@example(("capture_code", "1234567890"))
@example(("capture_code", "AB12CD34AB12CD34"))
@example(("email", ""))
@example(("name", ""))
def test_what_is_taken_at_once_has_nothing_to_mend_and_nothing_wrong(
    given: tuple[str, str],
) -> None:
    field, text = given
    if is_plain(field, text):
        assert mend_field(field, text) == text
        assert find_field_fault(field, text, text) is None
    else:
        assert judge_field(field, text)[0] == mend_field(field, text)
