"""What a booth takes from its registrar: fetched when it has changed, never an older one again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import delete, insert

from kiosk.commands.main import main
from kiosk.config import load
from kiosk.health.exchange import configuration
from kiosk.sync.client import RegistrarClient
from kiosk.sync.configuration import (
    bring_configuration,
    configuration_path,
    read_configuration,
    with_configuration,
)
from kiosk.sync.errors import Forged
from kiosk.sync.keys import verify_key_text
from protocol.configuration import Configuration, ToldSettings, read_document, write_document
from protocol.roster_edition import MOST
from protocol.schedule import Slot
from protocol.signing import join_parts
from registrar import cli
from registrar.configuration import Publisher, set_for_booths, settings_of
from registrar.errors import UsageError
from registrar.schedule import slots_of
from registrar.serve import Server
from registrar.storage.tables import CONFIGURATION, SCHEDULE_SLOT
from tests.health.well_booth import REGISTRAR, WellBooth, make_well_booth
from tests.town import BOOTH, INSTITUTION, TAKEN_AT, Town

KEY = SigningKey(b"c" * 32)
DAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PHONE = "010-6275-0000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("registrar") / "data") as serving:
        yield serving


@pytest.fixture
def town(server: Server, tmp_path: Path) -> Town:
    with server.store.database.transaction() as db:
        for table in (CONFIGURATION, SCHEDULE_SLOT):
            db.execute(delete(table))
        for name in ToldSettings.model_fields:
            set_for_booths(db, INSTITUTION, name, "", "tom", TAKEN_AT)
    for booth_id in server.store.booths.served():
        server.store.booths.remove(booth_id)
    return Town(server, tmp_path / "booth")


def say(town: Town, name: str = "support_phone", value: str = PHONE) -> None:
    with town.store.database.transaction() as db:
        set_for_booths(db, INSTITUTION, name, value, "tom", TAKEN_AT)


def bring(town: Town) -> Configuration | None:
    with town.client() as client:
        return bring_configuration(client, town.roster, INSTITUTION)


def held(town: Town) -> Configuration | None:
    key = town.server.keys.signing_key.verify_key
    return read_configuration(town.roster, key, INSTITUTION)


def add_slot(town: Town) -> None:
    row = {
        "institution_code": INSTITUTION,
        "place": "图书馆一层",
        "starts_at": DAY.timestamp(),
        "ends_at": (DAY + timedelta(hours=3)).timestamp(),
        "colleges": '["文学院"]',
    }
    with town.store.database.transaction() as db:
        db.execute(insert(SCHEDULE_SLOT), [row])


def test_what_staff_set_and_the_schedule_reach_the_booth(town: Town) -> None:
    nothing = bring(town)
    assert nothing is not None
    assert (nothing.settings, nothing.schedule) == (ToldSettings(), ())
    say(town)
    add_slot(town)
    came = bring(town)
    assert came is not None
    assert came == held(town)
    assert came.settings == ToldSettings(support_phone=PHONE)
    (slot,) = came.schedule
    assert (slot.place, slot.starts_at, slot.colleges) == ("图书馆一层", DAY, ("文学院",))


def test_what_has_not_changed_is_not_sent_again_and_what_has_is_a_newer_version(
    town: Town,
) -> None:
    say(town)
    first = bring(town)
    assert first is not None
    document = configuration_path(town.roster).read_bytes()
    with town.client() as client:
        assert client.configuration(INSTITUTION, document) is None
        assert client.configuration(INSTITUTION, None) == document
    assert bring(town) == first
    say(town, value="010-1")
    second = bring(town)
    assert second is not None
    assert second.version > first.version
    say(town, value="")
    third = bring(town)
    assert third is not None
    assert (third.settings, third.version > second.version) == (ToldSettings(), True)


def test_an_older_one_does_not_take_the_place_of_a_newer_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(town)
    bring(town)
    older = configuration_path(town.roster).read_bytes()
    say(town, value="010-1")
    newer = bring(town)
    monkeypatch.setattr(RegistrarClient, "configuration", lambda *_: older)  # played back
    with pytest.raises(Forged, match="an older one does not replace it"):
        bring(town)
    assert held(town) == newer


def test_a_registrar_brought_back_from_a_copy_gives_no_version_again(town: Town) -> None:
    say(town)
    bring(town)
    with town.store.database.transaction() as db:
        db.execute(delete(CONFIGURATION))
    later = Publisher(
        town.store.database,
        town.server.keys.signing_key,
        lambda: datetime.now(UTC) + timedelta(seconds=2),
    )
    say(town, value="010-1")
    later.document(INSTITUTION, BOOTH, "")
    now = bring(town)
    assert now is not None
    assert now.settings.support_phone == "010-1"


def test_a_registrar_that_was_a_year_ahead_is_followed_once_it_is_right(town: Town) -> None:
    ahead = Publisher(
        town.store.database,
        town.server.keys.signing_key,
        lambda: datetime.now(UTC) + timedelta(days=365),
    )
    say(town)
    ahead.document(INSTITUTION, BOOTH, "")
    wrong = bring(town)
    assert wrong is not None
    assert wrong.issued_at > datetime.now(UTC) + timedelta(days=364)
    with town.store.database.transaction() as db:
        db.execute(delete(CONFIGURATION))  # a copy from before was brought back
    say(town, value="010-1")
    right = bring(town)
    assert right is not None
    assert (right.settings.support_phone, right.version) == ("010-1", wrong.version + 1)
    assert right.issued_at < datetime.now(UTC)


def test_a_booth_that_tells_an_absurd_version_uses_up_none(town: Town) -> None:
    say(town)
    told = town.server.store.database, town.server.keys.signing_key, lambda: datetime.now(UTC)
    said = Publisher(*told).document(INSTITUTION, BOOTH, "", MOST)
    read = read_document(said, town.server.keys.signing_key.verify_key, INSTITUTION)
    assert read.version < 3 * datetime.now(UTC).timestamp()


@pytest.mark.parametrize("spoiled", [b"", b"half", b"\xff" * 200])
def test_what_is_damaged_is_told_and_replaced(town: Town, spoiled: bytes) -> None:
    say(town)
    bring(town)
    configuration_path(town.roster).write_bytes(spoiled)
    with pytest.raises(Forged, match="not signed by this registrar"):
        held(town)
    assert bring(town) == held(town)


def document(key: SigningKey = KEY, **changes: object) -> bytes:
    usual = Configuration(institution_code=INSTITUTION, version=7, issued_at=DAY)
    return write_document(usual.model_copy(update=changes), key)


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (document(SigningKey(b"x" * 32)), "not signed"),
        (document().replace(b'"version":7', b'"version":8'), "not signed"),
        (document(institution_code="10001"), "institution 10001's"),
        (document().partition(b"\n")[0], "not signed"),
        (b" " * 4_000_001, "longer"),
    ],
    ids=["another's", "changed", "another institution", "cut off", "without end"],
)
def test_only_this_registrars_word_for_this_institution_is_read(spoiled: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_document(spoiled, KEY.verify_key, INSTITUTION)


def test_what_a_newer_registrar_says_besides_is_left_unread() -> None:
    content = json.loads(document().partition(b"\n")[2])
    content |= {"lamps": {"key_left": 1.0}, "settings": {"support_hours": "8–17", "volume": 11}}
    text = json.dumps(content).encode()
    signed = KEY.sign(join_parts("configuration 1", text)).signature.hex().encode() + b"\n" + text
    read = read_document(signed, KEY.verify_key, INSTITUTION)
    assert read.settings == ToldSettings(support_hours="8–17")


# ---- in the booth's own configuration ----


def enrolled(tmp_path: Path, text: str, **settings: object) -> Path:
    """A booth's file, and beside its roster what the registrar says."""
    path = tmp_path / "kiosk.toml"
    key = verify_key_text(KEY.verify_key)
    path.write_text(
        f'{text}[sync]\nroster = "{tmp_path}/roster"\nregistrar_verify_key = "{key}"\n'
        f'registrar_public_key = "{key}"\n'
    )
    told = document(settings=ToldSettings.model_validate(settings))
    configuration_path(tmp_path / "roster").write_bytes(told)
    return path


def test_what_the_booths_own_file_says_stays_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = '[booth]\nsupport_phone = "010-1"\n'
    path = enrolled(tmp_path, own, support_phone=PHONE, support_hours="8–17", receipt_url="no url")
    loaded = with_configuration(load(path))
    booth = loaded.config.booth
    assert (booth.support_phone, booth.support_hours) == ("010-1", "8–17")
    assert booth.receipt_url == ""  # this release can use no such one
    assert loaded.told == {("booth", "support_hours")}
    assert main(["--config", str(path), "config", "--json"]) == 0
    rows = map(json.loads, capsys.readouterr().out.splitlines())
    assert {"key": "booth.support_hours", "value": "8–17", "from": "registrar"} in rows


def test_a_damaged_word_leaves_the_booth_to_its_own_file(tmp_path: Path) -> None:
    path = enrolled(tmp_path, "", support_phone=PHONE)
    configuration_path(tmp_path / "roster").write_bytes(b"half")
    loaded = load(path)
    assert with_configuration(loaded) == loaded


def test_status_says_which_version_is_held_and_what_of_it_is_taken(tmp_path: Path) -> None:
    booth = WellBooth(make_well_booth(tmp_path / "made"), tmp_path / "booth", tmp_path / "models")
    (none,) = configuration(booth.site())
    assert none.says == "the registrar says nothing of it"
    slot = Slot(place="1", starts_at=DAY, ends_at=DAY + timedelta(hours=1), colleges=())
    said = ToldSettings(support_phone=PHONE)
    path = configuration_path(booth.roster)
    path.write_bytes(document(REGISTRAR, settings=said, schedule=(slot,)))
    (found,) = configuration(booth.site())
    assert found.verdict == "ok"
    assert "version 7" in found.says
    assert found.says.endswith("it says support_phone; schedule of 1")
    elsewhere = slot.model_copy(update={"place": "图书馆一层"})
    path.write_bytes(document(REGISTRAR, settings=said, schedule=(elsewhere,)))
    (unplaced,) = configuration(booth.site())
    assert unplaced.verdict == "warn"
    assert unplaced.next_step == "set booth.place as the schedule has it"
    path.write_bytes(b"half")
    (damaged,) = configuration(booth.site())
    assert damaged.verdict == "fail"


# ---- what staff type ----


def test_staff_set_it_by_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["configure", "--data", str(tmp_path / "data"), "10000"]
    assert cli.main([*words, f"support_phone={PHONE}", "most_bytes_a_second=200000"]) == 0
    assert cli.main([*words, "support_phone="]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == ["most_bytes_a_second=200000", "schedule: 0 times"]
    for wrong in (["volume=3"], ["most_bytes_a_second=10"], ["support_phone"]):
        assert cli.main([*words, *wrong]) == 2
    assert "there are support_phone" in capsys.readouterr().err


def test_what_is_no_setting_is_refused_and_nothing_is_changed(town: Town) -> None:
    def set_both() -> None:
        with town.store.database.transaction() as db:
            set_for_booths(db, INSTITUTION, "support_phone", "1", "tom", TAKEN_AT)
            set_for_booths(db, INSTITUTION, "volume", "1", "tom", TAKEN_AT)

    with pytest.raises(UsageError, match="there are"):
        set_both()
    with town.store.database.connection() as db:
        assert settings_of(db, INSTITUTION) == ToldSettings()
        assert slots_of(db, INSTITUTION) == ()
