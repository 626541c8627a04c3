"""What is told of a release, signed: what it is made of, and which releases there are."""

import re
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
)

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from protocol.wire import Digest

NAME = "graduation-photo-booth"

INDEX_FILE = "index.json"

INDEX_KIND, MANIFEST_KIND = "kiosk release index 1", "kiosk release manifest 1"
"""What is signed begins with its kind."""

LARGEST_TEXT = 1 << 20
"""Bytes of an index or a manifest; today's have 20,000."""

LARGEST_ARCHIVE = 200_000_000
"""Bytes, packed as well as unpacked; today's has 12,000,000."""

Version = tuple[int, int, int]


def parse_version(text: str) -> Version:
    """Read a version, as 0.2.0; raises UsageError."""
    if not re.fullmatch(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}", text):
        raise UsageError(f"{text!r} is no version: three numbers are, as 0.2.0")
    major, minor, patch = map(int, text.split("."))
    return major, minor, patch


def _version_text(text: str) -> str:
    parse_version(text)
    return text


def _plain_path(path: str) -> str:
    """A path below the archive's folder: no way up, out or into what is hidden."""
    parts = path.split("/")
    if not all(re.fullmatch(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*", part) for part in parts):
        raise ValueError(f"{path!r} is no path in a release")
    return path


VersionText = Annotated[str, AfterValidator(_version_text)]
PlainPath = Annotated[str, AfterValidator(_plain_path)]


class _Told(BaseModel):
    """What a newer one tells beside is passed over: it is for newer booths."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64"
    )


class File(_Told):
    """One file of a release."""

    bytes: Annotated[int, Field(ge=0, le=LARGEST_ARCHIVE)]
    sha256: Digest
    executable: bool = False


class Manifest(_Told):
    """One release."""

    version: VersionText
    archive: File
    files: dict[PlainPath, File]
    """Everything in the archive, by its path."""
    schemas: dict[str, int]
    """The number of the schema that each of the booth's databases has under this release."""
    models: dict[str, Digest] = {}
    """The model files that it asks for, which all releases of a booth share."""
    minimum_previous: VersionText = "0.0.0"
    """The oldest release from which a booth can be taken to this one."""


class Listed(_Told):
    """A release in the index."""

    manifest: File


class Index(_Told):
    """Which releases there are."""

    serial: Annotated[int, Field(ge=1)]
    """Counts up with each that is published: a booth takes none below the last it has seen."""
    issued_at: AwareDatetime
    releases: dict[VersionText, Listed]


TOLD = TypeVar("TOLD", Index, Manifest)


def read_told(kind: type[TOLD], text: str, name: str) -> TOLD:
    """Read what was signed; raises ReleaseError."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ReleaseError(f"{name}: is signed, and not understood: {error}") from error


def archive_name(version: str) -> str:
    """What a release's archive is called."""
    return f"{NAME}-{version}.tar.gz"


def manifest_name(version: str) -> str:
    """What a release's manifest is called."""
    return f"{NAME}-{version}.json"
