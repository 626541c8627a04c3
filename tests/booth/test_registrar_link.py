"""The registrar link: codes are resolved with and without network, no approved photo is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.booth.registrar_link import SyncLink, open_link
from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.demo.town import Town
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot, best_shot
from kiosk.pipeline.photo.provenance import capture_digest, check_record
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Wanted, specification
from kiosk.sync.keys import read_signing_key
from kiosk.sync.outbox import Outbox
from protocol.student import Student

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
    assert best is not None
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
    link.seal(resolved(link), photo, shot, calibration={"exposure_time": 10_000})
    town.deliver()
    held = town.held()
    assert held is not None
    record = held[0].metadata.provenance
    key = read_signing_key(town.config.sync.signing_key_file).verify_key
    assert check_record(record, held[1], key) == ()
    assert record.capture_sha256 == capture_digest(shot.picture)
    assert record.calibration == {"exposure_time": 10_000}
    assert record.rules["one_face"] == 1.0
    assert record.fidelity["psnr"] == photo.fidelity.psnr
    assert [done.name for done in record.operations] == [done.name for done in photo.operations]
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
