"""A photo as the pages show it: with its student, what was said of it, who vouches for it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from protocol.envelope import short_number
from protocol.provenance import Provenance
from protocol.signing import is_signed
from registrar.errors import StoreError
from registrar.opening import NotAsSealed, open_held
from registrar.photo_state import BY_POLICY
from registrar.photos import HeldPhoto
from registrar.store import Store
from registrar.students import History, PastPhoto, history
from registrar.vault import Vault

Vouched = Literal["present", "former", "not", "changed", "unread"]
"""Whether a photo is its record's, and by which of its booth's keys that is signed: by none; it was
changed since its booth sealed it; it cannot be opened now."""

TRUSTED: frozenset[Vouched] = frozenset({"present", "former"})
"""What may be approved."""


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo, and all that a page says of it."""

    held: HeldPhoto
    past: PastPhoto
    history: History
    vouched: Vouched

    @property
    def submission_id(self) -> UUID:
        """Under which its JPEG is served."""
        return self.held.metadata.submission_id

    @property
    def number(self) -> str:
        """As the student's receipt has it."""
        return short_number(self.submission_id)

    @property
    def record(self) -> Provenance:
        """What was done until it was the photo."""
        return self.held.metadata.provenance

    @property
    def before(self) -> PastPhoto | None:
        """The newest photo before it that was refused."""
        photos = self.history.photos
        earlier = photos[photos.index(self.past) + 1 :]
        return next((past for past in earlier if past.state == "refused"), None)

    @property
    def approvals(self) -> int:
        """How many people have approved it."""
        return sum(
            said.verdict == "approved" and said.reviewer != BY_POLICY for said in self.past.said
        )

    def excused(self, by: Literal["waived", "granted"]) -> list[str]:
        """The rules that need not hold, as the student asked or by the word of staff."""
        return [rule for rule, who in self.record.excused.items() if who == by]


def view_photo(store: Store, vault: Vault, submission_id: UUID) -> PhotoView | None:
    """Look a photo up, and whether it is as its booth has sealed it; None where there is none."""
    held = store.photos.held(submission_id)
    if held is None:
        return None
    with store.database.connection() as db:
        found = history(db, held.student.record_id)
    if found is None:
        return None
    past = next(past for past in found.photos if past.submission_id == submission_id)
    return PhotoView(held, past, found, find_vouched(store, vault, held))


def find_vouched(store: Store, vault: Vault, held: HeldPhoto) -> Vouched:
    """Say whether a photo is as its booth has sealed it, and who vouches for it."""
    record = held.metadata.provenance
    try:
        open_held(store, vault, held)
    except NotAsSealed:
        return "changed"
    except StoreError:
        return "unread"
    if record.photo_sha256 != held.metadata.photo_sha256:
        return "not"
    present = store.booths.key_of(record.booth_id)
    if present is not None and is_signed(record, present):
        return "present"
    formers = store.booths.former_keys(record.booth_id)
    return "former" if any(is_signed(record, former.key) for former in formers) else "not"
