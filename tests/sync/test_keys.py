"""The booth's keys in their files."""

from pathlib import Path

import pytest

from kiosk.errors import UsageError
from kiosk.sync.keys import (
    make_signing_key,
    parse_registrar_verify_key,
    read_signing_key,
    verify_key_text,
)


def test_a_signing_key_is_read_back_from_a_file_of_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "signing.key"
    key = make_signing_key(path)
    assert read_signing_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_booth_keeps_the_key_it_has(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    key = make_signing_key(path)
    with pytest.raises(UsageError, match=r"signing\.key"):
        make_signing_key(path)
    assert read_signing_key(path) == key


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    make_signing_key(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        read_signing_key(path)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe", b"A" * 44])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"signing\.key: is no signing key"):
        read_signing_key(path)


def test_a_missing_key_tells_how_to_enrol(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="registrar booth add"):
        read_signing_key(tmp_path / "signing.key")


def test_a_public_key_survives_its_way_through_a_configuration(tmp_path: Path) -> None:
    key = make_signing_key(tmp_path / "signing.key").verify_key
    assert parse_registrar_verify_key(verify_key_text(key)) == key
