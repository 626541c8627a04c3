"""The registrar's tests on PostgreSQL and an S3 protocol server, where those are named.

`tools/services.sh run` names them. Then each data folder that a test opens is given a database and
a bucket of its own, by a `registrar.toml`, as staff would write it.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from registrar import settings
from registrar.settings import Settings

DATABASE, OBJECTS = "REGISTRAR_TEST_DATABASE", "REGISTRAR_TEST_S3"
ACCESS_KEY, SECRET_KEY = "registrar", "registrar-secret"

SERVERS_NAMED = DATABASE in os.environ and OBJECTS in os.environ


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what is of the SQLite file alone, where there is none."""
    for item in items:
        if SERVERS_NAMED and item.get_closest_marker("one_file"):
            item.add_marker(pytest.mark.skip(reason="is of the SQLite file or the folder alone"))


@pytest.fixture(autouse=SERVERS_NAMED)
def _servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have each data folder that is new use a database and a bucket of its own."""
    import boto3
    from sqlalchemy import create_engine, text

    server = create_engine(os.environ[DATABASE], isolation_level="AUTOCOMMIT")
    bucket_server = boto3.client(
        "s3",
        endpoint_url=os.environ[OBJECTS],
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    secret = tmp_path / "object-store.secret"
    secret.write_text(SECRET_KEY)
    made: list[str] = []
    read = Settings.read.__func__  # type: ignore[attr-defined]

    def read_settings(cls: type[Settings], folder: Path) -> Settings:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            name = f"test-{uuid.uuid4().hex}"
            with server.connect() as db:
                db.execute(text(f'CREATE DATABASE "{name}"'))
            bucket_server.create_bucket(Bucket=name)
            made.append(name)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            address = server.url.set(database=name).render_as_string(hide_password=False)
            (folder / settings.FILE).write_text(
                f'database = "{address}"\n[objects]\nendpoint = "{os.environ[OBJECTS]}"\n'
                f'bucket = "{name}"\naccess_key = "{ACCESS_KEY}"\nsecret_key_file = "{secret}"\n'
            )
            (folder / settings.FILE).chmod(0o600)
        found: Settings = read(cls, folder)
        return found

    monkeypatch.setattr(Settings, "read", classmethod(read_settings))
    yield
    with server.connect() as db:
        for name in made:
            db.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()
