"""Plain codes at a booth: read in every form, asked of the registrar, or found in the roster."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from nacl.signing import SigningKey

from kiosk.booth.registrar_link import SyncLink
from kiosk.errors import SyncError
from kiosk.sync.configuration import bring_configuration
from kiosk.sync.errors import Unreachable
from kiosk.sync.plain_codes import read_scan
from kiosk.sync.roster_fetch import fetch_roster
from protocol.configuration import ToldSettings
from protocol.roster import Answer, Question
from protocol.student import Student
from registrar.configuration import set_for_booths
from registrar.erasure import erase
from registrar.serve import Server
from tests.town import BOOTH, INSTITUTION, TAKEN_AT, Town, record

FORMS = {
    "json": json.dumps({"姓名": "学生1", "学号": 2022000001, "院校代码": INSTITUTION}),
    "url": f"https://photo.example.edu/?xh=2022000001&xm=%E5%AD%A6%E7%94%9F1&yxdm={INSTITUTION}",
    "pairs": "学号：2022000001；姓名：学生1",
    "pattern": f"2022000001|学生1|{INSTITUTION}",
    "full-width": f"２０２２０００００１|学生1|{INSTITUTION}",
}


class Line:
    """The way to the registrar, which may be cut."""

    def __init__(self, town: Town) -> None:
        self.town, self.is_cut = town, False

    def resolve(self, question: Question) -> Answer:
        if self.is_cut:
            raise Unreachable("cut")
        with self.town.client() as client:
            return client.resolve(question)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("registrar") / "data") as serving:
        yield serving


@pytest.fixture
def town(server: Server, tmp_path: Path) -> Town:
    for booth_id in server.store.booths.served():
        server.store.booths.remove(booth_id)
    town = Town(server, tmp_path / "booth", students=3)
    configure(town, plain_codes="", plain_pattern="学号|姓名|院校代码", plain_proof="")
    return town


def configure(town: Town, **settings: str) -> None:
    with town.store.database.transaction() as db:
        for name, value in settings.items():
            set_for_booths(db, INSTITUTION, name, value, "tom", TAKEN_AT)


def sync(town: Town) -> None:
    with town.client() as client:
        bring_configuration(client, town.roster, INSTITUTION)
        fetch_roster(client, town.roster, INSTITUTION)


def at_booth(town: Town) -> tuple[SyncLink, Line]:
    line, keys = Line(town), town.server.keys
    link = SyncLink(
        line,
        keys.signing_key.verify_key,
        town.folder / "outbox.sqlite",
        town.roster,
        (keys.vault.public_key, SigningKey(b"s" * 32)),
        (BOOTH, INSTITUTION),
        {},
        uuid4,
    )
    return link, line


def scan(link: SyncLink, text: str) -> object:
    found = link.resolve(text)
    return (found.record_id, link.proof_asked) if isinstance(found, Student) else found


@pytest.mark.parametrize("form", FORMS)
def test_every_form_means_one_student_and_proves_nothing(form: str) -> None:
    told = ToldSettings(plain_codes="online", plain_pattern="学号|姓名|院校代码")
    assert read_scan(FORMS[form], INSTITUTION, told) == (
        f"plain|{INSTITUTION}|2022000001|学生1",
        "card",
    )
    assert read_scan(FORMS[form], INSTITUTION, ToldSettings()) == (FORMS[form], None)


def test_a_capture_code_within_a_plain_one_is_that_capture_code() -> None:
    told = ToldSettings(plain_codes="online")
    text = '{"采集码": "DEMO-3F6A-91C7-04BD", "学号": "1"}'
    assert read_scan(text, INSTITUTION, told) == ("DEMO-3F6A-91C7-04BD", None)


def test_who_writes_the_key_itself_into_a_code_shows_the_staff_their_card_as_well() -> None:
    told = ToldSettings(plain_codes="online", plain_proof="staff")
    key = f"plain|{INSTITUTION}|2022000001|学生1"
    assert read_scan(key, INSTITUTION, told) == (key, "staff")


def test_with_a_network_the_registrar_says_whose_a_plain_code_is(town: Town) -> None:
    sync(town)
    link, line = at_booth(town)
    assert scan(link, FORMS["pairs"]) == "code_unknown"
    configure(town, plain_codes="online", plain_proof="staff")
    sync(town)
    assert scan(link, FORMS["pairs"]) == ("record-1", "staff")
    assert scan(link, "学号：2022000001；姓名：学生2") == "code_unknown"
    assert scan(link, "code-1") == ("record-1", None)
    line.is_cut = True
    assert scan(link, FORMS["json"]) == "registrar_unreachable"
    assert scan(link, "code-7") == "code_unknown"


def test_offline_the_roster_knows_a_number_with_its_name_where_the_institution_wants_it(
    town: Town,
) -> None:
    configure(town, plain_codes="offline")
    sync(town)
    link, line = at_booth(town)
    line.is_cut = True
    assert scan(link, "学号：2022000000；姓名：学生0") == ("record-0", "card")
    assert scan(link, "学号：2022000000") == "registrar_unreachable"  # without the name
    town.store.records.import_records([record(0, name="学生一")])
    sync(town)
    assert scan(link, "学号：2022000000；姓名：学生0") == "registrar_unreachable"
    assert scan(link, "学号：2022000000；姓名：学生一") == ("record-0", "card")
    erase(town.store, "record-2", town.server.keys.signing_key, "tom", TAKEN_AT)
    sync(town)
    assert scan(link, "学号：2022000002；姓名：学生2") == "registrar_unreachable"
    configure(town, plain_codes="online")
    sync(town)
    assert scan(link, "学号：2022000000；姓名：学生一") == "registrar_unreachable"


def test_settings_by_which_nobody_is_found_are_refused(town: Town) -> None:
    for wrong in ("姓名|院校代码", "学号姓名", "学号|学号", "hello"):
        with pytest.raises(ValueError, match="plain_pattern: "):
            configure(town, plain_pattern=wrong)


def test_a_damaged_roster_stops_no_plain_code(town: Town) -> None:
    configure(town, plain_codes="offline")
    sync(town)
    data = bytearray(town.roster.read_bytes())
    data[-3000:] = bytes(3000)
    town.roster.write_bytes(data)
    link, _ = at_booth(town)
    try:
        assert scan(link, FORMS["json"]) == ("record-1", "card")
    except SyncError:
        pytest.fail("the registrar was not asked")
