"""The booth's way to the registrar: what it asks and tells, and answers that are checked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import requests
from nacl.signing import SigningKey, VerifyKey
from pydantic import TypeAdapter, ValidationError

from kiosk.sync.clock import remember_told_time
from kiosk.sync.errors import Forged, Garbled, NoSuchPath, Unreachable
from kiosk.sync.line import HttpAnswer, Line
from kiosk.sync.pace import Pace
from kiosk.sync.signed_line import SignedLine
from protocol.configuration import document_tag
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from protocol.report import BoothReport
from protocol.request import PREFIX
from protocol.roster import ANSWER, Answer, Question
from protocol.roster_edition import FULL_ANSWER, Head, split_parts
from protocol.signing import is_signed
from protocol.standardisation import ToldStandardisation, ToldStandardisations
from protocol.upload import (
    COMPLETE,
    COMPLETE_HEADER,
    OFFSET_HEADER,
    PARTIAL,
    WORTH_KEEPING,
    read_offset,
    upload_path,
)

Read = TypeVar("Read")

_RECEIPT = TypeAdapter(Receipt)


@dataclass(frozen=True, slots=True)
class RosterNews:
    """What the registrar's roster has that the booth has not."""

    parts: list[tuple[Head, bytes]]
    """The deltas that follow on what is held, with their entries; or the head of a base."""
    has_more: bool
    """Whether to ask again once they are kept."""


class RegistrarClient:
    """Asks the registrar as one enrolled booth. Not for use by two threads at once."""

    def __init__(
        self,
        url: str,
        booth_id: str,
        signing_key: SigningKey,
        registrar_verify_key: VerifyKey,
        *,
        timeout: tuple[float, float] = (3.0, 20.0),
        deadline: float | None = None,
        run_seconds: float | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the registrar's address, and the seconds to wait for a connection and an answer.

        `deadline` bounds a request as a whole, in seconds (None: both waits together),
        `run_seconds` all requests of this client together, `pace` what passes a second.

        Raises UsageError for an address that would carry names over the network in the clear.
        """
        self.registrar_verify_key = registrar_verify_key
        line = Line(
            url,
            timeout=timeout,
            deadline=sum(timeout) if deadline is None else deadline,
            run_seconds=run_seconds,
            pace=pace,
        )
        self._line = SignedLine(line, booth_id, signing_key, clock)
        self._last_place: tuple[str, int] | None = None
        """From where an upload went on last, by its path."""

    def __enter__(self) -> "RegistrarClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._line.line.close()

    def resolve(self, question: Question) -> Answer:
        """Ask whose a capture code is: the student, or why there is none."""
        body = question.model_dump_json(exclude_defaults=True).encode()
        response = self._line.ask("POST", f"{PREFIX}/resolve", body)
        return self._read(ANSWER, response)

    def count(self, told: Sequence[ToldStandardisation]) -> None:
        """Tell how standardisations ended; one that comes twice counts once. Raises SyncError."""
        body = ToldStandardisations(told=tuple(told)).model_dump_json().encode()
        self._line.ask("POST", f"{PREFIX}/standardisations", body)

    @property
    def booth_id(self) -> str:
        """The name under which this booth is enrolled."""
        return self._line.booth_id

    @property
    def booth_key(self) -> VerifyKey:
        """The key that this booth's own envelopes are checked with."""
        return self._line.booth_key

    @property
    def told_time(self) -> float | None:
        """The registrar's time, s since 1970, as its last answer told it."""
        return self._line.told_time

    def remember_time(self, roster: Path, *, confirmed: bool = False) -> None:
        """Keep what was told of the time beside the roster; `confirmed`: the roster is in force."""
        if self._line.told_time is not None:
            told = self._line.told_time, self._line.told_since_boot
            remember_told_time(roster, *told, confirmed=confirmed)

    def send(self, envelope: Envelope, *, was_cut: bool = False) -> Receipt:
        """Hand an envelope over for the registrar's signed word on it.

        However often it is sent, the registrar holds it once and answers with the same receipt.
        One that was sealed under a former name of this booth is sent under that. `was_cut`: it was
        on its way before, so what the registrar has of it may be asked for; then the rest is sent.
        """
        body, name = envelope.model_dump_json().encode(), envelope.booth_id
        response = self._go_on(body, name) if was_cut and len(body) > WORTH_KEEPING else None
        if response is None:
            response = self._line.ask("POST", f"{PREFIX}/submissions", body, booth_id=name)
        receipt = self._read(_RECEIPT, response)
        if not is_signed(receipt, self.registrar_verify_key):
            raise Forged(self._line.say("its receipt is not signed by the registrar"))
        if not receipt.answers(envelope):
            raise Forged(self._line.say("its receipt is another photo's"))
        return receipt

    def _go_on(self, body: bytes, booth_id: str) -> HttpAnswer | None:
        """Send the rest of what was cut; None where the registrar has nothing of it.

        Nor where it has no more than the last time: something in between may let no rest pass.
        """
        path = upload_path(body)
        told = self._line.look(path, booth_id)
        start = read_offset(told.headers.get(OFFSET_HEADER))
        if told.status != requests.codes.no_content or start is None or start >= len(body):
            return None
        if self._last_place == (path, start):
            return None
        self._last_place = path, start
        place = {OFFSET_HEADER: str(start), COMPLETE_HEADER: COMPLETE, "Content-Type": PARTIAL}
        try:
            answer = self._line.append(path, body[start:], place, booth_id)
        except NoSuchPath:
            return None
        if OFFSET_HEADER in answer.headers:
            raise Garbled(self._line.say("has got more of a photo meanwhile; it is asked again"))
        return answer

    def report(self, report: BoothReport) -> bool:
        """Tell how this booth stands; returns whether this registrar takes reports.

        Raises SyncError.
        """
        body = report.model_dump_json().encode()
        try:
            self._line.ask("POST", f"{PREFIX}/reports", body)
        except NoSuchPath:
            return False
        return True

    def now(self) -> float:
        """This machine's clock, in seconds since 1970."""
        return self._line.now()

    def roster(self, institution_code: str, held: Head | None) -> RosterNews | None:
        """Ask what follows on the roster that is held; None where that is still the newest.

        What comes has still to be checked. Raises SyncError.
        """
        told = {} if held is None else {"number": str(held.number), "chain": held.chain.hex()}
        if held is not None:
            told |= {"edition": held.edition.hex(), "issued_at": held.issued_at.isoformat()}
        try:
            response = self._line.ask("GET", f"{PREFIX}/roster/{institution_code}", b"", query=told)
        except NoSuchPath as error:
            raise NoSuchPath(
                self._line.say("knows no such roster; bring the registrar up to date first")
            ) from error
        if held is not None and response.status == requests.codes.not_modified:
            return None
        try:
            parts = list(split_parts(response.content))
        except ValueError as error:
            raise Unreachable(self._line.say("answers, but not as a registrar does")) from error
        has_base = any(head.is_base for head, _ in parts)
        if not parts or (has_base and len(parts) > 1):
            raise Unreachable(self._line.say("answers, but not as a registrar does"))
        return RosterNews(parts, has_base or len(response.content) >= FULL_ANSWER)

    def roster_base(self, head: Head, start: int, length: int) -> bytes:
        """Fetch `length` bytes of a base's entries from byte `start` on. Raises SyncError."""
        path = f"{PREFIX}/roster/{head.institution_code}/base/{head.base}"
        wanted = {"Range": f"bytes={start}-{start + length - 1}"}
        response = self._line.ask("GET", path, b"", wanted)
        if response.status != requests.codes.partial or len(response.content) != length:
            raise Unreachable(self._line.say("sends no such part of its roster"))
        return response.content

    def configuration(
        self, institution_code: str, held: bytes | None, version: int | None = None
    ) -> bytes | None:
        """Fetch the document that booths take from here; None where `held` is it, or there is none.

        `version` is that of `held`: the registrar then gives none that is older. What comes has
        still to be checked. Raises SyncError.
        """
        told = {} if version is None else {"version": str(version)}
        known = {} if held is None else {"If-None-Match": document_tag(held)}
        try:
            response = self._line.ask(
                "GET", f"{PREFIX}/configuration/{institution_code}", b"", known, query=told
            )
        except NoSuchPath:
            return None
        unchanged = response.status == requests.codes.not_modified and held is not None
        return None if unchanged else response.content

    def _read(self, type_: TypeAdapter[Read], response: HttpAnswer) -> Read:
        try:
            return type_.validate_json(response.content)
        except ValidationError as error:
            raise Unreachable(self._line.say("answers, but not as a registrar does")) from error
