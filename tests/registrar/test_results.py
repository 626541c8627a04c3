"""Results of the national comparison: they reach the photo, the roster and the student."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from protocol.student import Student
from registrar.errors import UsageError
from registrar.intake import receive_envelope
from registrar.results import ResultImport
from registrar.serve import Server
from registrar.spreadsheets import open_sheet
from registrar.storage.tables import AUDIT
from registrar.students import PastPhoto, history
from tests.town import STAFF, TAKEN_AT, Town, record


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(Server(tmp_path / "registrar"), tmp_path / "booth", students=5)
    for number in (1, 2, 3):
        receive_envelope(town.store, town.server.keys, town.envelope(number), TAKEN_AT)
    town.approve(1, 2)
    yield town
    town.store.database.close()


def take_in(town: Town, *lines: str, encoding: str = "utf-8") -> ResultImport:
    file = open_sheet("results.csv", io.BytesIO("\r\n".join([*lines, ""]).encode(encoding)))
    return town.store.results.import_file(file, STAFF, TAKEN_AT)


def past(town: Town, student: int) -> PastPhoto:
    with town.store.database.connection() as db:
        found = history(db, f"record-{student}")
    assert found is not None
    return found.photos[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_results_reach_the_photos(town: Town, encoding: str) -> None:
    done = take_in(
        town,
        "学号,比对结果,备注",
        "2022000001,通过,",
        "2022000002,不通过,相似度低",
        encoding=encoding,
    )
    assert done == ResultImport(1, 1, 0, (), 0)
    assert past(town, 1).comparison == (True, "")
    assert past(town, 1).state == "approved"
    assert past(town, 2).comparison == (False, "相似度低")
    assert (past(town, 2).state, past(town, 2).refusal) == ("refused", "comparison_failed")


def test_who_did_not_pass_is_the_registrys_until_staff_permit_another(town: Town) -> None:
    take_in(town, "student_no,result", "2022000002,failed")
    assert town.store.records.resolve("code-2") == "comparison_failed"
    town.permit(2)
    found = town.store.records.resolve("code-2")
    assert isinstance(found, Student)
    assert found.refused == "comparison_failed"
    assert town.store.records.resolve("code-1") == "photo_approved"


def test_results_may_be_by_identity_number(town: Town) -> None:
    town.store.records.import_records([record(1, id_no="11010519491231002X")])
    assert take_in(town, "id_no,result", "'11010519491231002x,passed").passed == 1


def test_a_wrong_row_stops_no_other_and_is_told_with_its_line(town: Town) -> None:
    done = take_in(
        town,
        "student_no,result",
        "2022000001,passed",
        "2022009999,passed",
        "2022000003,passed",
        "2022000002,perhaps",
        ",passed",
    )
    assert done.passed == 1
    assert done.left_out_count == 4
    assert [line for line, _ in done.left_out] == [3, 4, 5, 6]
    assert [reason.partition(";")[0] for _, reason in done.left_out] == [
        "no student on the roster has this number",
        "no photo of the student was approved",
        "result 'perhaps' is neither passed (通过) nor failed (不通过)",
        "no student on the roster has this number",
    ]


def test_a_file_is_imported_once_and_what_is_known_stays(town: Town) -> None:
    take_in(town, "student_no,result", "2022000001,passed", "2022000002,failed")
    with pytest.raises(UsageError, match="imported already"):
        take_in(town, "student_no,result", "2022000001,passed", "2022000002,failed")
    done = take_in(town, "student_no,result", "2022000002,failed", "2022000001,passed")
    assert done == ResultImport(0, 0, 2, (), 0)


@pytest.mark.parametrize("header", ["name,result", "student_no,name"])
def test_a_file_without_its_columns_changes_nothing(town: Town, header: str) -> None:
    with pytest.raises(UsageError, match="header lacks"):
        take_in(town, header, "x,y")


def test_who_imported_is_audited(town: Town) -> None:
    take_in(town, "student_no,result", "2022000001,passed")
    with town.store.database.connection() as db:
        row = db.execute(select(AUDIT).where(AUDIT.c.action == "result.import")).one()
    assert row.actor == STAFF
    assert '"passed":1' in row.detail
