"""What may leave the booth for who is to find out what is wrong with it: nothing of any person.

Only what is listed here is taken, each value for what it is; texts go through `redaction`.
"""

import json
import os
import platform
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

from kiosk import installed_version
from kiosk.config import Loaded, describe
from kiosk.errors import KioskError
from kiosk.health import STATUS, THOROUGH, Check, Site
from kiosk.health.exchange import registrar
from kiosk.models import load_manifest, status
from kiosk.upkeep.calibration import calibration_path, read_calibration
from kiosk.upkeep.redaction import mask
from kiosk.upkeep.stock import Stock, stock_path

OWN_WORDS = frozenset(
    {"booth.name", "booth.institution", "booth.institution_code", "booth.support_phone"}
    | {"booth.support_hours", "booth.receipt_url", "reader.prefix", "reader.suffix"}
    | {"sync.registrar_public_key", "sync.registrar_verify_key"}
)
"""Keys whose values are people's words, or keys: it is only said whether they are set."""

PLACES = tuple(map(PurePath, ("/etc/kiosk", "/opt/kiosk", "/run/kiosk", "/var/lib/kiosk", "/dev")))
"""Paths that name nobody; of others it is said that they lie elsewhere."""

JOURNAL = (
    "journalctl", "--quiet", "--no-pager", "--output=json", "--since=-3days", "--lines=20000",
    "--unit=kiosk*", "--unit=registrar*",
)  # fmt: skip
KERNEL = ("journalctl", "--quiet", "--no-pager", "--output=json", "--dmesg", "--lines=2000")

PATIENCE = 30.0
"""Seconds that a program has which is asked."""

AT_REST = tuple(check for check in THOROUGH if check not in STATUS and check is not registrar)
"""What `doctor` looks at besides. No device is opened, and nobody asked: a booth that serves is
not disturbed by being asked after."""

MOST_LISTED = 500
"""Files of a folder that are listed one by one."""

Entries = Iterator[tuple[str, str]]
"""Names of the archive's files, with their texts."""


def gather(loaded: Loaded, site: Site, logs: Mapping[str, str], words: frozenset[str]) -> Entries:
    """Gather all that is taken. What cannot be read is told in its place."""
    parts: Mapping[str, Callable[[], object]] = {
        "versions.json": _versions,
        "configuration.json": lambda: _configuration(loaded, words),
        "status.json": lambda: _findings(STATUS, site, words),
        "doctor.json": lambda: _findings(AT_REST, site, words),
        "told.json": lambda: _told(site, words),
        "stock.json": lambda: _stock(loaded),
        "calibration.json": lambda: _calibration(loaded, words),
        "models.json": lambda: _models(loaded),
        "files.json": lambda: _files(loaded, words),
    }
    for name, part in parts.items():
        try:
            value = part()
        except (KioskError, OSError) as error:
            value = {"error": mask(str(error), words)}
        yield name, json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    for name, log in logs.items():
        yield name, "".join(_readable(log, words))


def read_logs() -> dict[str, str]:
    """What the journal holds of the booth's services and of the kernel, as JSON lines.

    To be asked as root, or as one of the group systemd-journal. Nothing of it is masked yet.
    """
    return {"services.log": _ask(JOURNAL), "kernel.log": _ask(KERNEL)}


def _ask(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PATIENCE, check=False, env=os.environ
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def _readable(log: str, words: frozenset[str]) -> Iterator[str]:
    """Lines of the journal's JSON: when, which service, how bad, and what it said, masked."""
    for line in log.splitlines():
        with suppress(ValueError, TypeError, AttributeError, KeyError, OverflowError):
            entry = json.loads(line)
            at = datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
            unit = mask(str(entry.get("_SYSTEMD_UNIT", "")), words)
            priority = int(entry.get("PRIORITY", 6))
            message = entry["MESSAGE"]
            for said in (message if isinstance(message, str) else "(no text)").splitlines():
                yield f"{at:%Y-%m-%dT%H:%M:%SZ} {unit} <{priority}> {mask(said, words)}\n"


def _versions() -> Mapping[str, object]:
    packages = {each.name: each.version for each in metadata.distributions() if each.name}
    return {
        "kiosk": installed_version(),
        "python": platform.python_version(),
        "kernel": f"{platform.release()} {platform.machine()}",
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "model": _first_line(Path("/proc/device-tree/model")),
        "packages": dict(sorted(packages.items())),
    }


def _first_line(path: Path) -> str:
    try:
        return path.read_text().strip("\0\n")
    except OSError:
        return ""


def _configuration(loaded: Loaded, words: frozenset[str]) -> Mapping[str, object]:
    """Every key with its value in force. Comments of the file are no part of it."""
    shown = {}
    for row in describe(loaded):
        value: Any = row.value
        if row.key in OWN_WORDS or row.key.endswith(".unit"):
            value = "(set)" if value and row.origin != "default" else "(not set)"
        elif row.key == "sync.registrar":
            value = str(value)  # an address, without user and password
        elif isinstance(value, str):
            value = _path(value) if value.startswith("/") else mask(value, words)
        shown[mask(row.key, words)] = {
            "value": value,
            "from": "default" if row.origin == "default" else "file",
        }
    return shown


def _path(text: str) -> str:
    path = PurePath(text)
    ours = any(path.is_relative_to(place) for place in PLACES)
    return text if ours and len(path.parts) <= 5 else "(elsewhere)"


def _findings(checks: Sequence[Check], site: Site, words: frozenset[str]) -> list[object]:
    """What checks find, as their words may be told."""
    at_rest = Site(site.config, site.now, site.told, site.life, thorough=False, root=site.root)
    return [
        {key: mask(text, words) for key, text in finding.as_json().items()}
        for check in checks
        for finding in check(at_rest)
    ]


def _told(site: Site, words: frozenset[str]) -> Mapping[str, object]:
    if site.told is None:
        return {"life": None}
    told = asdict(site.told)
    told["reasons"] = {name: mask(why, words) for name, why in site.told.reasons.items()}
    texts = {key: mask(value, words) for key, value in told.items() if isinstance(value, str)}
    return {"life": site.life} | told | texts | {"version": site.told.version, "day": site.told.day}


def _stock(loaded: Loaded) -> object:
    """How the stock stands; not who has noted it."""
    config = loaded.config
    path = stock_path(config.sync.outbox)
    if not path.exists():
        return {"supplies": None}
    stock = Stock(path, config.stock, config.lamps.life)
    return {
        "visits": stock.visits(),
        "supplies": {
            each.name: {"amount": each.amount, "bound": each.bound, "low": each.is_low}
            for each in stock.supplies()
        },
    }


def _calibration(loaded: Loaded, words: frozenset[str]) -> object:
    found = read_calibration(calibration_path(loaded.config.sync.outbox))
    if found is None:
        return None
    texts = {"booth": found.booth, "camera": found.camera, "driver": found.driver}
    masked = {name: mask(text, words) for name, text in texts.items()}
    return found.model_dump(mode="json") | masked


def _models(loaded: Loaded) -> Mapping[str, object]:
    rows = status(load_manifest().values(), loaded.config.models.store)
    return {row.model.name: {"sha256": row.model.sha256, "verified": row.ok} for row in rows}


def _files(loaded: Loaded, words: frozenset[str]) -> Mapping[str, object]:
    """Files with size, mode and owner; nothing of what is in them. Of models and voice the sums."""
    config = loaded.config
    folders = {config.sync.outbox.parent, config.sync.roster.parent}
    if loaded.file is not None:
        folders.add(loaded.file.absolute().parent)
    listed: dict[str, object] = {}
    for number, folder in enumerate(sorted(folders)):
        name = _path(str(folder)) if _path(str(folder)) != "(elsewhere)" else f"(folder {number})"
        with suppress(OSError):
            listed[name] = [_entry(path, words) for path in sorted(folder.iterdir())[:MOST_LISTED]]
    return listed


def _entry(path: Path, words: frozenset[str]) -> Mapping[str, object]:
    found = path.lstat()
    row: dict[str, object] = {
        "name": mask(path.name, words),
        "mode": stat.filemode(found.st_mode),
        "owner": found.st_uid,
        "bytes": found.st_size,
        "changed": datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds"),
    }
    if path.is_dir() and not path.is_symlink():
        inside = [each.lstat().st_size for each in path.rglob("*") if each.is_file()]
        row |= {"files": len(inside), "bytes": sum(inside)}
    return row
