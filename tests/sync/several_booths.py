"""Several booths of one registrar, their networks, clocks and students, as a machine of states.

Booth and registrar are the real ones; between them lies no HTTP, but a network that can be lost,
also when a question has come and its answer has not.
"""

import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from nacl.signing import SigningKey

from kiosk.booth.registrar_link import SyncLink
from kiosk.errors import SyncError
from kiosk.sync.client import RosterNews
from kiosk.sync.clock import Now, ToldTime, keep_told_time
from kiosk.sync.configuration import bring_configuration
from kiosk.sync.errors import Unreachable
from kiosk.sync.ledger import Ledger, ledger_path
from kiosk.sync.roster_fetch import fetch_roster
from protocol.admission import day_of
from protocol.configuration import document_tag
from protocol.envelope import Envelope, Metadata, seal_photo
from protocol.roster import ANSWER, Answer, Question
from protocol.roster_edition import Head, split_parts
from protocol.student import Student
from registrar.configuration import Publisher
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.roster_publisher import RosterPublisher
from registrar.roster_rows import Told
from registrar.sharing import Sharing
from registrar.standardisations import Standardisations
from registrar.store import Store
from tests.town import INSTITUTION, STAFF, picture, provenance, record

BOOTHS = 4
STUDENTS = 1
BEGIN = datetime(2026, 12, 1, 1, tzinfo=UTC)
JPEG = picture(1)

MEMORY = Path("/dev/shm")
"""Nothing here ends with the machine: what is written need not reach a disk."""


def code_of(student: int) -> str:
    """A code that was drawn from so many that it needs no stretching."""
    return hashlib.sha256(b"%d" % student).hexdigest()


NETWORKS = [(True, False), (True, False), (False, False), (False, False), (True, True)]
"""Whether a booth's is up, and whether it loses answers."""


class Registrar:
    """The registrar's side, as its routes put it together."""

    def __init__(self, folder: Path, hall: "Hall") -> None:
        self.store = Store(folder)
        self.keys = Keys.of(self.store)
        self.hall = hall
        database, key = self.store.database, self.keys.signing_key
        self.standardisations = Standardisations(database, self.store.records, key)
        self.rosters = RosterPublisher(database, self.store.objects, key, lambda: hall.now)
        self.configurations = Publisher(database, key, lambda: hall.now)
        self.sharing = Sharing(database)
        self.store.records.import_records(
            record(number, capture_code=code_of(number)) for number in range(STUDENTS)
        )


@dataclass
class Line:
    """A booth's way to the registrar: what `RegistrarClient` is over HTTP."""

    registrar: Registrar
    booth_id: str
    is_up: bool = True
    loses_answers: bool = False

    @property
    def registrar_verify_key(self) -> Any:
        return self.registrar.keys.signing_key.verify_key

    def now(self) -> float:
        return self.registrar.hall.now.timestamp()

    def resolve(self, question: Question) -> Answer:
        asked = Question.model_validate_json(question.model_dump_json())
        with self._network():
            found = self.registrar.standardisations.ask(
                self.booth_id, asked, self.registrar.hall.now
            )
        return ANSWER.validate_json(ANSWER.dump_json(found))

    def roster(self, institution_code: str, held: Head | None) -> RosterNews | None:
        told = None
        if held is not None:
            told = Told(held.edition, held.number, held.chain, held.issued_at)
        at = self.registrar.hall.now
        with self._network():
            news = self.registrar.rosters.news(institution_code, told)
            self.registrar.sharing.note_roster(institution_code, self.booth_id, told, at)
        if news is None:
            return None
        parts = list(split_parts(news))
        return RosterNews(parts, any(head.is_base for head, _ in parts))

    def roster_base(self, head: Head, start: int, length: int) -> bytes:
        with self._network():
            return self.registrar.rosters.read_base(head.institution_code, head.base, start, length)

    def configuration(
        self, institution_code: str, held: bytes | None, version: int | None = None
    ) -> bytes | None:
        tag = "" if held is None else document_tag(held)
        with self._network():
            found = self.registrar.configurations.document(
                institution_code, self.booth_id, tag, version
            )
        return None if document_tag(found) == tag else found

    @contextmanager
    def _network(self) -> Iterator[None]:
        if not self.is_up:
            raise Unreachable("no network")
        yield
        if self.loses_answers:
            raise Unreachable("the answer was lost")


@dataclass
class BoothOfHall:
    """One booth, with the clocks of its machine and the student before it."""

    hall: "Hall"
    name: str
    folder: Path
    key: SigningKey
    line: Line
    started_at: datetime = BEGIN
    starts: int = 0
    fast: timedelta = timedelta()
    """By how much its wall clock is ahead of the time."""
    student: int | None = None
    admitted: Student | None = None
    made: bool = False
    waiting: list[Envelope] = field(default_factory=list)
    set_aside: list[Envelope] = field(default_factory=list)
    link: SyncLink = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start the booth's program anew."""
        keys = self.hall.registrar.keys
        self.student = self.admitted = None
        self.made = False
        with self.clocks():
            self.link = SyncLink(
                self.line,
                keys.signing_key.verify_key,
                self.folder / "outbox.sqlite",
                self.roster,
                (keys.vault.public_key, self.key),
                (self.name, INSTITUTION),
                {},
                self.hall.draw_id,
            )

    @property
    def roster(self) -> Path:
        return self.folder / "roster"

    def read_clocks(self) -> Now:
        since = (self.hall.now - self.started_at).total_seconds()
        return Now((self.hall.now + self.fast).timestamp(), since, f"{self.name}-{self.starts}")

    @contextmanager
    def clocks(self) -> Iterator[None]:
        with (
            patch("kiosk.booth.registrar_link.read_clocks", self.read_clocks),
            patch("kiosk.booth.admission.read_clocks", self.read_clocks),
        ):
            yield

    def sync(self) -> None:
        """What `kiosk sync` does; a network sets the clock as well."""
        ledger = Ledger(ledger_path(self.folder / "outbox.sqlite"))
        try:
            told = ledger.untold()
            if told:
                with self.line._network():
                    self.hall.registrar.standardisations.hear(self.name, told, self.hall.now)
                ledger.mark_told(told, self.hall.now)
            for envelope in list(self.waiting):
                self.deliver(envelope)
            fetch_roster(self.line, self.roster, INSTITUTION)  # type: ignore[arg-type]
            bring_configuration(self.line, self.roster, INSTITUTION)  # type: ignore[arg-type]
        except SyncError:
            return
        self.fast = timedelta()
        now = self.read_clocks()
        told_time = ToldTime(registrar=now.wall, since_boot=now.since_boot, boot=now.boot)
        keep_told_time(self.roster, told_time)

    def deliver(self, envelope: Envelope) -> None:
        registrar = self.hall.registrar
        with self.line._network():
            receipt = receive_envelope(registrar.store, registrar.keys, envelope, self.hall.now)
        self.waiting.remove(envelope)
        if receipt.refused is not None:
            self.set_aside.append(envelope)


class Hall(RuleBasedStateMachine):
    """What may happen in a day or three; the invariants say what never does."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.now = BEGIN
        self.ids = 0
        self.shown: dict[int, Counter[date]] = defaultdict(Counter)
        """How many standardisations of each student there really were on each day."""
        self.kept: dict[UUID, int] = {}
        """The student of each photo that one has handed in."""
        folder = Path(self._folder.name)
        self.registrar = Registrar(folder / "registrar", self)
        self.booths = []
        for number in range(BOOTHS):
            name, key = f"booth-{number}", SigningKey(bytes([number + 1]) * 32)
            self.registrar.store.booths.enrol(name, key.verify_key)
            (folder / name).mkdir()
            line = Line(self.registrar, name)
            self.booths.append(BoothOfHall(self, name, folder / name, key, line))

    def teardown(self) -> None:
        """Close what is open."""
        self.registrar.store.database.close()
        self._folder.cleanup()

    def draw_id(self) -> UUID:
        """Draw an id."""
        self.ids += 1
        return UUID(int=self.ids)

    @initialize(count=st.integers(1, BOOTHS))
    def booths_have_been_set_up(self, count: int) -> None:
        """So many are; the others may come later, with their first sync."""
        for _ in range(5):
            for booth in self.booths[:count]:
                self.now += timedelta(seconds=20)
                booth.sync()

    # ---- what happens ----

    @rule(minutes=st.sampled_from([1, 5, 60, 400, 1000]))
    def time_passes(self, minutes: int) -> None:
        """Booths with a network sync meanwhile, each minute."""
        self.now += timedelta(minutes=minutes)
        for _ in range(min(minutes, 2)):
            for booth in self.booths:
                if booth.line.is_up and booth.roster.exists():
                    booth.sync()

    @rule(networks=st.lists(st.sampled_from(NETWORKS), min_size=BOOTHS, max_size=BOOTHS))
    def networks_change(self, networks: list[tuple[bool, bool]]) -> None:
        """Cables are pulled, or mended; or what is asked arrives, and no answer."""
        for booth, (is_up, loses_answers) in zip(self.booths, networks, strict=True):
            booth.line.is_up, booth.line.loses_answers = is_up, loses_answers

    @rule(booth=st.integers(0, BOOTHS - 1))
    def a_booth_syncs(self, booth: int) -> None:
        """By its timer."""
        self.booths[booth].sync()

    @rule(
        booth=st.integers(0, BOOTHS - 1),
        days=st.sampled_from([0, 0, -1, 1, 2, -400, 3650]),
    )
    def a_machine_starts_anew_and_its_clock_shows_what_it_likes(
        self, booth: int, days: int
    ) -> None:
        """There is no battery."""
        one = self.booths[booth]
        one.starts += 1
        one.started_at, one.fast = self.now, timedelta(days=days)
        one.start()

    @rule(booth=st.integers(0, BOOTHS - 1), days=st.sampled_from([-1, 1]))
    def a_clock_jumps(self, booth: int, days: int) -> None:
        """Somebody sets it."""
        self.booths[booth].fast += timedelta(days=days)

    @rule(booth=st.integers(0, BOOTHS - 1))
    def the_power_fails(self, booth: int) -> None:
        """The program ends where it stands, and starts again."""
        self.booths[booth].start()

    @rule(booth=st.integers(0, BOOTHS - 1))
    def a_student_scans(self, booth: int) -> None:
        """Whoever was there before has gone."""
        self.scan(self.booths[booth])

    @rule(visited=st.lists(st.integers(0, BOOTHS - 1), min_size=1, max_size=4))
    def a_student_goes_from_booth_to_booth_and_likes_no_photo(self, visited: list[int]) -> None:
        """A minute each."""
        for number in visited:
            booth = self.booths[number]
            self.scan(booth)
            self.show(booth)
            self.leave(booth)
            self.now += timedelta(minutes=1)

    @rule(booth=st.integers(0, BOOTHS - 1))
    def a_photo_is_shown(self, booth: int) -> None:
        """As the worker does it; retakes within a visit are none of their own."""
        self.show(self.booths[booth])

    @rule(booth=st.integers(0, BOOTHS - 1))
    def a_photo_is_handed_in(self, booth: int) -> None:
        """What was shown is liked."""
        one = self.booths[booth]
        if one.made:
            self.keep(one)
            self.leave(one)

    @rule(booth=st.integers(0, BOOTHS - 1))
    def a_student_goes(self, booth: int) -> None:
        """Without a photo, or with one that nobody wants."""
        self.leave(self.booths[booth])

    @rule(approved=st.booleans())
    def somebody_reviews(self, approved: bool) -> None:
        """The oldest photo that waits."""
        reviews = self.registrar.store.reviews
        for photo in reversed(self.registrar.store.photos.newest(100, 0)):
            if photo.state == "unreviewed":
                verdict, reason = ("approved", None) if approved else ("refused", "eyes_closed")
                number = photo.metadata.submission_id
                reviews.decide(STAFF, number, verdict, self.now, reason=reason)  # type: ignore[arg-type]
                return

    @rule(booth=st.integers(0, BOOTHS - 1))
    def staff_try_what_was_set_aside_again(self, booth: int) -> None:
        """`kiosk sync --retry-refused`."""
        one = self.booths[booth]
        one.waiting += one.set_aside
        one.set_aside = []
        one.sync()

    def scan(self, booth: BoothOfHall) -> None:
        """Scan the student's code at a booth."""
        self.leave(booth)
        with booth.clocks():
            if not booth.link.has_right_clock():
                return
            found = booth.link.resolve(code_of(0))
        if isinstance(found, Student):
            booth.student, booth.admitted, booth.made = 0, found, False

    def show(self, booth: BoothOfHall) -> None:
        """Show a photo to who was admitted."""
        if booth.admitted is None or booth.student is None:
            return
        booth.link.make(booth.link.begun)
        if not booth.made:
            self.shown[booth.student][day_of(self.now)] += 1
        booth.made = True

    def leave(self, booth: BoothOfHall) -> None:
        """What the loop does as it forgets a student."""
        booth.link.leave(booth.link.begun)
        booth.student = booth.admitted = None
        booth.made = False

    def keep(self, booth: BoothOfHall) -> None:
        """Hand a photo in."""
        if booth.admitted is None or booth.student is None:
            return
        submission, keys = self.draw_id(), self.registrar.keys
        metadata = Metadata(
            submission_id=submission,
            record_id=booth.admitted.record_id,
            taken_at=self.now,
            booth_id=booth.name,
            photo_sha256=hashlib.sha256(JPEG).digest(),
            rules={},
            kiosk_version="1",
            provenance=provenance(JPEG, booth.key, booth_id=booth.name),
        )
        booth.waiting.append(seal_photo(metadata, JPEG, keys.vault.public_key, booth.key))
        self.kept[submission] = booth.student

    # ---- what never happens ----

    @invariant()
    def nobody_is_photographed_a_fourth_time_on_one_day(self) -> None:
        """By any clock but that of the sky."""
        for student, days in self.shown.items():
            assert max(days.values()) <= 3, f"student {student}: {dict(days)}"

    @invariant()
    def nobody_has_two_photos_that_were_approved(self) -> None:
        """Nor any two that are not refused."""
        held = self.registrar.store.photos.newest(1000, 0)
        standing = Counter(photo.metadata.record_id for photo in held if photo.state != "refused")
        assert max(standing.values(), default=0) <= 1

    @invariant()
    def no_photo_is_lost(self) -> None:
        """It is at the registrar, on its way, or set aside for staff."""
        held = {
            photo.metadata.submission_id for photo in self.registrar.store.photos.newest(1000, 0)
        }
        for booth in self.booths:
            held |= {each.submission_id for each in (*booth.waiting, *booth.set_aside)}
        assert held >= set(self.kept)
