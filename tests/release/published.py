"""Small releases, published as `make release` does: signed, and with an index."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from nacl.signing import SigningKey

from kiosk.release.manifest import (
    INDEX_FILE,
    INDEX_KIND,
    MANIFEST_KIND,
    Index,
    Listed,
    Manifest,
    archive_name,
    manifest_name,
)
from kiosk.release.signed import sign_text
from tools.release import describe, describe_each, pack

PUBLISHED = datetime(2026, 6, 1, tzinfo=UTC)

Contents = dict[str, tuple[bytes, bool]]


def contents(
    version: str, behaviour: str = "shows", schemas: str = '{"outbox": 1}', **others: str
) -> Contents:
    """What a small release holds; `behaviour` is what its booth does when it is started."""
    files = {"VERSION": version, "behaviour": behaviour, "migrations/schemas.json": schemas}
    named = {path.replace("__", "/"): text for path, text in others.items()}
    return {path: (text.encode(), False) for path, text in (files | named).items()}


class Publisher:
    """Publishes releases into a folder."""

    def __init__(self, folder: Path, key: SigningKey | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.key = key or SigningKey(bytes(32))
        self.serial = 0
        self.releases: dict[str, Listed] = {}

    def publish(
        self,
        version: str,
        files: Contents | None = None,
        minimum_previous: str = "0.0.0",
        models: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Manifest:
        """Publish a release, and an index that names it."""
        files = files or contents(version)
        archive = pack(files)
        manifest = Manifest(
            version=version,
            archive=describe(archive),
            files=describe_each(files),
            schemas={},
            models=dict(models),
            minimum_previous=minimum_previous,
        )
        signed = sign_text(MANIFEST_KIND, manifest, self.key)
        (self.folder / archive_name(version)).write_bytes(archive)
        (self.folder / manifest_name(version)).write_bytes(signed)
        self.releases[version] = Listed(manifest=describe(signed))
        self.index()
        return manifest

    def index(self) -> None:
        """Publish an index of what there is."""
        self.serial += 1
        index = Index(serial=self.serial, issued_at=PUBLISHED, releases=self.releases)
        (self.folder / INDEX_FILE).write_bytes(sign_text(INDEX_KIND, index, self.key))
