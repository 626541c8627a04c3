"""The schedule at the booth: from the registrar's table to what becomes of a student here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.sync.configuration import bring_configuration, configuration_path
from kiosk.sync.held_schedule import HeldSchedule
from protocol.configuration import Configuration, ToldSettings, write_document
from protocol.schedule import SHANGHAI, Slot
from protocol.student import Student
from protocol.turn import NO_AGENDA, Ruling
from registrar import cli
from registrar.serve import Server
from tests.town import INSTITUTION, Town

KEY = SigningKey(b"s" * 32)
HERE = "图书馆一层"
NINE = datetime(2026, 6, 1, 9, tzinfo=SHANGHAI)
LIN = Student("r1", "林小雨", "2022001", INSTITUTION, "示范大学", "文学院")

TABLE = """地点,日期,时间,学院
图书馆一层,2026-06-01,8:30-9:30,法学院
图书馆一层,2026-06-01,9:30-10:30,文学院、历史学院
体育馆,2026-06-01,9:30-10:30,医学院
"""


def keep(roster: Path, *slots: Slot, version: int = 7, **rules: Ruling) -> None:
    """Keep a document as a sync would."""
    told = Configuration(
        institution_code=INSTITUTION,
        version=version,
        issued_at=NINE,
        settings=ToldSettings.model_validate(rules),
        schedule=slots,
    )
    configuration_path(roster).write_bytes(write_document(told, KEY))


def held(roster: Path, at: datetime = NINE) -> HeldSchedule:
    return HeldSchedule(roster, KEY.verify_key, INSTITUTION, HERE, lambda: at)


def slot(hour: int, *colleges: str) -> Slot:
    at = NINE.replace(hour=hour)
    return Slot(place=HERE, starts_at=at, ends_at=at + timedelta(hours=1), colleges=colleges)


def test_without_a_schedule_nothing_is_shown_and_everybody_is_admitted(tmp_path: Path) -> None:
    none = held(tmp_path / "roster")
    assert none.agenda() == NO_AGENDA
    assert none.turn_of(LIN) is None
    keep(tmp_path / "roster", early="turn_away")
    assert none.agenda() == NO_AGENDA
    assert none.turn_of(LIN) is None


@pytest.mark.parametrize("spoiled", [b"", b"half", b"\xff" * 300])
def test_a_damaged_schedule_stops_nobody(tmp_path: Path, spoiled: bytes) -> None:
    roster = tmp_path / "roster"
    keep(roster, slot(14, "文学院"), early="turn_away")
    booth = held(roster)
    turn = booth.turn_of(LIN)
    assert turn is not None
    assert turn.ruling == "turn_away"
    configuration_path(roster).write_bytes(spoiled)
    assert booth.turn_of(LIN) is None
    assert booth.agenda() == NO_AGENDA


def test_a_new_schedule_is_taken_without_a_restart(tmp_path: Path) -> None:
    roster = tmp_path / "roster"
    keep(roster, slot(9, "法学院"))
    booth = held(roster)
    assert [one.colleges for one in booth.agenda().now] == [("法学院",)]
    keep(roster, slot(9, "文学院", "法学院"), version=8)
    assert [one.colleges for one in booth.agenda().now] == [("文学院", "法学院")]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "data") as server:
        yield Town(server, tmp_path / "booth")


def test_the_registrars_table_and_rules_reach_the_booth(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "schedule.csv"
    table.write_text(TABLE, "utf-8")
    data = ["--data", str(tmp_path / "data")]
    assert cli.main(["schedule", "import", *data, "--institution", INSTITUTION, str(table)]) == 0
    rules = ["early=wait", "late=admit", "wrong_place=turn_away"]
    assert cli.main(["configure", *data, INSTITUTION, *rules]) == 0
    assert cli.main(["configure", *data, INSTITUTION, "early=perhaps"]) == 2
    with town.client() as client:
        bring_configuration(client, town.roster, INSTITUTION)
    key = town.server.keys.signing_key.verify_key
    booth = HeldSchedule(town.roster, key, INSTITUTION, HERE, lambda: NINE + timedelta(minutes=27))
    agenda = booth.agenda()
    assert [one.colleges for one in (*agenda.now, *agenda.coming)] == [
        ("法学院",),
        ("历史学院", "文学院"),
    ]
    turn = booth.turn_of(LIN)
    assert turn is not None
    assert (turn.standing, turn.ruling, turn.seconds_left) == ("early", "wait", 180.0)
