"""The roster's page: a file is tried, every refused row is told, and then it is imported or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from registrar.desk.reasons import tell_reason
from registrar.desk.tried_files import KEPT, sweep
from registrar.serve import Server
from tests.desk import Browser, now, signed_in
from tests.registrar.test_roster import HEADER, ROW

BAD = ROW.replace("林小雨", " ").replace("code-1", "code-2").replace("record-1", "r2")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "registrar") as serving:
        yield serving


@pytest.fixture
def browser(server: Server) -> Browser:
    return signed_in(server, "registrar")


def try_file(browser: Browser, *lines: str) -> requests.Response:
    data = "\r\n".join([*lines, ""]).encode()
    return browser.upload("/roster/preview", "名册.csv", data)


def ticket(page: requests.Response) -> dict[str, str]:
    """What the page that shows a tried file sends on."""
    found = page.text.partition('name="ticket" value="')[2].partition('"')[0]
    return {"ticket": found, "name": "名册.csv"}


def records(server: Server) -> int:
    return server.store.counts().records


def test_a_good_file_is_tried_first_and_then_imported(server: Server, browser: Browser) -> None:
    tried = try_file(browser, HEADER, ROW)
    assert "尚未作任何改动" in tried.text
    assert "林小雨" in tried.text
    assert records(server) == 0
    done = browser.post("/roster/import", **ticket(tried))
    assert "已导入：新增 1，更新 0，不变 0" in done.text
    assert "示范大学" in done.text
    assert records(server) == 1
    assert not list(server.store.objects.names("imports"))


def test_refused_rows_are_all_told_and_left_out_only_if_one_says_so(
    server: Server, browser: Browser
) -> None:
    other = ROW.replace("10000", "1").replace("code-1", "code-3").replace("record-1", "r3")
    tried = try_file(browser, HEADER, ROW, BAD, other)
    for told in ('<td class="number">3</td><td>姓名为空</td>', "院校代码须为 5 位数字"):
        assert told in tried.text
    whole = browser.post("/roster/import", **ticket(tried))
    assert whole.status_code == 422
    assert records(server) == 0
    part = browser.post("/roster/import", partial="yes", **ticket(tried))
    assert "新增 1" in part.text
    assert records(server) == 1


def test_what_belongs_to_others_already_is_told_with_its_line(
    server: Server, browser: Browser
) -> None:
    browser.post("/roster/import", **ticket(try_file(browser, HEADER, ROW)))
    tried = try_file(browser, HEADER, ROW.replace("record-1", "r9").replace("2022010001", "9"))
    assert "记录 r9 的采集码已属于记录 record-1" in tried.text


def test_a_file_that_was_tried_cannot_be_read_where_it_lies_and_goes(
    server: Server, browser: Browser
) -> None:
    try_file(browser, HEADER, ROW)
    objects = server.store.objects
    ((name, _),) = objects.names("imports")
    assert "林小雨".encode() not in objects.get(name)
    sweep(objects, now() + KEPT + 60)
    assert not list(objects.names("imports"))


def test_who_wants_nothing_imported_drops_the_file(server: Server, browser: Browser) -> None:
    assert browser.post("/roster/drop", **ticket(try_file(browser, HEADER, ROW))).status_code == 200
    assert not list(server.store.objects.names("imports"))
    assert records(server) == 0


@pytest.mark.parametrize("made_up", ["", "x", "../../seal.key.", f"{'0' * 32}.AAAA"])
def test_a_ticket_that_somebody_made_up_is_good_for_nothing(
    server: Server, browser: Browser, made_up: str
) -> None:
    assert browser.post("/roster/import", ticket=made_up, name="x").status_code in (400, 422)


def test_what_is_no_roster_is_told_in_the_pages_language(server: Server, browser: Browser) -> None:
    page = browser.upload("/roster/preview", "x.xlsx", b"PK\x03\x04" + bytes(40))
    assert page.status_code == 422
    assert "不是可以读取的 Excel 工作簿" in page.text
    english = signed_in(server, "registrar", login="bo", language="en")
    page = english.upload("/roster/preview", "x.csv", b"a,b\n1,2\n")
    assert "the header lacks capture_code" in page.text


def test_reasons_are_told_in_chinese_with_what_they_are_about() -> None:
    assert tell_reason("zh-CN", "r.csv:3: name is empty") == "r.csv:3: 姓名为空"
    assert tell_reason(
        "zh-CN", "student_no is 无, which stands for none; leave it empty where"
    ) == ("学号是“无”，表示没有；没有时请留空")
    assert tell_reason("zh-CN", "something new") == "something new"


def test_what_a_column_is_called_is_said_once_remembered_and_told(
    server: Server, browser: Browser
) -> None:
    data = f"{HEADER.replace('record_id', '编号')}\r\n{ROW}\r\n".encode()
    lacking = browser.upload("/roster/preview", "名册.csv", data)
    assert lacking.status_code == 422
    assert "record_id" in lacking.text
    wrong = browser.upload("/roster/preview", "名册.csv", data, columns="编号=几号")
    assert "“几号”不是可用的列" in wrong.text
    tried = browser.upload("/roster/preview", "名册.csv", data, columns=" 编号＝学籍编号；班=学院")
    assert "编号 is record_id" in tried.text
    assert (
        browser.upload("/roster/preview", "名册.csv", data).status_code == 422
    )  # not yet imported
    browser.post("/roster/import", **ticket(tried), columns="编号=record_id;班=学院")
    assert records(server) == 1
    again = browser.upload("/roster/preview", "名册.csv", data)
    assert "按以前告知的列名读取：编号 is record_id" in again.text
    forgotten = browser.upload("/roster/preview", "名册.csv", data, columns="编号=")
    assert forgotten.status_code == 422
