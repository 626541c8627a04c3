"""Permits: one student, one reason, one time."""

import getpass
import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from registrar import audit
from registrar.cli import main
from registrar.errors import UsageError
from registrar.intake import receive_envelope
from registrar.serve import Server
from registrar.storage.tables import AUDIT
from registrar.students import History, history
from tests.town import STAFF, TAKEN_AT, Town, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(Server(tmp_path / "registrar"), tmp_path / "booth", students=3)
    receive_envelope(town.store, town.server.keys, town.envelope(1), TAKEN_AT)
    yield town
    town.store.database.close()


def past(town: Town) -> History:
    with town.store.database.connection() as db:
        found = history(db, "record-1")
    assert found is not None
    return found


def test_a_permit_is_for_one_photo(town: Town) -> None:
    town.permit(1)
    assert past(town).has_open_permit
    assert not isinstance(town.store.records.resolve("code-1"), str)
    second, third = (town.envelope(number, of_student=1) for number in (11, 12))
    keys = town.server.keys
    assert receive_envelope(town.store, keys, second, TAKEN_AT).refused is None
    (permit,) = past(town).permits
    assert (permit.photo, permit.given_by) == (submission(11), STAFF)
    assert receive_envelope(town.store, keys, third, TAKEN_AT).refused == "already_photographed"


def test_there_is_one_permit_at_a_time(town: Town) -> None:
    town.permit(1)
    with pytest.raises(UsageError, match="record-1: has a permit that was not used yet"):
        town.permit(1)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_permit_has_a_reason(town: Town, reason: str) -> None:
    with pytest.raises(UsageError, match="reason of 1 to 200"):
        town.store.permits.give("record-1", reason, STAFF, TAKEN_AT)


def test_a_permit_for_an_unknown_record_is_refused(town: Town) -> None:
    with pytest.raises(UsageError, match="record-9: is not in the roster"):
        town.permit(9)


def test_a_permit_that_was_not_used_is_taken_back(town: Town) -> None:
    town.permit(1)
    town.store.permits.withdraw("record-1", STAFF, TAKEN_AT)
    assert town.store.records.resolve("code-1") == "already_photographed"
    with pytest.raises(UsageError, match="no permit"):
        town.store.permits.withdraw("record-1", STAFF, TAKEN_AT)


def test_staff_find_permit_and_look_back_on_the_command_line(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(town.store.folder)]
    town.refuse(1)
    for text in ("学生1", "2022000001", "code-1", "record-1", submission(1).hex[:8].upper()):
        assert main(["student", "show", *data, text]) == 0
        assert "record-1" in capsys.readouterr().out
    assert main(["student", "show", *data, "%"]) == 2
    assert main(["student", "permit", *data, "record-1", "glasses broke"]) == 0
    capsys.readouterr()
    assert main(["student", "history", *data, "record-1"]) == 0
    said = capsys.readouterr().out
    assert "refused (eyes_closed)" in said
    assert "open\tglasses broke" in said
    assert main(["student", "history", *data, "record-9"]) == 2


def test_who_is_meant_is_read_from_standard_input_and_every_look_is_audited(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ["--data", str(town.store.folder)]
    monkeypatch.setattr(getpass, "getuser", lambda: "office")

    def run(*arguments: str, who: str) -> str:
        monkeypatch.setattr(sys, "stdin", StringIO(f"{who}\n"))
        assert main(["student", arguments[0], *data, "-", *arguments[1:]]) == 0
        return capsys.readouterr().out

    (found,) = json.loads(run("show", "--json", who="code-1"))
    assert (found["record_id"], found["student_no"]) == ("record-1", "2022000001")
    assert "code-1" not in str(found)
    run("permit", "glasses broke", who="2022000001")
    run("grant", "headwear", "faith", who="code-1")
    told = json.loads(run("history", "--json", who="学生1"))
    assert told["stands"] == "already_photographed"
    assert [permit["reason"] for permit in told["permits"]] == ["glasses broke"]
    assert [grant["name"] for grant in told["grants"]] == ["headwear"]
    with town.store.database.connection() as db:
        asked = select(AUDIT.c.action, AUDIT.c.subject).where(AUDIT.c.actor == "office")
        noted = [tuple(row) for row in db.execute(asked.order_by(AUDIT.c.number))]
        assert audit.verify_log(db) is None
    assert noted == [
        (what, "record-1")
        for what in ("student.show", "permit.give", "grant.give", "student.history")
    ]
