"""What the booth takes from its registrar: fetched, kept beside the roster, and laid over its own.

What stands in the booth's own file stays in force: only what that leaves out is taken from there.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nacl.signing import VerifyKey
from pydantic import BaseModel, ValidationError

import durable
from kiosk.config import BoothSettings, Loaded, SyncSettings
from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from kiosk.sync.keys import parse_registrar_verify_key
from protocol.configuration import LONGEST_DOCUMENT, Configuration, read_document

if TYPE_CHECKING:
    from kiosk.sync.client import RegistrarClient

log = logging.getLogger(__name__)

TAKEN = (
    ("booth", "support_phone"),
    ("booth", "support_hours"),
    ("booth", "receipt_url"),
    ("sync", "most_bytes_a_second"),
)
"""The keys of the configuration that are taken from there; each has its name in `ToldSettings`."""


def configuration_path(roster: Path) -> Path:
    """Where it is kept: beside the roster."""
    return roster.with_name(f"{roster.name}.configuration")


def read_configuration(roster: Path, key: VerifyKey, institution_code: str) -> Configuration | None:
    """Read what is kept; None where nothing is.

    Raises Forged where it is damaged, or another registrar's or institution's; SyncError where it
    cannot be read.
    """
    document = _read(configuration_path(roster))
    if document is None:
        return None
    try:
        return read_document(document, key, institution_code)
    except ValueError as error:
        raise Forged(f"{configuration_path(roster)}: the registrar's word {error}") from error


def bring_configuration(
    client: "RegistrarClient", roster: Path, institution_code: str
) -> Configuration | None:
    """Fetch what is newer than what is kept, and keep it; None where the registrar says nothing.

    Raises Forged where it is no document of this registrar's, or not newer than the one kept: who
    plays an old one back would undo what staff have changed. Raises SyncError.
    """
    path, key = configuration_path(roster), client.registrar_verify_key
    try:
        held = read_configuration(roster, key, institution_code)
    except SyncError:
        held = None  # damaged, another registrar's or user's: a new one takes its place
    version = None if held is None else held.version
    came = client.configuration(institution_code, None if held is None else _read(path), version)
    if came is None:
        return held
    try:
        news = read_document(came, key, institution_code)
    except ValueError as error:
        raise Forged(f"registrar: its configuration {error}") from error
    if held is not None and news.version <= held.version:
        raise Forged(
            f"registrar: its configuration is of version {news.version}, and version"
            f" {held.version} is held here; an older one does not replace it"
        )
    try:
        durable.make_private_folder(path.parent)
        durable.write_whole(path, came)
    except OSError as error:
        raise SyncError(f"{path}: cannot be written ({error.strerror}); check the disk") from error
    return news


def settings_said(held: Configuration) -> list[str]:
    """The names of the settings of which a document says something."""
    return list(held.settings.model_dump(exclude_none=True))


def with_configuration(loaded: Loaded) -> Loaded:
    """The configuration in force, with what the registrar says of keys that the file leaves out."""
    sync, booth = loaded.config.sync, loaded.config.booth
    if sync.registrar_verify_key is None:
        return loaded
    key = parse_registrar_verify_key(sync.registrar_verify_key)
    try:
        held = read_configuration(sync.roster, key, booth.institution_code)
    except SyncError as error:
        log.warning("%s; until the next sync the booth goes by its own file", error)
        held = None
    told = frozenset() if held is None else frozenset(_said(loaded, held))
    if held is None or not told:
        return loaded
    config = loaded.config
    for section, name in told:
        changed = getattr(config, section).model_copy(update={name: getattr(held.settings, name)})
        config = config.model_copy(update={section: changed})
    return replace(loaded, config=config, told=told)


def _said(loaded: Loaded, held: Configuration) -> set[tuple[str, str]]:
    """The keys that the file leaves out, and of which this release can use what is said."""
    sections: dict[str, type[BaseModel]] = {"booth": BoothSettings, "sync": SyncSettings}
    said = set()
    for section, name in TAKEN:
        value = getattr(held.settings, name)
        if value is None or (section, name) in loaded.lines:
            continue
        try:
            sections[section].model_validate({name: value})
        except ValidationError:
            log.warning("the registrar's %s.%s is not one that can be used", section, name)
            continue
        said.add((section, name))
    return said


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST_DOCUMENT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SyncError(f"{path}: cannot be read ({error.strerror})") from error
