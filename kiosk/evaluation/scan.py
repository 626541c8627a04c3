"""What a scan without network takes: one entry of a large roster's index, opened, checked, read."""

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.sync.roster import read_roster
from kiosk.sync.roster_index import ComingBase, take_place
from protocol.roster_edition import derive_secret, first_head, make_entry, sign_head
from protocol.student import Student

LARGE = 200_000
"""Entries; the largest universities have some 60,000 students."""

GOAL = 5.0
"""Milliseconds."""

SIZE = 256
"""Bytes of a padded answer."""

INSTITUTION = "10000"

_SCHEDULED = Path("/proc/thread-self/schedstat")


@dataclass
class Times:
    """What each scan took, in milliseconds."""

    processor: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    undisturbed: list[float] = field(default_factory=list)
    """By the clock, less the time in which other work had the processor."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Make a large index and one of a tenth, and look codes up in both, each time opened anew."""
    entries, scans = (LARGE // 10, 200) if quick else (LARGE, 2000)
    key = SigningKey.generate()
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        large, small = Path(folder, "large"), Path(folder, "small")
        make_index(large, entries, key)
        make_index(small, entries // 10, key)
        warm = _scan(large, entries, scans, key)
        of_small = _scan(small, entries // 10, scans, key)
        cold = _scan(large, entries, scans // 10, key, before=lambda: _leave_memory(large))
        size = large.stat().st_size
    yield Row("scan", "entries", entries, "entries")
    yield Row("scan", "index", size / 1e6, "MB")
    middle = _quantile(warm.processor, 0.5)
    yield Row("scan", "processor", middle, "ms", baseline=_quantile(of_small.processor, 0.5))
    yield Row.at_most("scan", "processor, 99 %", _quantile(warm.processor, 0.99), "ms", GOAL)
    yield Row.at_most("scan", "undisturbed, 99 %", _quantile(warm.undisturbed, 0.99), "ms", GOAL)
    yield Row("scan", "by the clock, 99 %", _quantile(warm.clock, 0.99), "ms")
    late = _quantile(cold.undisturbed, 0.99)
    yield Row.at_most("scan", "undisturbed, from the disk, 99 %", late, "ms", GOAL)


def make_index(path: Path, entries: int, key: SigningKey) -> None:
    """Make the index of so many students, as a base brings it."""
    head = first_head(INSTITUTION, os.urandom(32), datetime.now(UTC))
    head = head.model_copy(update={"size": SIZE})
    made = []
    for number in show_progress(range(entries), "making the roster"):
        student = Student(
            f"record-{number}",
            f"学生{number}",
            f"2022{number:06d}",
            INSTITUTION,
            "示范大学",
            "文学院",
        )
        code = code_of(number)
        made.append(make_entry(derive_secret(code, head.edition), student, head, key))
    body = b"".join(e.encode() for e in sorted(made, key=lambda entry: entry.place))
    coming = ComingBase(
        path.with_name(f"{path.name}.coming"),
        sign_head(head, entries, hashlib.sha256(body).digest(), key),
    )
    coming.append(0, body)
    coming.finish()
    take_place(path, coming.path)


def code_of(number: int) -> str:
    """A student's capture code, as long as encrypted ones are."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def _scan(
    path: Path,
    entries: int,
    scans: int,
    key: SigningKey,
    before: Callable[[], None] = lambda: None,
) -> Times:
    """Look codes up as a booth does."""
    draw, times = random.Random(1), Times()
    for scan in range(scans + 1):
        code = code_of(draw.randrange(entries))
        before()
        waited, began, worked = _waited(), time.perf_counter(), time.process_time()
        roster = read_roster(path, key.verify_key, INSTITUTION)
        found = None if roster is None else roster.find(code)
        work, clock = time.process_time() - worked, time.perf_counter() - began
        if not isinstance(found, Student):
            raise KioskError(f"{path}: {code} is not found in its own index")
        if scan:  # the first imports and compiles
            times.processor.append(1000 * work)
            times.clock.append(1000 * clock)
            times.undisturbed.append(1000 * (clock - (_waited() - waited)))
    return times


def _waited() -> float:
    """For how long this thread was ready and had no processor, in seconds; 0 where none tells."""
    try:
        return int(_SCHEDULED.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _leave_memory(path: Path) -> None:
    """Have the system forget a file's pages, as after a start of the machine."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
