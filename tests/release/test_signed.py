"""Signed texts: what a trusted key has signed is taken, and nothing else."""

import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import INDEX_KIND, MANIFEST_KIND, Index, parse_version
from kiosk.release.signed import open_text, read_release_keys, sign_text
from protocol.keys import encode_key
from tests.release.published import PUBLISHED

OURS, OTHERS = SigningKey(bytes(32)), SigningKey(b"1" * 32)

INDEX = Index(serial=1, issued_at=PUBLISHED, releases={})

SIGNED = sign_text(INDEX_KIND, INDEX, OURS)


def test_any_of_the_trusted_keys_will_do() -> None:
    text = open_text(INDEX_KIND, SIGNED, [OTHERS.verify_key, OURS.verify_key], "index.json")
    assert Index.model_validate_json(text) == INDEX


def test_what_newer_ones_tell_beside_is_passed_over() -> None:
    told = INDEX.model_dump(mode="json") | {"colour": "blue"}
    assert Index.model_validate_json(json.dumps(told)) == INDEX


@pytest.mark.parametrize(
    ("kind", "signed"),
    [
        (INDEX_KIND, b""),
        (INDEX_KIND, b"{}"),
        (INDEX_KIND, b"[" * 100_000),
        (INDEX_KIND, SIGNED.replace(b"2026-06", b"2026-07")),
        (MANIFEST_KIND, SIGNED),
        (INDEX_KIND, sign_text(INDEX_KIND, INDEX, OTHERS)),
    ],
)
def test_all_else_is_refused(kind: str, signed: bytes) -> None:
    with pytest.raises(ReleaseError, match="signed"):
        open_text(kind, signed, [OURS.verify_key], "index.json")


def test_the_keys_file_has_remarks_and_several_keys(tmp_path: Path) -> None:
    path = tmp_path / "release.pub"
    keys = [encode_key(bytes(key.verify_key)) for key in (OURS, OTHERS)]
    path.write_text(f"# of 2026\n{keys[0]}\n\n{keys[1]}  # from 2027 on\n")
    assert read_release_keys(path) == [OURS.verify_key, OTHERS.verify_key]
    path.write_text("ssh-ed25519 AAAA\n")
    with pytest.raises(UsageError, match="no public key"):
        read_release_keys(path)


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "01.2.3", "1.2.3.4", "1.2.3-rc1", "../1", "１.2.3"]
)
def test_a_version_is_three_numbers(text: str) -> None:
    with pytest.raises(UsageError, match="three numbers"):
        parse_version(text)


def test_versions_are_compared_as_numbers() -> None:
    assert parse_version("0.10.0") > parse_version("0.9.9")
