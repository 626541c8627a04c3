"""A registrar to click through: rendered students wait for review, and four people may sign in.

.venv/bin/python tools/registrar_demo.py [--port 8770] [--photos 36] [--data DIR]

The photos are the twin's people, taken and standardised by the booth's own pipeline; that is done
once, and kept in .cache/registrar-demo.
"""

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from nacl.signing import SigningKey

from protocol.envelope import Metadata, seal_photo
from protocol.provenance import Provenance
from protocol.report import BoothReport, SupplyReport
from protocol.signing import sign
from registrar.booths import enrol_booth_key
from registrar.desk.access import ROLES
from registrar.desk.accounts import add_staff, make_setup_link
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.reviews import Reviews
from registrar.roster import Record
from registrar.serve import listen, make_server
from registrar.store import Store

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "registrar-demo"

BOOTHS = ("hall-1", "hall-2", "library")
COLLEGES = ("文学院", "数学学院", "计算机学院", "医学院")
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    *("子涵", "欣怡", "浩然", "梓萱", "宇轩", "雨桐", "思远", "佳琪"),
    *("俊杰", "诗涵", "明哲", "晓彤", "文博", "静怡", "天宇"),
)
REFUSED = 3
"""The number of the student whose first photo is refused, and who comes again."""

PEOPLE = (
    ("admin", "管理员"),
    ("reviewer", "王审核"),
    ("technician", "李技术"),
    ("auditor", "赵审计"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A photo as the booth made it, with its record of provenance."""

    jpeg: bytes
    record: Provenance


def photos() -> list[Made]:
    """The twin's people's photos; made the first time."""
    folders = sorted((ROOT / "kiosk" / "twin" / "subjects").iterdir())
    names = [folder.name for folder in folders if folder.is_dir()]
    CACHE.mkdir(parents=True, exist_ok=True)
    if missing := [name for name in names if not _is_made(CACHE / f"{name}.json")]:
        print(f"registrar demo: makes {len(missing)} photos, once", file=sys.stderr)
        _make(missing)
    return [
        Made(
            path.with_suffix(".jpg").read_bytes(),
            Provenance.model_validate_json(path.read_text("utf-8")),
        )
        for path in sorted(CACHE.glob("*.json"))
    ]


def _is_made(path: Path) -> bool:
    """Say whether a photo is there, with all that a booth's record has today."""
    return path.exists() and '"verify"' in (told := path.read_text("utf-8")) and '"judge"' in told


def _make(names: list[str]) -> None:
    from kiosk import config
    from kiosk.evaluation.samples import take_sample
    from kiosk.models import verified_digests
    from kiosk.pipeline.judge.judge import judge
    from kiosk.pipeline.loading import load_models
    from kiosk.pipeline.photo.provenance import make_record
    from kiosk.pipeline.photo.standardise import StandardiseError
    from kiosk.pipeline.specification import specification
    from kiosk.twin import find_subject
    from kiosk.twin.light_stage import RenderedPerson

    wanted = specification().wanted(background="light-blue")
    models = load_models(config.load().config.models.store)
    for name in names:
        sample = take_sample(RenderedPerson(find_subject(name)), "neutral", 1)
        try:
            made = models.standardiser.standardise(sample.capture, wanted, sample.evidence)
        except StandardiseError as error:
            print(f"registrar demo: {name}: {error}", file=sys.stderr)
            continue
        assessed = judge(models.looker.look(sample.capture), specification())
        record = make_record(
            made,
            sample.capture,
            made_at=datetime.now(UTC),
            booth_id=BOOTHS[0],
            kiosk_version="0.1.0",
            models=verified_digests(config.load().config.models.store),
            signing_key=SigningKey.generate(),
            rules={rule.id: rule.value for rule in assessed.rules},
            limits={rule.id: rule.limit for rule in assessed.rules if rule.limit is not None},
            excused={rule.id: "waived" for rule in assessed.rules if rule.hinders},
        )
        (CACHE / f"{name}.jpg").write_bytes(made.encoded.data)
        (CACHE / f"{name}.json").write_text(record.model_dump_json(), "utf-8")


def record_of(number: int) -> Record:
    """The record of study of student `number`."""
    name = FAMILIES[number % len(FAMILIES)] + GIVEN[number * 7 % len(GIVEN)]
    return Record(
        capture_code=f"GX26-{number * 7919 % 10**6:06d}",
        record_id=f"r{number:06d}",
        name=name,
        student_no=f"2022{number:06d}",
        institution_code="10000" if number % 5 else "10001",
        institution="示范大学" if number % 5 else "示范学院",
        college=COLLEGES[number % len(COLLEGES)],
    )


def fill(store: Store, keys: Keys, count: int) -> None:
    """Put students, booths and photos into a registrar; a third of the photos is reviewed."""
    now = datetime.now(UTC)
    made = photos()
    store.records.import_records(record_of(number) for number in range(2 * count))
    signing = {booth_id: SigningKey.generate() for booth_id in BOOTHS}
    with store.database.transaction() as db:
        for booth_id, key in signing.items():
            enrol_booth_key(db, booth_id, key.verify_key)
    for booth_id, report in _reports(now):
        silent = timedelta(hours=5) if booth_id == "library" else timedelta()
        store.booths.keep_report(booth_id, report, now - silent)
    for number in range(count):
        taken_at = now - timedelta(minutes=11 * (count - number))
        _send(store, keys, signing, made[number % len(made)], number, taken_at)
        if number + 1 == count // 3:
            _review(store, now - timedelta(hours=1))
    refused = made[REFUSED % len(made)]
    _send(store, keys, signing, refused, REFUSED, now - timedelta(minutes=5), again=True)


def _send(
    store: Store,
    keys: Keys,
    signing: dict[str, SigningKey],
    made: Made,
    number: int,
    taken_at: datetime,
    *,
    again: bool = False,
) -> None:
    """Send a student's photo from a booth, as `kiosk sync` does."""
    booth_id = BOOTHS[number % len(BOOTHS)]
    key = signing[booth_id]
    changes = {"made_at": taken_at, "booth_id": booth_id}
    metadata = Metadata(
        submission_id=uuid5(NAMESPACE_URL, f"{number} {again}"),
        record_id=record_of(number).record_id,
        taken_at=taken_at,
        booth_id=booth_id,
        photo_sha256=hashlib.sha256(made.jpeg).digest(),
        rules=made.record.rules,
        kiosk_version=made.record.kiosk_version,
        provenance=sign(made.record.model_copy(update=changes), key),
    )
    envelope = seal_photo(metadata, made.jpeg, keys.vault.public_key, key)
    receipt = receive_envelope(store, keys, envelope, taken_at + timedelta(seconds=40))
    if receipt.refused is not None:
        print(f"registrar demo: photo {number}: {receipt.refused}", file=sys.stderr)


def _review(store: Store, now: datetime) -> None:
    """Review what waits: one photo is refused, the others approved."""
    reviews = Reviews(store.database)
    for number, taken in enumerate(reviews.take("reviewer", now, most=1000)):
        if number == REFUSED:
            reviews.decide("reviewer", taken.submission_id, "refused", now, reason="hair")
        else:
            reviews.decide("reviewer", taken.submission_id, "approved", now)


def _reports(now: datetime) -> Iterator[tuple[str, BoothReport]]:
    """How the booths stand: one well, one with a fault and little left, one silent."""
    wipes = {"wipes": 310.0, "mirrors": 4.0, "lens_cloths": 9.0, "paper": 420.0}
    for booth_id in BOOTHS:
        needy = booth_id == "hall-2"
        supplies = {
            name: SupplyReport(
                unit=unit, amount=amount, bound=bound, is_low=amount < bound and unit != "hour"
            )
            for name, unit, amount, bound in (
                ("wipes", "wipe", 12.0 if needy else wipes["wipes"], 50.0),
                ("mirrors", "mirror", wipes["mirrors"], 2.0),
                ("lens_cloths", "cloth", wipes["lens_cloths"], 3.0),
                ("paper", "sheet", wipes["paper"], 100.0),
                ("lamp.key_left", "hour", 812.0, 20_000.0),
            )
        }
        yield (
            booth_id,
            BoothReport(
                at=now,
                version="0.1.0",
                doing="stopped" if needy else "serves",
                faults=("camera",) if needy else (),
                waiting=2 if needy else 0,
                refused=0,
                set_aside=0,
                visits=131,
                supplies=supplies,
            ),
        )


def employ(store: Store) -> dict[str, str]:
    """Make the accounts; their set-up links' tokens by login. `admin` may do everything."""
    now = datetime.now(UTC).timestamp()
    tokens = {}
    with store.database.transaction() as db:
        for login, name in PEOPLE:
            roles = ROLES if login == "admin" else [role for role in ROLES if role == login]
            add_staff(db, login, name, roles, "zh-CN", now)
            tokens[login] = make_setup_link(db, login, now)
    return tokens


def main() -> None:
    """Fill a registrar, tell where it is, and serve until told to stop."""
    parser = argparse.ArgumentParser(description="A registrar to click through.")
    parser.add_argument("--port", type=int, default=8770, help="default: %(default)s")
    parser.add_argument("--photos", type=int, default=36, help="default: %(default)s")
    parser.add_argument("--data", type=Path, help="default: a folder that goes when it ends")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = Store(folder / "registrar")
        keys = Keys.of(store)
        if not store.counts().records:
            fill(store, keys, arguments.photos)
            tokens = employ(store)
        else:
            tokens = {}
        socket = stack.enter_context(listen("127.0.0.1", arguments.port))
        url = f"http://localhost:{socket.getsockname()[1]}"
        print(f"registrar: {url}/ ; Ctrl-C ends it")
        for login, token in tokens.items():
            print(f"  {login:<12} {url}/setup/{token}")
        sys.stdout.flush()
        make_server(store, keys).run(sockets=[socket])


if __name__ == "__main__":
    main()
