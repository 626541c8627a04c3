"""The registrar link: codes are resolved with and without network, no approved photo is lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.booth.registrar_link import SyncLink, open_link
from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.demo.town import Town
from kiosk.models import verified_digests
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot, best_shot
from kiosk.pipeline.photo.provenance import capture_digest, check_record
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Wanted, specification
from kiosk.sync.clock import ToldTime, keep_told_time, read_clocks, told_time_path
from kiosk.sync.configuration import configuration_path
from kiosk.sync.keys import read_signing_key
from kiosk.sync.loss import accept_loss
from kiosk.sync.outbox import Outbox
from kiosk.sync.resolver import SocketResolver
from protocol.code_looks import CodeLooks
from protocol.configuration import Configuration, ToldSettings, write_document
from protocol.envelope import short_number
from protocol.roster_edition import sign_head
from protocol.student import Student
from tests.disks import remount
from tests.rosters import keep_base, sign_base
from tests.sync.test_outbox import envelope
from tests.town import TAKEN_AT

At = Callable[..., Picture]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path, Config(), headless=True) as open_town:
        yield open_town


@pytest.fixture
def link(town: Town) -> SyncLink:
    return open_link(town.config, uuid4)


@pytest.fixture(scope="module")
def shot(models: LoadedModels, at_booth: At) -> Shot:
    best = best_shot([at_booth()], models.looker, specification())
    assert isinstance(best, Shot)
    return best


@pytest.fixture(scope="module")
def photo(models: LoadedModels, shot: Shot) -> Photo:
    return models.standardiser.standardise(shot.picture, Wanted((480, 640), "light-blue", "booth"))


def resolved(link: SyncLink) -> Student:
    student = link.resolve(Town.capture_code)
    assert isinstance(student, Student)
    return student


def test_a_code_is_resolved_and_an_unknown_one_refused(link: SyncLink) -> None:
    assert resolved(link).record_id == "demo-1"
    assert link.resolve("somebody else's") == "code_unknown"


def test_a_booth_that_has_synced_resolves_codes_without_the_registrar(tmp_path: Path) -> None:
    with Town(tmp_path, Config(), headless=True) as town:
        link = open_link(town.config, uuid4)
        town.deliver()
    assert resolved(link).student_no == "2022010001"


def test_a_booth_that_never_synced_says_the_registrar_is_unreachable(tmp_path: Path) -> None:
    with Town(tmp_path, Config(), headless=True) as town:
        link = open_link(town.config, uuid4)
    assert link.resolve(Town.capture_code) == "registrar_unreachable"


def test_a_sealed_photo_reaches_the_registrar_byte_for_byte(
    town: Town, link: SyncLink, shot: Shot, photo: Photo
) -> None:
    link.seal(resolved(link), photo, shot)
    assert photo.encoded.data not in town.config.sync.outbox.read_bytes()
    town.deliver()
    held = town.held()
    assert held is not None
    assert held[1] == photo.encoded.data
    assert link.resolve(Town.capture_code) == "already_photographed"


def test_a_sealed_photo_has_the_record_of_what_was_done_to_its_shot(
    town: Town, link: SyncLink, shot: Shot, photo: Photo
) -> None:
    excused = {"mouth_closed": "waived", "bareheaded": "granted"}
    number = link.seal(
        resolved(link), photo, shot, calibration={"exposure_time": 10_000}, excused=excused
    )
    town.deliver()
    held = town.held()
    assert held is not None
    assert number == short_number(held[0].metadata.submission_id)
    record = held[0].metadata.provenance
    key = read_signing_key(town.config.sync.signing_key_file).verify_key
    assert check_record(record, held[1], key) == ()
    assert record.capture_sha256 == capture_digest(shot.picture)
    assert record.calibration == {"exposure_time": 10_000}
    assert record.rules["one_face"] == 1.0
    assert record.fidelity["psnr"] == photo.fidelity.psnr
    done = [operation.name for operation in photo.operations]
    assert [operation.name for operation in record.operations] == ["excused", "judge", *done]
    assert record.excused == excused
    assert "modnet" in record.models


def test_an_outbox_that_breaks_under_the_booth_loses_no_photo(
    town: Town, link: SyncLink, shot: Shot, photo: Photo
) -> None:
    student = resolved(link)
    path = town.config.sync.outbox
    path.write_bytes(b"rubbish" * 2000)
    link.seal(student, photo, shot)
    outbox = Outbox(path)
    assert outbox.counts().pending == 1
    assert len(outbox.damaged_files()) == 1
    town.deliver()
    assert town.held() is not None


# ---- whether a student may be asked in ----


def test_a_booth_can_keep_photos_and_its_clock_is_right(town: Town, link: SyncLink) -> None:
    town.deliver()
    assert link.can_keep_photos()
    assert link.has_right_clock()


def open_on(card: Path) -> SyncLink:
    """A link over a disk; nobody is asked."""
    signing_key, seal_key = SigningKey(b"k" * 32), PrivateKey(b"p" * 32)
    return SyncLink(
        SocketResolver(card / "no.socket"),
        signing_key.verify_key,
        card / "outbox.sqlite",
        card / "roster.extract",
        (seal_key.public_key, signing_key),
        ("booth-1", "10000"),
        {},
        uuid4,
    )


def test_a_card_that_is_read_only_at_the_start_or_later_stops_the_booth_until_it_is_not(
    card: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remount(card, "ro")
    link = open_on(card)  # the booth starts all the same, and shows its fault
    assert not link.can_keep_photos()
    assert not link.can_keep_photos()
    remount(card, "rw")
    assert link.can_keep_photos()
    remount(card, "ro")
    assert not link.can_keep_photos()
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 2
    assert all("outbox.sqlite" in each for each in told)


def test_an_outbox_that_loses_photos_stops_the_booth_until_staff_accept(card: Path) -> None:
    link = open_on(card)
    path = card / "outbox.sqlite"
    Outbox(path).put(envelope(1))
    assert link.can_keep_photos()
    path.unlink()
    assert not link.can_keep_photos()
    assert accept_loss(path) == 1
    assert link.can_keep_photos()
    path.write_bytes(b"rubbish" * 999)
    link.can_keep_photos()
    assert link.can_keep_photos()


def test_a_clock_is_wrong_by_the_registrars_word_or_by_what_cannot_be(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, now = open_on(card), read_clocks()
    assert link.has_right_clock()
    told = ToldTime(registrar=now.wall - 7200, since_boot=now.since_boot, boot=now.boot)
    keep_told_time(card / "roster.extract", told)
    assert not link.has_right_clock()
    keep_told_time(card / "roster.extract", told.model_copy(update={"registrar": now.wall}))
    assert link.has_right_clock()
    monkeypatch.setattr("kiosk.booth.registrar_link.read_clocks", lambda: replace(now, wall=60.0))
    assert not link.has_right_clock()
    told_time_path(card / "roster.extract").unlink()
    assert not link.has_right_clock()


def test_what_a_missing_model_leaves_unproven_stands_in_the_photos_record(
    town: Town, shot: Shot, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = verified_digests(town.config.models.store)
    del without["face_antispoof"]
    monkeypatch.setattr("kiosk.booth.registrar_link.verified_digests", lambda _: without)
    link = open_link(town.config, uuid4)
    link.seal(resolved(link), photo, shot)
    town.deliver()
    held = town.held()
    assert held is not None
    assert held[0].metadata.provenance.calibration == {"models_missing": "face_antispoof"}


def test_of_a_scan_that_looks_like_no_code_of_the_roster_nobody_is_asked(card: Path) -> None:
    key = SigningKey(b"k" * 32)
    codes = [f"{number:032x}" for number in range(50)]
    head, entries = sign_base(
        dict.fromkeys(codes, "record_abnormal"), key, institution_code="10000"
    )
    looks = CodeLooks(characters="0123456789abcdef", lengths=(32,))
    head = sign_head(head.model_copy(update={"looks": looks}), head.count, head.entries_sha256, key)
    keep_base(card / "roster.extract", head, entries)
    link = open_on(card)
    assert link.resolve(codes[7]) == "record_abnormal"
    assert link.resolve(codes[7][1:]) == "code_unreadable"
    assert link.resolve(codes[7] + "0") == "code_unreadable"
    assert link.resolve(codes[7].replace("7", "/")) == "code_unreadable"
    # Where a decryptor opens what the roster does not know, any text may be a code.
    told = Configuration(
        institution_code="10000",
        version=1,
        issued_at=TAKEN_AT,
        settings=ToldSettings(decryptor="ours"),
    )
    path = configuration_path(card / "roster.extract")
    path.write_bytes(write_document(told, key))
    assert link.resolve("ANOTHER+CODE") == "registrar_unreachable"
