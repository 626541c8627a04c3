"""Results of the comparison in a workbook: from the file to the student and to the booth."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.sync.roster_fetch import fetch_roster
from registrar.cli import main
from registrar.intake import receive_envelope
from registrar.serve import Server
from tests.desk import signed_in
from tests.registrar.workbooks import workbook
from tests.town import INSTITUTION, TAKEN_AT, Town, question

RESULTS: list[list[object]] = [
    ["2026 届学历照片比对结果"],
    [],
    ["序号", "学号", "姓名", "比对结果", "备注"],
    [1, 2022000001, "学生1", "通过", ""],
    [2, "2022000002", "学生2", "不通过", "相似度低"],
    [3, "2022000009", "无名", "通过", ""],
]
"""As the platform exports them: one number is kept as a number."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth", students=5)
        for number in (1, 2):
            receive_envelope(town.store, server.keys, town.envelope(number), TAKEN_AT)
        town.approve(1, 2)
        yield town


def roster_answers(town: Town, *codes: str) -> list[object]:
    """What the booth's own roster answers after a sync, without network."""
    index = fetch_roster(town.client(), town.roster, INSTITUTION)
    return [index.find(code) for code in codes]


def test_results_in_a_workbook_reach_student_and_booth(town: Town) -> None:
    assert roster_answers(town, "code-1", "code-2") == ["photo_approved", "photo_approved"]
    browser = signed_in(town.server, "registrar")
    page = browser.upload("/results", "比对结果.xlsx", workbook(RESULTS))
    assert "已导入：通过 1" in page.text
    assert '<td class="number">6</td><td>名册上没有此号码的学生</td>' in page.text
    passed, failed = roster_answers(town, "code-1", "code-2")
    assert passed == "photo_approved"
    assert failed == "comparison_failed"
    online = town.client().resolve(question("code-2"))
    assert online == failed
    told = browser.get("/students/record-2").text
    assert "相似度低" in told
    again = browser.upload("/results", "比对结果.xlsx", workbook(RESULTS))
    assert again.status_code == 400
    assert "此文件已于" in again.text


def test_the_command_imports_a_workbooks_results(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "results.xlsx"
    path.write_bytes(workbook(RESULTS))
    words = ["results", "import", str(path), "--data", str(town.store.folder)]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "1 passed, 1 failed, 0 as before, 1 rows left out" in said.out
    assert "results.xlsx:6: no student on the roster has this number" in said.err
    assert main(words) == 2
    assert main([*words[:2], str(tmp_path / "none.xlsx"), *words[3:]]) == 2
