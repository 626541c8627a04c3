"""A photo is never lost because the vault is away: the booth is told to come again, and does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from kiosk.sync.errors import Unreachable
from registrar.key_files import make_key
from registrar.serve import Server
from tests.town import Town, picture, submission

SEAL_KEY = bytes(range(32))


@contextmanager
def vault_at(path: Path, keys: Path) -> Iterator[None]:
    """A vault's process, which is killed at the end."""
    command = "import sys; from registrar.cli import main; sys.exit(main())"
    words = ["vault", "--data", str(keys), "--socket", str(path)]
    with subprocess.Popen([sys.executable, "-c", command, *words], stdout=subprocess.PIPE) as vault:
        assert vault.stdout is not None
        try:
            assert b"serves" in vault.stdout.readline()
            yield
        finally:
            vault.kill()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The vault's own folder: the registrar's has no seal key."""
    folder = tmp_path / "keys"
    folder.mkdir()
    make_key(folder / "seal.key", SEAL_KEY)
    return folder


def test_a_photo_that_comes_while_the_vault_is_away_waits_at_its_booth(
    tmp_path: Path, keys: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "socket", tmp_path / "registrar"
    data.mkdir()
    (data / "registrar.toml").write_text(f'vault = "{path}"\n')
    with vault_at(path, keys):
        server = Server(data)
    assert not (data / "seal.key").exists()
    with server:
        town = Town(server, tmp_path / "booth", students=2)
        envelope = town.envelope(1)
        with town.client() as client:
            with pytest.raises(Unreachable, match="is busy; the next sync asks again"):
                client.send(envelope)
            assert "the vault does not answer" in capfd.readouterr().err
            assert town.store.counts().photos == 0
            with vault_at(path, keys):
                assert client.send(envelope).refused is None
                assert town.held() == {submission(1): picture(1)}
        assert requests.get(f"{server.url}static/style.css", timeout=20).status_code == 200
