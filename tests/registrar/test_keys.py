"""The seal key can be renewed: what was sealed to the one before is opened as ever."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox

from registrar.cli import main
from registrar.errors import StoreError
from registrar.key_files import make_key, read_seal_keys, renew_seal_key
from registrar.keys import Keys
from registrar.serve import Server
from registrar.store import Store
from tests.town import BOOTH, Town, picture

Output = pytest.CaptureFixture[str]


def test_photos_of_before_a_renewal_are_opened_and_booths_are_told_the_new_key(
    tmp_path: Path,
) -> None:
    with Server(tmp_path / "data") as before:
        town = Town(before, tmp_path / "booth", students=3)
        with town.client() as client:
            assert client.send(town.envelope(1)).refused is None
        waiting = town.envelope(2)
    assert main(["vault", "--new-key", "--data", str(tmp_path / "data")]) == 0
    with Server(tmp_path / "data") as town.server:
        town.store = town.server.store
        told = town.server.enrol(BOOTH, town.key.verify_key)
        assert told.registrar_public_key != town.enrolment.registrar_public_key
        with town.client() as client:
            assert client.send(waiting).refused is None  # sealed before the booth was told
            town.enrolment = told
            assert client.send(town.envelope(0)).refused is None
        assert set(town.held().values()) == {picture(0), picture(1), picture(2)}


def test_a_registrar_goes_on_with_a_key_that_was_renewed_and_with_no_other(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    Keys.of(store)
    for _ in range(2):
        renew_seal_key(store.folder)
        assert len(Keys.of(store).vault.former_keys) >= 1
    (store.folder / "seal.2.key").unlink()
    Keys.of(store)  # the key that booths were told last is the present one
    (store.folder / "seal.key").unlink()
    make_key(store.folder / "seal.key", bytes(PrivateKey.generate()))
    with pytest.raises(StoreError, match=r"seal\.key: is not the key that booths were told"):
        Keys.of(store)


KILLED = """
import os, signal, sys
from pathlib import Path
import registrar.key_files
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(registrar.key_files, sys.argv[2], die)
registrar.key_files.renew_seal_key(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("before", ["write_new", "write_whole"])
def test_a_renewal_that_is_killed_loses_no_key(tmp_path: Path, before: str) -> None:
    renew_seal_key(tmp_path)
    (first,) = read_seal_keys(tmp_path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), before], check=False)
    assert done.returncode == -signal.SIGKILL
    assert read_seal_keys(tmp_path) == (first,)
    renew_seal_key(tmp_path)
    keys = read_seal_keys(tmp_path)
    assert len(keys) == 2
    assert SealedBox(keys[1]).decrypt(SealedBox(first.public_key).encrypt(b"photo")) == b"photo"


def test_a_vault_that_is_used_wrongly_says_so(tmp_path: Path, capsys: Output) -> None:
    data = ["vault", "--data", str(tmp_path)]
    assert main([*data, "--socket", str(tmp_path / "socket")]) == 1
    assert "seal.key: is missing; bring it back from a copy" in capsys.readouterr().err
    assert main([*data, "--new-key"]) == 0
    assert capsys.readouterr().out == f"registrar: made the seal key of {tmp_path}\n"
    for path in (tmp_path / "no" / "folder", tmp_path / ("x" * 200)):
        assert main([*data, "--socket", str(path)]) == 1
        assert "cannot be served at" in capsys.readouterr().err
    reading, writing = os.pipe()
    assert main([*data, "--descriptor", str(reading)]) == 2
    assert f"--descriptor {reading}: is no socket" in capsys.readouterr().err
    os.close(reading)
    os.close(writing)
    assert main([*data, "--new-key"]) == 0
    said = capsys.readouterr().out
    assert "seal.1.key opens what was sealed to the one before" in said
    assert "Restart the vault and the registrar" in said
