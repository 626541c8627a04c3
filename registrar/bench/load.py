"""The load of a bench: booths with sealed photos, sent over connections that stay open."""

import hashlib
import http.client
import io
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Lock
from uuid import UUID

import numpy as np
from nacl.public import PublicKey
from nacl.signing import SigningKey
from PIL import Image

from protocol.envelope import Metadata, seal_photo
from protocol.provenance import Operation, Provenance
from protocol.request import PREFIX, sign_request
from protocol.signing import UNSIGNED, sign
from registrar.roster import Record

INSTITUTION = "10000"

SIZE = (480, 640)
"""Width and height of the photos."""

PHOTO_BYTES = 100_000
"""About what a photo's file has."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one photo that was sent."""

    status: int
    """The HTTP status; 0 where there was no answer."""
    seconds: float
    """From when it was to be sent to the end of the answer."""


def make_record(number: int) -> Record:
    """The record of study of student `number`."""
    return Record(
        f"BENCH-{number:08d}",
        f"record-{number}",
        f"学生{number}",
        f"{number:010d}",
        INSTITUTION,
        "示范大学",
        f"学院{number % 30}",
    )


def make_photo(random: Random) -> bytes:
    """A JPEG of a photo's size and about PHOTO_BYTES: a smooth picture with noise."""
    noise = np.random.default_rng(random.getrandbits(64)).normal(0, 14, (SIZE[1], SIZE[0], 3))
    rows = np.linspace(90, 200, SIZE[1])[:, None, None]
    picture = Image.fromarray(np.clip(rows + noise, 0, 255).astype(np.uint8))
    for quality in range(95, 20, -3):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        if file.tell() <= PHOTO_BYTES * 1.05:
            break
    return file.getvalue()


class Booth:
    """An enrolled booth of the bench, which seals photos and signs requests."""

    def __init__(self, booth_id: str, registrar_key: PublicKey, random: Random) -> None:
        self.booth_id = booth_id
        self.key = SigningKey(random.randbytes(32))
        self._registrar_key = registrar_key

    def seal(self, number: int, jpeg: bytes, random: Random) -> bytes:
        """The body of the request that hands over a photo of student `number`."""
        now = datetime.now(UTC)
        digest = hashlib.sha256(jpeg).digest()
        record = Provenance(
            photo_sha256=digest,
            capture_sha256=hashlib.sha256(b"bench").digest(),
            made_at=now,
            booth_id=self.booth_id,
            operations=(Operation(name="encode", parameters={"quality": 90}),),
            rules={"one_face": 1.0},
            fidelity={"psnr": 50.0},
            kiosk_version="bench",
            models={},
            calibration={},
            signature=UNSIGNED,
        )
        metadata = Metadata(
            submission_id=UUID(int=random.getrandbits(128), version=4),
            record_id=make_record(number).record_id,
            taken_at=now,
            booth_id=self.booth_id,
            photo_sha256=digest,
            rules={"one_face": 1.0},
            kiosk_version="bench",
            provenance=sign(record, self.key),
        )
        envelope = seal_photo(metadata, jpeg, self._registrar_key, self.key)
        return envelope.model_dump_json().encode()

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a request that hands over a photo."""
        now = str(int(time.time()))
        path = f"{PREFIX}/submissions"
        signed = sign_request("POST", path, self.booth_id, now, body, self.key)
        return {**signed, "Content-Type": "application/json"}


class Bodies:
    """Sealed photos that wait in a file, since they may be more than there is memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._places: list[tuple[int, int, Booth]] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._places)

    def add(self, body: bytes, booth: Booth) -> None:
        """Put one at the end."""
        self._places.append((self._file.tell(), len(body), booth))
        self._file.write(body)

    def take(self) -> Iterator[tuple[bytes, Booth]]:
        """Each in turn; `send_all` lets several threads take from one iterator."""
        self._file.flush()
        for place, size, booth in self._places:
            with self._lock:
                self._file.seek(place)
                body = self._file.read(size)
            yield body, booth

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def send_all(
    address: tuple[str, int], bodies: Iterator[tuple[bytes, Booth]], threads: int, rate: float
) -> tuple[list[Answer], float]:
    """Send photos over so many connections; the answers, and the seconds that it took.

    `rate` is how many are sent a second, evenly, whether those before are answered or not, as far
    as there are connections; 0: each connection sends the next as soon as it can.
    """
    lock = Lock()
    began = time.perf_counter()
    numbered = enumerate(bodies)

    def send_some(_: int) -> list[Answer]:
        connection = http.client.HTTPConnection(*address, timeout=60)
        answers: list[Answer] = []
        while True:
            with lock:
                following = next(numbered, None)
            if following is None:
                connection.close()
                return answers
            number, (body, booth) = following
            due = began + number / rate if rate else time.perf_counter()
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            answers.append(_send(connection, body, booth, due))

    with ThreadPoolExecutor(threads) as pool:
        answers = [answer for some in pool.map(send_some, range(threads)) for answer in some]
    return answers, time.perf_counter() - began


def percentile(answers: Sequence[Answer], share: float) -> float:
    """Seconds within which a share (0 to 1) of the answers came."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(int(share * len(times)), len(times) - 1)]


def _send(connection: http.client.HTTPConnection, body: bytes, booth: Booth, due: float) -> Answer:
    try:
        connection.request("POST", f"{PREFIX}/submissions", body, booth.sign(body))
        response = connection.getresponse()
        response.read()
        status = response.status
    except (OSError, http.client.HTTPException):
        connection.close()
        status = 0
    return Answer(status, time.perf_counter() - due)
