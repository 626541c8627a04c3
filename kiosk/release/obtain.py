"""Bringing a release here: verified before anything of it is opened, and made in its own folder."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from nacl.signing import VerifyKey

from kiosk.release.errors import ReleaseError
from kiosk.release.installed import read_installed
from kiosk.release.manifest import (
    MANIFEST_KIND,
    Manifest,
    archive_name,
    manifest_name,
    parse_version,
    read_told,
)
from kiosk.release.offer import Offer
from kiosk.release.signed import open_text
from kiosk.release.source import Source, verify_bytes
from kiosk.release.unpack import unpack
from kiosk.release.worksite import Worksite, prune

ROOM = 1_200_000_000
"""Bytes that are free before a release is made: its environment takes 830 MB, and pip keeps one
package beside it as it unpacks."""


def obtain(
    site: Worksite, source: Source, offer: Offer, keys: Sequence[VerifyKey], version: str
) -> None:
    """Make a release's folder of what is signed, if it is not there yet; raises ReleaseError."""
    places, release = site.places, site.places.release(version)
    if (release / "whole").exists():
        site.say(f"{version} is here already")
        return
    name = manifest_name(version)
    signed = source.read(name)
    verify_bytes(signed, offer.index.releases[version].manifest, name)
    manifest = read_told(Manifest, open_text(MANIFEST_KIND, signed, keys, name), name)
    if manifest.version != version:
        raise ReleaseError(f"{name}: is of {manifest.version}; have it published anew")
    _require_previous(manifest, read_installed(places.root).current or "0.0.0")
    prune(site)
    _require_room(places.root, manifest)
    try:
        places.downloads.mkdir(parents=True, exist_ok=True)
        release.parent.mkdir(parents=True, exist_ok=True)
        archive = places.downloads / archive_name(version)
        source.bring(archive.name, manifest.archive, archive, site.say)
        unpacked = places.downloads / version
        shutil.rmtree(unpacked, ignore_errors=True)
        site.say(f"unpacking {archive.name}")
        unpack(archive, manifest, unpacked)
        archive.unlink()
        site.say("making its environment: some minutes")
        site.machine.make_release(unpacked, release, source.wheels)
    except OSError as error:
        raise ReleaseError(f"{error.filename}: {error.strerror}; is the disk full?") from error
    finally:
        shutil.rmtree(places.downloads / version, ignore_errors=True)


def _require_previous(manifest: Manifest, current: str) -> None:
    if parse_version(current) < parse_version(manifest.minimum_previous):
        raise ReleaseError(
            f"from {current} there is no way to {manifest.version}: first take"
            f" {manifest.minimum_previous}: kiosk update --to {manifest.minimum_previous}"
        )


def _require_room(root: Path, manifest: Manifest) -> None:
    unpacked = sum(file.bytes for file in manifest.files.values())
    needed = ROOM + manifest.archive.bytes + 2 * unpacked
    free = shutil.disk_usage(root).free
    if free < needed:
        raise ReleaseError(
            f"{root}: {free / 1e6:.0f} MB are free of the {needed / 1e6:.0f} MB that a release"
            " takes; make room: du -xh / | sort -h | tail shows where it went"
        )
