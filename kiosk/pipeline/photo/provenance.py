"""Provenance: the signed record of what was done to a capture until it was the photo."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from nacl.signing import SigningKey, VerifyKey
from pydantic import ValidationError

from kiosk.camera.frame import Picture
from kiosk.errors import UsageError
from protocol.provenance import (
    EXCUSED,
    FILE_SUFFIX,
    Operation,
    Provenance,
    ProvenanceFault,
    find_faults,
)
from protocol.signing import UNSIGNED, sign

if TYPE_CHECKING:
    from kiosk.pipeline.photo.standardise import Photo  # so that to check a record starts no models

RecordValues = Mapping[str, float | int | str]

NO_VALUES: Mapping[str, float | int | str] = MappingProxyType({})

NO_EXCUSE: Mapping[str, str] = MappingProxyType({})
"""No rule is excused."""

MOST_RECORD_BYTES = 200_000
"""The largest record that is read, bytes: a booth's has some 5,000."""

MOST_PHOTO_BYTES = 20_000_000
"""The largest photo that is read, bytes: the specification's largest has a million."""


_FAULT_WORDS: Mapping[ProvenanceFault, str] = MappingProxyType(
    {
        "signature": "the signature does not match: the record was changed, or another key's",
        "photo": "the record is of another photo, or the photo was changed",
    }
)


def record_path(photo: Path) -> Path:
    """Where a photo's record lies."""
    return photo.with_suffix(FILE_SUFFIX)


def capture_digest(capture: Picture) -> bytes:
    """The SHA-256 of a capture's pixels, as a binary PPM file holds them.

    That is of the text "P6", a line feed, width and height as decimal numbers with a space
    between, a line feed, "255", a line feed, and then each pixel's bytes R, G and B, row by row
    from the upper left. `pngtopnm capture.png | sha256sum` gives the same.
    """
    height, width = capture.shape[:2]
    digest = hashlib.sha256(f"P6\n{width} {height}\n255\n".encode())
    digest.update(np.ascontiguousarray(capture, np.uint8).data)
    return digest.digest()


def make_record(
    photo: "Photo",
    capture: Picture,
    *,
    made_at: datetime,
    booth_id: str,
    kiosk_version: str,
    models: Mapping[str, str],
    signing_key: SigningKey,
    rules: Mapping[str, float | None] = MappingProxyType({}),
    limits: Mapping[str, tuple[float, float]] = MappingProxyType({}),
    calibration: RecordValues = NO_VALUES,
    excused: Mapping[str, str] = NO_EXCUSE,
) -> Provenance:
    """Say what was done to the capture until it was the photo, signed with the booth's key.

    `rules` are the values at the shutter; one that is no number counts as not judged. `models`
    are their SHA-256 in hexadecimal. `limits` are what each value may not go beyond. `excused`
    says by whom each rule is that need not hold.
    Raises UsageError for what a record cannot say: a time without zone, a number that is none.
    """
    try:
        unsigned = Provenance(
            photo_sha256=hashlib.sha256(photo.encoded.data).digest(),
            capture_sha256=capture_digest(capture),
            made_at=made_at,
            booth_id=booth_id,
            operations=(
                *([Operation(name=EXCUSED, parameters=dict(excused))] if excused else []),
                *([Operation(name="judge", parameters=_bounds(limits))] if limits else []),
                *(
                    Operation(name=done.name, parameters=_plain(done.parameters))
                    for done in photo.operations
                ),
            ),
            rules={name: _judged(value) for name, value in rules.items()},
            fidelity={name: float(value) for name, value in asdict(photo.fidelity).items()},
            kiosk_version=kiosk_version,
            models=dict(models),
            calibration=_plain(calibration),
            signature=UNSIGNED,
        )
    except ValidationError as error:
        raise UsageError(f"the photo's record of provenance: {_first(error)}") from error
    return sign(unsigned, signing_key)


def _bounds(limits: Mapping[str, tuple[float, float]]) -> dict[str, float | int | str]:
    """Each rule's limits as people read them."""
    return {name: f"{least:g} – {most:g}" for name, (least, most) in limits.items()}


def check_record(record: Provenance, jpeg: bytes, key: VerifyKey) -> tuple[str, ...]:
    """Say why a record does not vouch for a photo (the JPEG file's bytes); nothing where it does.

    `key` is the public key of the booth that is to have signed it.
    """
    return tuple(_FAULT_WORDS[fault] for fault in find_faults(record, jpeg, key))


def read_record(path: Path) -> Provenance:
    """Read a record; raises UsageError where the file is missing, too large, or no record."""
    data = _read(path, MOST_RECORD_BYTES, "a record of provenance")
    try:
        return Provenance.model_validate_json(data)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise UsageError(
                f"{path}: is no JSON, or damaged; name the photo's {FILE_SUFFIX} file"
            ) from error
        raise UsageError(f"{path}: is no record of provenance ({_first(error)})") from error


def read_photo(path: Path) -> bytes:
    """Read a photo's bytes; raises UsageError where the file is missing, empty or too large."""
    return _read(path, MOST_PHOTO_BYTES, "a photo")


def describe_record(record: Provenance) -> Iterator[tuple[str, str]]:
    """What a record says, for staff: the name of each thing, and its value in words."""
    yield "photo", f"SHA-256 {record.photo_sha256.hex()}"
    yield "capture", f"SHA-256 {record.capture_sha256.hex()}"
    yield "made", record.made_at.isoformat(" ", "seconds")
    yield "booth", f"{record.booth_id}, kiosk {record.kiosk_version}"
    for number, done in enumerate(record.operations, start=1):
        yield f"{number}. {done.name}", _values(done.parameters)
    yield "fidelity", _values(record.fidelity)
    yield "calibration", _values(record.calibration)
    for name, value in record.rules.items():
        yield f"rule {name}", _value(value)
    for name, sha256 in record.models.items():
        yield f"model {name}", f"SHA-256 {sha256}"


def _judged(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _plain(values: RecordValues) -> dict[str, float | int | str]:
    """Values as JSON has them: NumPy's numbers as Python's, and true as 1."""
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in values.items()}
    return {k: int(v) if isinstance(v, bool) else v for k, v in plain.items()}


def _read(path: Path, most: int, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name {what}") from error
    except ValueError as error:
        raise UsageError(f"{path}: is no file's name ({error}); name {what}") from error
    if not data:
        raise UsageError(f"{path}: is empty; name {what}")
    if len(data) > most:
        raise UsageError(f"{path}: is larger than {what} can be ({most:,} bytes)")
    return data


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False)[0]
    where = ".".join(map(str, found["loc"])) or "the whole"
    return f"{where}: {found['msg']}"


def _values(values: Mapping[str, float | int | str | None]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items()) or "–"


def _value(value: float | str | None) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
