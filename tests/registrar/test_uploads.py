"""What the registrar keeps of uploads that were cut, and tells booths of their configuration."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from protocol.configuration import read_document
from protocol.request import LARGEST_BODY
from protocol.upload import WORTH_KEEPING
from registrar.configuration import Publisher, set_for_booths
from registrar.serve import Server
from registrar.uploads import KEPT, MOST_UPLOADS, Uploads, sweep
from tests.town import BOOTH, INSTITUTION, TAKEN_AT, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth")


def digest_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def keep(town: Town, body: bytes, at: float = 1e9) -> None:
    Uploads(town.store.database).keep(BOOTH, digest_of(body), 0, body[:60_000], at)


def come(town: Town, body: bytes) -> int:
    return Uploads(town.store.database).offset(BOOTH, digest_of(body))


def test_only_what_follows_and_is_worth_it_is_kept(town: Town) -> None:
    uploads, body = Uploads(town.store.database), b"follows" * 50_000
    digest = digest_of(body)
    uploads.keep(BOOTH, digest, 0, body[: WORTH_KEEPING - 1], 1e9)
    uploads.keep(BOOTH, digest, 20_000, body[20_000:60_000], 1e9)
    uploads.keep("booth-2", digest, 0, body[:60_000], 1e9)
    assert uploads.offset(BOOTH, digest) == uploads.offset("booth-2", digest) == 0
    uploads.keep(BOOTH, digest, 0, body[:20_000], 1e9)
    uploads.keep(BOOTH, digest, 0, body[:60_000], 1e9)  # a request that was cut late
    uploads.keep(BOOTH, digest, 20_000, body[20_000:60_000], 1e9)
    assert uploads.came(BOOTH, digest) == body[:60_000]
    uploads.keep(BOOTH, digest, 60_000, bytes(LARGEST_BODY), 1e9)
    assert uploads.offset(BOOTH, digest) == 60_000
    uploads.drop(BOOTH, digest)


def test_a_booth_fills_no_disk_and_what_nobody_asks_for_goes(town: Town) -> None:
    uploads = Uploads(town.store.database)
    bodies = [b"%d" % number * 20_000 for number in range(MOST_UPLOADS + 3)]
    for at, body in enumerate(bodies):
        keep(town, body, at=1e9 + at)
    assert [come(town, body) > 0 for body in bodies] == [False] * 3 + [True] * MOST_UPLOADS
    with town.store.database.transaction() as db:
        assert sweep(db, 1e9 + 4 + KEPT) == MOST_UPLOADS - 1
        assert sweep(db, 1e9 + 10 + KEPT) == 1
    assert uploads.came(BOOTH, digest_of(bodies[-1])) == b""


def test_each_change_is_a_newer_version_and_no_change_is_none(town: Town) -> None:
    key = town.server.keys.signing_key
    now = [datetime(2026, 6, 1, tzinfo=UTC)]
    publisher = Publisher(town.store.database, key, lambda: now[0])
    versions = []
    for hours in ("8-12", "8-17", ""):
        with town.store.database.transaction() as db:
            set_for_booths(db, INSTITUTION, "support_hours", hours, "tom", TAKEN_AT)
        now[0] -= timedelta(days=1)  # a clock that was set back
        document = publisher.document(INSTITUTION, BOOTH, "")
        assert publisher.document(INSTITUTION, BOOTH, "") == document
        read = read_document(document, key.verify_key, INSTITUTION)
        assert read.settings.support_hours == (hours or None)
        versions.append(read.version)
    assert versions == sorted(set(versions))
