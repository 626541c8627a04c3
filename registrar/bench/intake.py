"""Intake: how many photos a second a registrar takes, how soon it answers, at what cost.

The registrar is a real one, in processes of its own, on the storage that its settings name; the
load is generated beside it, on the same cores. Photos are sealed before the clock runs.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from registrar.bench.load import (
    Answer,
    Bodies,
    Booth,
    make_photo,
    make_record,
    percentile,
    send_all,
)
from registrar.bench.own_database import own_database
from registrar.errors import RegistrarError
from registrar.keys import Keys
from registrar.store import Store

BOOTHS, CONNECTIONS = 8, 16
"""Booths that send, and connections over which they do."""

WARM_UP = 50
"""Photos before those that count."""

HALF_SHARE = 0.5
"""Of the highest rate, at which the time to an answer is measured."""

_SERVES = re.compile(r"serves (http://\S+)")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Intake:
    """What one registrar did."""

    rows: int
    """Records in its roster."""
    photos: int
    rate: float
    """Photos a second, as fast as it goes."""
    half_rate: float
    """Photos a second at which the times below were measured."""
    median: float
    p99: float
    """Seconds to an answer."""
    cost: float
    """Seconds of processor that the registrar's processes took a photo, at `half_rate`."""
    memory_before: float
    memory_after: float
    """MiB that its processes hold, before the first photo that counts and after the last."""
    refused: int
    """Photos that were not answered by 200."""


def measure_intake(
    rows: int, photos: int, workers: int, settings: Path | None, seed: int = 1
) -> Intake:
    """Send `photos` photos as fast as it goes, and as many again at half that rate.

    `settings` is a `registrar.toml`, for another storage than the data folder.
    """
    random = Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="registrar-bench-") as temporary,
        own_database(settings, folder := Path(temporary) / "data"),
    ):
        booths = prepare(folder, rows, BOOTHS, random)
        bodies = Bodies(Path(temporary) / "bodies")
        pictures = [make_photo(random) for _ in range(8)]
        for number in range(WARM_UP + 2 * photos):
            booth = booths[number % BOOTHS]
            bodies.add(booth.seal(number, pictures[number % 8], random), booth)
        with run_registrar(folder, workers) as (address, process):
            waiting = bodies.take()
            send_all(address, islice(waiting, WARM_UP), CONNECTIONS, 0.0)
            before = _memory(process.pid)
            fast, seconds = send_all(address, islice(waiting, photos), CONNECTIONS, 0.0)
            rate = photos / seconds
            half, used = HALF_SHARE * rate, _processor(process.pid)
            slow, _ = send_all(address, islice(waiting, photos), CONNECTIONS, half)
            used, after = _processor(process.pid) - used, _memory(process.pid)
        bodies.close()
    answers: list[Answer] = [*fast, *slow]
    return Intake(
        rows=rows,
        photos=photos,
        rate=rate,
        half_rate=half,
        median=percentile(slow, 0.5),
        p99=percentile(slow, 0.99),
        cost=used / photos,
        memory_before=before,
        memory_after=after,
        refused=sum(answer.status != 200 for answer in answers),
    )


def prepare(folder: Path, rows: int, count: int, random: Random) -> list[Booth]:
    """Fill a data folder: a roster of `rows` records, and `count` enrolled booths."""
    store = Store(folder)
    store.records.import_records(make_record(number) for number in range(rows))
    keys = Keys.of(store)
    booths = [Booth(f"bench-{n}", keys.vault.public_key, random) for n in range(count)]
    for booth in booths:
        store.booths.enrol(booth.booth_id, booth.key.verify_key)
    store.database.close()
    return booths


@contextmanager
def run_registrar(
    folder: Path, workers: int, port: int = 0
) -> Iterator[tuple[tuple[str, int], "subprocess.Popen[str]"]]:
    """A registrar that serves, and where; `port` 0 is a free one. Raises RegistrarError."""
    words = ["serve", "--data", str(folder), "--port", str(port), "--workers", str(workers)]
    run = "import sys; from registrar.cli import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", run, *words], stdout=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline() if process.stdout else ""
        found = _SERVES.search(said)
        if found is None:
            raise RegistrarError("the bench's registrar did not start; see what it said")
        parts = urlsplit(found[1])
        yield (parts.hostname or "", parts.port or 0), process
    finally:
        process.terminate()
        process.wait(30)


def _family(pid: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """A process and its descendants, with their ticks of processor and pages of memory."""
    found: dict[int, tuple[int, Mapping[str, int]]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        ticks, pages = sum(map(int, fields[11:15])), int(fields[21])
        found[int(path.parent.name)] = int(fields[1]), {"ticks": ticks, "pages": pages}
    members = {pid}
    while more := {one for one, (parent, _) in found.items() if parent in members} - members:
        members |= more
    for member in members & found.keys():
        yield member, found[member][1]


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    return [member for member, _ in _family(pid) if member != pid]


def _processor(pid: int) -> float:
    return sum(used["ticks"] for _, used in _family(pid)) / _TICKS


def _memory(pid: int) -> float:
    return sum(used["pages"] for _, used in _family(pid)) * _PAGE / 2**20
