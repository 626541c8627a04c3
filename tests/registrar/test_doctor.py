"""Harm that the doctor finds, each with the way out; and a registrar that is well."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from registrar import doctor
from registrar.cli import main
from registrar.doctor import Finding, examine
from registrar.intake import receive_envelope
from registrar.serve import Server
from tests.town import TAKEN_AT, Town

NOW = TAKEN_AT + datetime.timedelta(hours=2)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(doctor, "LEAST_FREE", 0)  # the machine of the tests is not what is tried
    monkeypatch.setattr(doctor, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(doctor, "_is_synchronised", lambda: None)
    monkeypatch.setattr(doctor, "APART", 1e12)
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth", students=3)
        for number in range(3):
            receive_envelope(town.store, server.keys, town.envelope(number), TAKEN_AT)
        yield town


def wrong(town: Town, *, newest: int | None = None, certificate: Path | None = None) -> str:
    found = list(examine(town.store.folder, newest, certificate, NOW))
    return "\n".join(f"{one.name}: {one.said}" for one in found if not one.is_well)


def objects(town: Town) -> list[str]:
    return sorted(name for name, _ in town.store.objects.names("photos"))


def test_a_registrar_that_is_well(town: Town) -> None:
    assert wrong(town) == ""
    found = list(examine(town.store.folder, 2, None, NOW))
    assert Finding("photos", True, "2 of the newest 2 open, whole") in found
    assert {"settings", "disk", "database", "keys", "clock", "audit log", "photos", "orphans"} == {
        one.name for one in found
    }


def test_a_photo_that_is_gone_is_named_with_the_way_out(town: Town) -> None:
    town.store.objects.delete(objects(town)[0])
    said = wrong(town)
    assert "not there" in said
    assert "bring it back from a copy" in said
    assert "2 of all 3 open" in said


@pytest.mark.one_file
def test_a_photo_with_a_changed_byte_is_named(town: Town) -> None:
    (path,) = town.store.folder.rglob(objects(town)[1].rpartition("/")[2])
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert "damaged" in wrong(town)


def test_what_no_row_names_is_counted_and_left(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registrar.photos.ORPHANED", -1e12)
    town.store.objects.put("photos/aa/left-behind", b"left")
    assert "orphans: 1 objects" in wrong(town)
    assert "photos/aa/left-behind" in objects(town)


def test_a_key_that_others_can_read_is_told(town: Town) -> None:
    (town.store.folder / "seal.key").chmod(0o644)
    assert "chmod go=" in wrong(town)


def test_a_key_that_is_gone_is_told(town: Town) -> None:
    (town.store.folder / "sign.key").unlink()
    assert "is missing" in wrong(town)
    assert not (town.store.folder / "sign.key").exists()


@pytest.mark.one_file
def test_an_audit_log_that_was_changed_is_told(town: Town) -> None:
    town.permit(0)
    with town.store.database.transaction() as db:
        db.execute(text("DROP TRIGGER audit_update"))
        db.execute(text("UPDATE audit SET actor = 'somebody else' WHERE number = 1"))
    assert "audit log: entry 1 was changed" in wrong(town)


def test_a_clock_that_was_set_back_is_told(town: Town) -> None:
    found = examine(town.store.folder, None, None, TAKEN_AT - datetime.timedelta(days=1))
    assert "is behind" in "".join(one.said for one in found if one.name == "clock")


def test_a_disk_that_is_full_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)
    assert "disk: " in wrong(town)


def certificate(path: Path, days: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registrar.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - datetime.timedelta(days=60))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(("days", "well"), [(60, True), (20, False), (-1, False)])
def test_a_certificate_is_told_before_it_ends(
    town: Town, tmp_path: Path, days: int, well: bool
) -> None:
    assert (wrong(town, certificate=certificate(tmp_path / "c.pem", days)) == "") is well


@pytest.mark.one_file
def test_staff_are_told_by_the_status(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--data", str(town.store.folder), "--all"]) == 0
    assert "WRONG" not in capsys.readouterr().out
    assert main(["doctor", "--data", str(tmp_path)]) == 1
    assert "registrar restore" in capsys.readouterr().out
    assert not (tmp_path / "registrar.sqlite").exists()
    (tmp_path / "registrar.toml").write_text("database = 5\n")
    assert main(["doctor", "--data", str(tmp_path)]) == 1
    assert "WRONG settings" in capsys.readouterr().out
