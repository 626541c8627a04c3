"""What the roster of a large school takes, at the registrar and at the booth: a long run."""

import json
import statistics
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from kiosk.sync.keys import verify_key_text
from protocol.roster_edition import split_parts
from registrar.keys import Keys
from registrar.roster import Record
from registrar.roster_publisher import RosterPublisher
from registrar.roster_rows import Told
from registrar.serve import Server
from registrar.store import Store
from tests.town import BOOTH, INSTITUTION, Town, record

pytestmark = pytest.mark.soak

ROWS = 200_000
"""Records of study; the largest universities have some 60,000 students."""

MOST = 128
"""MiB; kiosk-sync.service has 512."""


def enrolled(number: int, **changes: str) -> Record:
    """A student whose capture code nobody guesses: others are slow to look up."""
    return record(number, capture_code=f"capture-code-{number:08}", **changes)


MEASURED = """
    import json, sys, time
    from pathlib import Path

    def peak():
        # Not getrusage's: that is what the parent had, where it had more.
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
"""

MAKE = """
    from registrar.keys import Keys
    from registrar.roster_publisher import RosterPublisher
    from registrar.store import Store

    store = Store(Path(sys.argv[1]))
    publisher = RosterPublisher(store.database, store.objects, Keys.of(store).signing_key)
    before, begin, worked = peak(), time.monotonic(), time.process_time()
    publisher.news("10000", None)
    took = {"s": time.monotonic() - begin, "s of processor": time.process_time() - worked}
    print(json.dumps(took | {"MiB": peak(), "MiB before": before}))
"""

SYNC = """
    from kiosk.commands.main import main

    begin = time.monotonic()
    status = main(["--config", sys.argv[1], "sync"])
    print(json.dumps({"status": status, "s": time.monotonic() - begin, "MiB": peak()}))
"""

SCAN = """
    import random
    from kiosk.config import load
    from kiosk.sync.keys import parse_registrar_verify_key
    from kiosk.sync.roster import read_roster

    sync = load(Path(sys.argv[1])).config.sync
    key = parse_registrar_verify_key(sync.registrar_verify_key)
    codes = [f"capture-code-{random.randrange(int(sys.argv[2])):08}" for _ in range(2000)]
    read_roster(sync.roster, key, "10000").find(codes[0])
    before, took, worked = peak(), [], []
    for code in codes:
        begin, work = time.perf_counter(), time.process_time()
        assert read_roster(sync.roster, key, "10000").find(code) is not None
        worked.append(1000 * (time.process_time() - work))
        took.append(1000 * (time.perf_counter() - begin))
    told = {"MiB": peak(), "MiB more": peak() - before}
    for name, times in (("ms", took), ("ms of processor", worked)):
        times.sort()
        told |= {name: times[1000], f"{name}, 99 %": times[1980], f"{name} at most": times[-1]}
    print(json.dumps(told))
"""


def measure(code: str, *arguments: object) -> dict[str, float]:
    """Run a program of its own, and read what it says last."""
    program = textwrap.dedent(MEASURED) + textwrap.dedent(code)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registrar's data folder with that many records."""
    folder = tmp_path_factory.mktemp("large")
    store = Store(folder / "registrar")
    Keys.of(store)
    begin = time.monotonic()
    store.records.import_records(enrolled(number) for number in range(ROWS))
    print(f"\n{ROWS} records imported in {time.monotonic() - begin:.1f} s")
    return folder


def test_a_roster_of_200_000_is_made_synced_and_scanned_in_little_memory(folder: Path) -> None:
    made = measure(MAKE, folder / "registrar")
    print(f"base made: {made}")
    with Server(folder / "registrar") as server:
        town = Town(server, folder / "booth")
        config = folder / "kiosk.toml"
        config.write_text(f"""
[sync]
registrar = "{server.url}"
booth_id = "{BOOTH}"
signing_key_file = "{town.folder / "signing.key"}"
registrar_public_key = "{town.enrolment.registrar_public_key}"
registrar_verify_key = "{verify_key_text(server.keys.signing_key.verify_key)}"
outbox = "{town.folder / "outbox.sqlite"}"
roster = "{town.roster}"
""")
        first = measure(SYNC, config)
        for number in range(100):
            town.client().send(town.envelope(number))
        changed = measure(SYNC, config)
        unchanged = measure(SYNC, config)
        for name, found in (("first", first), ("changed", changed), ("unchanged", unchanged)):
            print(f"sync, {name}: {found}")
        (base,) = (
            server.store.objects.size(name)
            for name, _ in server.store.objects.names("roster/")
            if name.endswith("entries")
        )
    print(f"base {base / 1e6:.1f} MB, index {town.roster.stat().st_size / 1e6:.1f} MB")
    scanned = measure(SCAN, config, ROWS)
    print(f"a scan: {scanned}")
    assert made["MiB"] - made["MiB before"] <= MOST
    assert max(found["MiB"] for found in (first, changed, unchanged)) <= MOST
    assert {found["status"] for found in (first, changed, unchanged)} == {0}
    assert scanned["MiB more"] <= 8


@pytest.mark.parametrize("rows", [2000, 20_000, ROWS])
def test_what_photos_cost_does_not_grow_with_the_roster(
    tmp_path: Path, folder: Path, rows: int
) -> None:
    place = folder / "registrar" if rows == ROWS else tmp_path / "registrar"
    store = Store(place)
    if rows != ROWS:
        store.records.import_records(enrolled(number) for number in range(rows))
    publisher = RosterPublisher(store.database, store.objects, Keys.of(store).signing_key)
    answer = publisher.news(INSTITUTION, None)
    assert answer is not None
    took: list[float] = []
    sizes = set()
    for round_ in range(20):
        *_, (head, _) = split_parts(answer)
        told = Told(head.edition, head.number, head.chain, head.issued_at)
        while (more := publisher.news(INSTITUTION, told)) is not None:
            *_, (head, _) = split_parts(more)
            told = Told(head.edition, head.number, head.chain, head.issued_at)
        store.records.import_records(
            enrolled(1000 + 100 * round_ % 1000 + number, name=f"改{round_}")
            for number in range(100)
        )
        begin = time.process_time()
        delta = publisher.news(INSTITUTION, told)
        took.append(time.process_time() - begin)
        assert delta is not None
        sizes.add(len(delta))
        answer = delta
    largest = max(sizes)
    median = 1000 * statistics.median(took)
    print(f"\n{rows} rows, 100 changes: {median:.1f} ms of processor, {largest} bytes")
    assert largest <= 50_000
