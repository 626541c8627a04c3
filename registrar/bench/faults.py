"""Faults: what comes of photos when network, booths and registrar fail at random.

Simulated booths send through a bad network (`proxy`), and what runs is killed now and then
(`victims`). In the end every photo must be held exactly once, bit for bit, and none be readable on
the wire or on a disk.
"""

import hashlib
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import func, select

from durable import write_new
from protocol.envelope import Envelope
from protocol.keys import encode_key
from registrar.bench.intake import prepare
from registrar.bench.load import INSTITUTION, Booth, make_photo
from registrar.bench.own_database import own_database
from registrar.bench.proxy import BadNetwork, as_sent, bad_network
from registrar.bench.victims import SAID, Registrar, disturb_all
from registrar.errors import StoreError
from registrar.keys import Keys
from registrar.storage.tables import PHOTO
from registrar.store import Store

CLOCKS_OFF = (0.0, 0.0, 0.0, 200.0, 0.0, 0.0, -250.0, 0.0, 0.0, 3600.0)
"""Seconds by which booths' clocks are wrong. What is more than the protocol's window is refused,
and set right then by a booth's staff."""

NEEDLE = 64
"""Bytes of a photo that are looked for where nobody may read them."""

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
"""How the bench's photos begin."""

PERSONAL = tuple(
    written.encode()
    for word in ("学生", "学院", "示范大学", "BENCH-0000")
    for written in (word, json.dumps(word).strip('"'))
)
"""What names students, as UTF-8 and as JSON may have it: it never passes the network readably."""


@dataclass(frozen=True, slots=True)
class FaultsResult:
    """What came of the photos."""

    photos: int
    booths: int
    held: int
    """Photos that the registrar holds."""
    held_twice: int
    lost: int
    altered: int
    """Held with other bytes than the booth had, or with none that can be read."""
    readable_on_the_wire: int
    readable_on_a_disk: int
    kills: dict[str, int]
    network: dict[str, int]
    """Connections, by what they suffered."""
    said: dict[str, int]
    """What booths' runs failed by, in their own words, the most frequent first."""
    unfinished: int
    """Booths that still had something to send when the patience was over."""
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether every photo arrived once, as it was, and nobody could read it on the way."""
        wrong = self.held_twice + self.lost + self.altered
        return not wrong + self.readable_on_the_wire + self.readable_on_a_disk


def measure_faults(
    photos: int,
    booths: int,
    settings: Path | None,
    disturb: str | None,
    patience: float,
    disks: Sequence[Path] = (),
    seed: int = 1,
) -> FaultsResult:
    """Send `photos` photos from `booths` booths through all that, for `patience` seconds at most.

    `settings` is a `registrar.toml` for another storage, whose folders are `disks`; `disturb` a
    shell's command that is run now and then, say one that crashes the database.
    """
    random = Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="registrar-faults-") as temporary,
        own_database(settings, folder := Path(temporary) / "data"),
    ):
        made = prepare(folder, photos, booths, random)
        pictures = [make_photo(random) for _ in range(4)]
        needles = (JPEG, *(picture[5000 : 5000 + NEEDLE] for picture in pictures))
        began = time.monotonic()
        with (
            closing(Registrar(folder)) as registrar,
            bad_network(registrar.port, random, needles + PERSONAL) as network,
        ):
            sent = _set_up(Path(temporary), made, pictures, photos, folder, network, random)
            kills, unfinished = disturb_all(
                [Path(temporary) / booth.booth_id for booth in made],
                registrar,
                disturb,
                random,
                began + patience,
            )
        seconds = time.monotonic() - began
        times, altered = _look_at_held(folder, sent)
        own = [folder for folder in Path(temporary).iterdir() if folder.name != "data"]
        return FaultsResult(
            photos=len(sent),
            booths=booths,
            held=len(times),
            held_twice=sum(count > 1 for count in times.values()),
            lost=len(sent.keys() - times.keys()),
            altered=altered,
            readable_on_the_wire=network.seen,
            readable_on_a_disk=count_readable([Path(temporary), *disks], needles)
            + count_readable(own, PERSONAL),
            kills=dict(kills),
            network={str(fault): count for fault, count in network.counts.most_common()},
            said=_gather_said(own),
            unfinished=unfinished,
            seconds=seconds,
        )


def _set_up(
    temporary: Path,
    booths: list[Booth],
    pictures: list[bytes],
    photos: int,
    folder: Path,
    network: BadNetwork,
    random: Random,
) -> dict[str, bytes]:
    """Each booth's folder, with its sealed photos; the SHA-256 of each photo by submission."""
    keys = Keys.of(Store(folder))
    for number, booth in enumerate(booths):
        own = temporary / booth.booth_id
        own.mkdir(mode=0o700)
        write_new(own / "signing.key", encode_key(bytes(booth.key)).encode() + b"\n")
        told = {
            "url": f"http://127.0.0.1:{network.port}/",
            "booth_id": booth.booth_id,
            "institution_code": INSTITUTION,
            "registrar_verify_key": encode_key(bytes(keys.signing_key.verify_key)),
            "clock_is_off": CLOCKS_OFF[number % len(CLOCKS_OFF)],
        }
        (own / "booth.json").write_text(json.dumps(told))
    sent = {}
    for number in range(photos):
        booth, picture = booths[number % len(booths)], pictures[number % len(pictures)]
        body = booth.seal(number, picture, random)
        (temporary / booth.booth_id / f"{number:06d}.envelope").write_bytes(body)
        submission = str(Envelope.model_validate_json(body).submission_id)
        sent[submission] = hashlib.sha256(picture).digest()
    return sent


def _look_at_held(folder: Path, sent: dict[str, bytes]) -> tuple[dict[str, int], int]:
    """How often each submission is held, and how many have other bytes than were sent, or none."""
    store = Store(folder)
    vault = Keys.of(store).vault
    with store.database.connection() as db:
        held = select(PHOTO.c.submission_id, func.count()).group_by(PHOTO.c.submission_id)
        times = {row[0]: row[1] for row in db.execute(held)}
    altered = 0
    for submission in times:
        try:
            jpeg = vault.photo(store.photos.sealed(UUID(submission)) or b"")[1]
        except StoreError:
            altered += 1
        else:
            altered += hashlib.sha256(jpeg).digest() != sent.get(submission)
    store.database.close()
    return times, altered


def count_readable(folders: Iterable[Path], needles: tuple[bytes, ...]) -> int:
    """Count the files in which one of the needles can be read."""
    looked_for = tuple(as_sent(needles))
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sum(any(needle in data for needle in looked_for) for data in map(_read, files))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a server's, which removed it meanwhile
        return b""


def _gather_said(booths: Iterable[Path]) -> dict[str, int]:
    """What booths' runs said, without times and numbers, and how often."""
    lines = (line for booth in booths for line in (booth / SAID).read_text("utf-8").splitlines())
    masked = (re.sub(r"[0-9]+", "N", line.partition(" ")[2]) for line in lines)
    return dict(Counter(masked).most_common())
