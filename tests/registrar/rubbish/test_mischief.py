"""Mischief by codes and names, all the way: reader, booth, resolver, roster, registrar, desk, list.

Whatever a code says is a text that nobody runs; whatever a name holds is shown, kept and found, or
refused with its line.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from kiosk.display.text import load_font
from kiosk.reader import CaptureCodeError, kind_of_wrong_code, parse_capture_code
from kiosk.reader.reader import Framing
from kiosk.sync.errors import Unreachable
from kiosk.sync.plain_codes import read_scan
from kiosk.sync.resolver import SocketResolver, resolver_in_thread
from kiosk.sync.roster_fetch import fetch_roster
from kiosk.sync.roster_index import RosterIndex
from protocol.configuration import ToldSettings
from protocol.roster import Answer, Question
from registrar.roster_reading import judge_roster
from registrar.serve import Server
from registrar.spreadsheets import open_sheet
from registrar.spreadsheets.writing import csv_line
from tests.desk import signed_in
from tests.registrar.test_roster import HEADER, ROW
from tests.town import INSTITUTION, Town, record

REFUSED = {
    "10 MB": "x" * 10_000_000,
    "NUL": "code\0-1",
    "line breaks": "code-1\r\nSet-Cookie: x",
    "escape sequence": "\x1b[2Jcode-1",
    "bell": "\x07" * 20,
    "right to left": "\u202e1-edoc",
    "isolate": "\u2067code-1\u2069",
    "zero width": "code\u200b-1",
    "byte-order mark": "\ufeffcode-1",
    "private use": "code-1\ue000",
    "not assigned": "code-1\U000e0080",
    "half a character": "code-1\ud842",
    "tag characters": "code-1\U000e0041",
}
"""Codes that no reader hands on."""

OPAQUE = {
    "SQL": "' OR '1'='1' --",
    "more SQL": "code-1'; DROP TABLE record; --",
    "wildcards": "%_%_%",
    "shell": "$(reboot)`reboot`;reboot|reboot&&reboot",
    "path": "../../../../etc/passwd",
    "template": "{{7*7}}${7*7}<%=7*7%>",
    "HTML": "<script>alert(1)</script>",
    "format": "%s%n{0}{code.__class__}",
    "formula": '=HYPERLINK("http://x","y")',
    "beyond the BMP": "𠮷野家𰻝𰻝面🎓-1",
    "JSON of depth": "[" * 250 + "]" * 250,
    "JSON": '{"学号": "\' OR 1=1 --", "姓名": "x"}',
    "JSON twice": '{"学号": "1", "学号": "2"}',
    "JSON numbers": '{"学号": 1e400, "院校代码": -1}',
    "URL": "https://x/?xh=%00%ff&xm=%E2%80%AE",
    "pairs": "学号=1;学号=2",
    "key": "plain|10000|x' or 1=1 --|",
    "separators": "|" * 512,
}
"""Texts that may be a code as well as any: opaque to all, and nobody's."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("registrar") / "data") as serving:
        yield serving


@pytest.fixture(scope="module")
def town(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(server, tmp_path_factory.mktemp("booth"), students=3)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_code_goes_no_further_than_the_reader(name: str) -> None:
    text = REFUSED[name]
    assert Framing().find_code(text) is None
    with pytest.raises(CaptureCodeError) as raised:
        parse_capture_code(text)
    assert len(str(raised.value)) < 300
    assert text not in str(raised.value)
    assert kind_of_wrong_code(text) in ("code_unreadable", "code_link")


@pytest.mark.parametrize("name", OPAQUE)
def test_what_may_be_one_is_nobodys_wherever_it_is_asked(
    town: Town, tmp_path: Path, name: str
) -> None:
    text = OPAQUE[name]
    assert parse_capture_code(text).text == text
    told = ToldSettings(plain_codes="offline", plain_pattern="学号|姓名|院校代码")
    known_as, _ = read_scan(text, INSTITUTION, told)

    def ask(question: Question) -> Answer:
        with town.client() as client:
            return client.resolve(question)

    with resolver_in_thread(tmp_path / "s", ask):
        for said in {text, known_as}:
            question = Question(capture_code=said)
            assert SocketResolver(tmp_path / "s").resolve(question) == "code_unknown"
    assert town.store.counts().records == 3
    index = index_of(town)
    assert index.find(known_as) is None
    assert index.find_capture_code(text) is None


def index_of(town: Town) -> RosterIndex:
    with town.client() as client:
        return fetch_roster(client, town.roster, INSTITUTION)


def test_a_question_of_ten_megabytes_is_not_read_by_the_resolver(
    tmp_path: Path,
) -> None:
    asked: list[Question] = []
    line = Question(capture_code="x").model_copy(update={"capture_code": REFUSED["10 MB"]})

    def ask(question: Question) -> Answer:
        asked.append(question)
        return "code_unknown"

    with resolver_in_thread(tmp_path / "s", ask), pytest.raises(Unreachable):
        SocketResolver(tmp_path / "s").resolve(line)
    assert asked == []


# ---- names ----

RARE = {
    "extension B": "𠮷𡈙",
    "extension F": "𬺰",
    "extension G": "\U00030002子",
    "middle dot": "买买提·𠮷",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_names_beyond_the_bmp_are_imported_shown_found_sorted_and_exported(
    tmp_path: Path, encoding: str
) -> None:
    lines = [HEADER]
    for number, name in enumerate(RARE.values()):
        row = ROW.replace("林小雨", name).replace("code-1", f"code-{number}")
        lines.append(
            row.replace("record-1", f"record-{number}").replace("2022010001", f"20{number}")
        )
    data = ("\r\n".join(lines) + "\r\n").encode(encoding)
    judged = judge_roster(open_sheet("名册.csv", io.BytesIO(data)))
    names = [found.name for _, found in judged.records()]
    assert (names, judged.refused) == (list(RARE.values()), ())
    assert not any("no glyph" in remark for remark in judged.remarks)
    assert load_font("bold").undrawable("".join(names)) == ""
    assert sorted(["张三", *names])[0] == "买买提·𠮷"
    assert sorted(names, key=lambda name: name.encode()) == sorted(names)  # as databases do
    line = csv_line(names)
    assert next(csv.reader(io.StringIO(line.decode()))) == names
    assert (tmp_path / "x").write_bytes(line)


def test_who_has_such_a_name_is_found_at_the_desk(server: Server, town: Town) -> None:
    town.store.records.import_records([record(2, name=RARE["extension B"])])
    browser = signed_in(server, "registrar")
    page = browser.get(f"/students?q={RARE['extension B'][0]}")
    assert RARE["extension B"] in page.text
    for text in ("' OR '1'='1", "%", "_", "\u202e", "<b>", "$(reboot)", "=1+1", "𠮷" * 60):
        page = browser.get(f"/students?q={quote(text)}")
        assert page.status_code in (200, 422)
        assert "学生0" not in page.text
        assert "<b>" not in page.text


def test_no_field_of_a_list_is_computed() -> None:
    for begins in "=+-@\t＝＋－＠":
        for text in (f"{begins}cmd|' /C calc'!A0", f" {begins}1+1"):
            (field,) = next(csv.reader(io.StringIO(csv_line([text]).decode(), newline="")))
            assert field == f"'{text}"
