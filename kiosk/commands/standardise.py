"""`kiosk standardise`: make the photo from a picture, and sign what was done to it."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json, add_photo_kind, size
from kiosk.commands.output import print_json, print_remark
from kiosk.errors import KioskError, UsageError

if TYPE_CHECKING:
    from nacl.signing import SigningKey

    from kiosk.camera.frame import Picture
    from kiosk.config import Config, Loaded
    from kiosk.pipeline.photo.standardise import Photo
    from kiosk.pipeline.specification import Wanted
    from protocol.provenance import Provenance

HELP = "make the photo from a picture"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=Path, metavar="IN")
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument("--size", type=size, metavar="WxH")
    add_photo_kind(parser)
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Make, sign and write the photo, and tell what was made."""
    from kiosk.pipeline.picture import read_picture

    wanted = _wanted(args, loaded.config)
    _refuse_output(args.input, args.output)
    capture = read_picture(args.input)
    photo = _make(args, capture, wanted, loaded.config)
    record = _sign(photo, capture, loaded.config)
    written = _write(args.output, photo, record)
    _tell(args, photo, written)
    return 0


def _wanted(args: argparse.Namespace, config: "Config") -> "Wanted":
    """The photo that is asked for: on the command line, else in the configuration."""
    from kiosk.pipeline.specification import specification

    photo = config.photo
    profile = args.profile or photo.profile
    try:
        return specification().wanted(
            profile,
            size=args.size or photo.size_for(profile),
            background=args.background or photo.background_for(profile),
        )
    except UsageError as error:
        raise UsageError(f"--{error}") from error


def _refuse_output(source: Path, output: Path) -> None:
    if output.suffix.lower() not in (".jpg", ".jpeg"):
        raise UsageError(f"{output}: a photo is a JPEG; let its name end in .jpg")
    if output.exists() and source.exists() and output.samefile(source):
        raise UsageError(f"{output}: would take the place of the picture it is made from")


def _make(
    args: argparse.Namespace, capture: "Picture", wanted: "Wanted", config: "Config"
) -> "Photo":
    """The photo of a capture; raises KioskError, with the capture's name."""
    from kiosk.pipeline.loading import load_models

    models = load_models(config.models.store)
    try:
        return models.standardiser.standardise(capture, wanted)
    except KioskError as error:
        if args.json:
            print_json({"file": str(args.input), "error": str(error)})
        raise type(error)(f"{args.input}: {error}") from error
    finally:
        models.looker.close()


def _sign(photo: "Photo", capture: "Picture", config: "Config") -> "Provenance | None":
    """The signed record of what was done to the capture; None where there is no key to sign."""
    from datetime import UTC, datetime

    from kiosk import installed_version
    from kiosk.models import verified_digests
    from kiosk.pipeline.photo.provenance import make_record

    signing_key = _signing_key(config)
    if signing_key is None:
        return None
    return make_record(
        photo,
        capture,
        made_at=datetime.now(UTC),
        booth_id=config.sync.booth_id,
        kiosk_version=installed_version(),
        models=verified_digests(config.models.store),
        signing_key=signing_key,
    )


def _signing_key(config: "Config") -> "SigningKey | None":
    """The key that records are signed with; None, and word of it, where there is none."""
    from kiosk.sync.keys import read_signing_key

    file = config.sync.signing_key_file
    try:
        file.open("rb").close()
    except OSError as error:
        print_remark(
            f"kiosk: no record of provenance is written: {file} cannot be read ({error.strerror});"
            " to get a signing key: kiosk enrol URL CODE, or registrar booth add NAME"
        )
        return None
    return read_signing_key(file)


def _write(output: Path, photo: "Photo", record: "Provenance | None") -> Path | None:
    """Write the photo with its record; where the record lies, None where there is none."""
    from kiosk.files import write_together
    from kiosk.pipeline.photo.provenance import record_path

    place = record_path(output)
    if record is not None:
        write_together({place: record.as_file(), output: photo.encoded.data})
        return place
    write_together({output: photo.encoded.data})
    with suppress(OSError):
        place.unlink()  # it told of the photo before
    return None


def _tell(args: argparse.Namespace, photo: "Photo", record: Path | None) -> None:
    from dataclasses import asdict

    crop = photo.crop
    if args.json:
        print_json(
            {
                "file": str(args.input),
                "photo": str(args.output),
                "size": photo.size,
                "bytes": len(photo.encoded.data),
                "quality": photo.encoded.quality,
                "chroma": photo.encoded.chroma,
                "crop": [crop.left, crop.top, crop.width, crop.height],
                "margin": crop.margin,
                "fidelity": asdict(photo.fidelity),
                "provenance": None if record is None else str(record),
            }
        )
    else:
        print(
            f"{args.output}: {photo.size[0]} × {photo.size[1]}, {len(photo.encoded.data):,} bytes,"
            f" JPEG quality {photo.encoded.quality}; the face as captured,"
            f" {photo.fidelity.psnr_jpeg:.1f} dB after the JPEG"
        )
