"""The schedule: which colleges come when and where, from a table to what booths are told."""

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from protocol.schedule import MOST_SLOTS, SHANGHAI, Slot
from registrar.cli import main
from registrar.desk.reasons import tell_reason
from registrar.errors import UsageError
from registrar.schedule import import_schedule, preview_schedule, slots_of
from registrar.schedule_reading import JudgedSchedule, judge_schedule
from registrar.serve import Server
from registrar.spreadsheets import open_sheet
from registrar.storage.tables import AUDIT
from registrar.store import Store
from tests.desk import signed_in
from tests.registrar.test_roster_page import ticket
from tests.registrar.workbooks import Merged, workbook
from tests.town import INSTITUTION, record

HEADER = "地点,日期,时间,学院"
ANNEX = (
    HEADER,
    "体育馆一楼,2026-06-01,8:30-9:30,法学院",
    ",,9：30～10：30,文学院、历史学院",
    ",,下午2:00-3:00,所有学院",
    "图书馆,2026年6月2日（周二）,16:00—17:00,法学院",
)
"""As the guide's annex has it: cells that are merged are empty but in the first row."""


def judge(*lines: str, code: str | None = INSTITUTION, encoding: str = "utf-8") -> JudgedSchedule:
    data = "\r\n".join([*lines, ""]).encode(encoding)
    return judge_schedule(open_sheet("schedule.csv", io.BytesIO(data)), code)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in June 2026, in China."""
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI)


SLOTS = (
    Slot(place="体育馆一楼", starts_at=at(1, 8, 30), ends_at=at(1, 9, 30), colleges=("法学院",)),
    Slot(
        place="体育馆一楼",
        starts_at=at(1, 9, 30),
        ends_at=at(1, 10, 30),
        colleges=("历史学院", "文学院"),
    ),
    Slot(place="体育馆一楼", starts_at=at(1, 14), ends_at=at(1, 15), colleges=()),
    Slot(place="图书馆", starts_at=at(2, 16), ends_at=at(2, 17), colleges=("法学院",)),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "registrar")
    store.records.import_records([record(1), record(2, college="法学院")])
    yield store
    store.database.close()


def held(store: Store, code: str = INSTITUTION) -> tuple[Slot, ...]:
    with store.database.connection() as db:
        return slots_of(db, code)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_schedule_is_read_as_the_guides_annex_has_it(encoding: str) -> None:
    found = judge(*ANNEX, encoding=encoding)
    assert found.refused == ()
    assert found.slots() == {INSTITUTION: SLOTS}


def test_a_workbooks_merged_cells_days_and_times_are_read() -> None:
    day = datetime(2026, 6, 1).date()
    data = workbook(
        [
            ["毕业生图像采集安排"],
            [],
            ["地点", "日期", "开始时间", "结束时间", "学院"],
            ["体育馆一楼", day, timedelta(hours=8, minutes=30), timedelta(hours=9.5), "法学院"],
            ["", "", "9:30", "10:30", "文学院\n历史学院"],
        ],
        merged=[Merged(3, 0, 4, 0), Merged(3, 1, 4, 1), Merged(0, 0, 0, 4)],
    )
    found = judge_schedule(open_sheet("s.xlsx", io.BytesIO(data)), INSTITUTION)
    assert found.refused == ()
    assert found.slots() == {INSTITUTION: SLOTS[:2]}


def test_times_are_chinas_wherever_the_registrar_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        (slot, *_) = judge(*ANNEX).slots()[INSTITUTION]
        assert slot.starts_at == datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


REFUSED = [
    ("馆,2026-06-01,8:30-9:30,法学院?", "college has a question mark", "原来的字已丢失"),
    ("馆,6月1日,8:30-9:30,法学院", "date lacks its year", "日期没有年份"),
    ("馆,2026-02-30,8:30-9:30,法学院", "date is no day of the calendar", "没有这一天"),
    ("馆,周一,8:30-9:30,法学院", "date is no day; write", "请写成 2026-06-01"),
    ("馆,0026-06-01,8:30-9:30,法学院", "date is in the year 26", "26 年"),
    ("馆,2026-06-01,9:30-8:30,法学院", "time ends before it starts", "不晚于开始时间"),
    ("馆,2026-06-01,8:30,法学院", "time is not from when to when", "时间没有起止"),
    ("馆,2026-06-01,8:30-25:00,法学院", "time is not from when to when", "时间没有起止"),
    ("馆,2026-06-01,,法学院", "time is empty", "时间为空"),
    ("=x(),2026-06-01,8:30-9:30,法学院", "place begins with =", "电子表格会当作公式"),
    ("馆,2026-06-01,8:30-9:30", "the row does not have 4 columns", "不是 4 列"),
]


@pytest.mark.parametrize(("row", "reason", "chinese"), REFUSED)
def test_a_refused_row_is_told_with_its_line_in_both_languages(
    row: str, reason: str, chinese: str
) -> None:
    (refused,) = judge(HEADER, ANNEX[1], row).refused
    assert refused.line == 3
    assert refused.reason.startswith(reason)
    assert chinese in tell_reason("zh-CN", refused.reason)


def test_a_college_has_a_time_once_and_not_beside_everybody() -> None:
    found = judge(
        HEADER,
        "馆,2026-06-01,8:30-9:30,法学院",
        ",,8:30-9:30,文学院",
        ",,8:30-9:30,法学院",
        ",,8:30-9:30,全校",
    )
    assert [tuple(row) for row in found.refused] == [
        (4, "college has this time by line 2 already"),
        (5, "college has this time by line 2 already"),
    ]
    assert found.slots()[INSTITUTION][0].colleges == ("文学院", "法学院")


def test_whose_a_schedule_is_must_be_known() -> None:
    (refused,) = judge(*ANNEX[:2], code=None).refused
    assert refused.reason.startswith("institution_code is empty")
    found = judge(HEADER + ",院校代码", ANNEX[1] + ",10001", code=None)
    assert list(found.slots()) == ["10001"]


@pytest.mark.parametrize(
    ("header", "said"),
    [("地点,日期,学院", "lacks time"), ("日期,时间,学院", "lacks place"), ("x,y", "lacks place")],
)
def test_a_table_that_is_no_schedule_says_what_it_lacks(header: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        judge(header, "1,2,3")


def test_nobody_has_more_slots_than_booths_take() -> None:
    rows = [f"馆{n},2026-06-01,8:30-9:30,法学院" for n in range(MOST_SLOTS + 1)]
    with pytest.raises(UsageError, match="at most 2000"):
        judge(HEADER, *rows)


def test_a_file_replaces_the_schedules_that_it_names_and_no_others(store: Store) -> None:
    def take(found: JudgedSchedule) -> tuple[int, int, int]:
        done = import_schedule(store.database, found, partial=False, note=lambda db, done: None)
        return done.new, done.removed, done.same

    other = judge(*ANNEX[:2], code="10001")
    assert take(other) == (1, 0, 0)
    assert take(judge(*ANNEX)) == (4, 0, 0)
    assert take(judge(*ANNEX[:3], "图书馆,2026-06-03,8:30-9:30,法学院")) == (1, 2, 2)
    assert held(store, "10001") == SLOTS[:1]
    assert [slot.place for slot in held(store)] == ["体育馆一楼", "体育馆一楼", "图书馆"]


def test_refused_rows_change_nothing_unless_they_are_left_out(store: Store) -> None:
    found = judge(*ANNEX[:2], REFUSED[1][0])
    with pytest.raises(UsageError, match=r"schedule\.csv:3: date lacks its year"):
        import_schedule(store.database, found, partial=False, note=lambda db, done: None)
    assert held(store) == ()
    import_schedule(store.database, found, partial=True, note=lambda db, done: None)
    assert held(store) == SLOTS[:1]


def test_a_college_that_nobody_on_the_roster_is_of_is_named(store: Store) -> None:
    (remark,) = preview_schedule(store.database, judge(*ANNEX[:3])).remarks
    assert remark == "schedule.csv: the roster of 10000 has nobody in 历史学院"
    assert "历史学院" in tell_reason("zh-CN", remark)
    assert "名册上" in tell_reason("zh-CN", remark)


def test_the_command_imports_lists_and_is_audited(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "annex.csv"
    path.write_text("\n".join(ANNEX), "utf-8")
    data = ["--data", str(store.folder)]
    assert main(["schedule", "import", str(path), *data, "--dry-run"]) == 0
    assert "would be 4 new" in capsys.readouterr().out
    assert held(store) == ()
    assert main(["schedule", "import", str(path), *data]) == 0
    assert held(store) == SLOTS
    assert main(["schedule", "list", *data]) == 0
    listed = capsys.readouterr().out
    assert "08:30-09:30" in listed
    assert "历史学院" in listed
    path.write_text("\n".join([*ANNEX, REFUSED[1][0]]), "utf-8")
    assert main(["schedule", "import", str(path), *data]) == 2
    assert main(["schedule", "import", str(path), *data, "--partial"]) == 1
    assert "annex.csv:6: date lacks its year" in capsys.readouterr().err
    assert main(["schedule", "import", str(tmp_path / "none.csv"), *data]) == 2
    with store.database.connection() as db:
        rows = db.execute(select(AUDIT).where(AUDIT.c.action == "schedule.import")).all()
    assert len(rows) == 2
    assert '"institutions":["10000"]' in rows[0].detail


def test_the_desk_tries_a_schedule_and_then_imports_it(tmp_path: Path) -> None:
    with Server(tmp_path / "registrar") as server:
        server.store.records.import_records([record(1)])
        browser = signed_in(server, "registrar")
        lines = [*ANNEX, REFUSED[1][0]]
        tried = browser.upload("/schedule/preview", "日程.csv", "\n".join(lines).encode())
        assert '<td class="number">6</td><td>日期没有年份' in tried.text
        assert "08:30–09:30" in tried.text
        assert held(server.store) == ()
        assert browser.post("/schedule/import", **ticket(tried)).status_code == 422
        done = browser.post("/schedule/import", partial="yes", **ticket(tried))
        assert "新增 4，删除 0，不变 0" in done.text
        assert "历史学院、文学院" in done.text
        assert held(server.store) == SLOTS
        assert browser.upload("/schedule/preview", "x", b"PK\3\4").status_code == 422
        dropped = browser.upload("/schedule/preview", "x.csv", "\n".join(ANNEX).encode())
        assert browser.post("/schedule/drop", **ticket(dropped)).status_code == 200
        assert not list(server.store.objects.names("imports"))
