"""The way to the registrar: sealed photos out, the roster in, and a receipt for everything."""

from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import (
    ClockWrong,
    Forged,
    NotEnrolled,
    OutboxCorrupt,
    OutboxFault,
    OutboxFull,
    Unreachable,
)
from kiosk.sync.keys import (
    booth_verify_key,
    make_signing_key,
    public_text,
    read_signing_key,
    registrar_key,
    registrar_verify_key,
)
from kiosk.sync.outbox import Counts, Outbox
from kiosk.sync.resolve import Refusal, resolve
from kiosk.sync.roster import RosterExtract, keep_extract, read_extract
from kiosk.sync.run import REFUSED, SyncResult, sync_once
from protocol.seal import seal
from protocol.wire import Envelope, Metadata, Provenance, Receipt

__all__ = [
    "REFUSED",
    "ClockWrong",
    "Counts",
    "Envelope",
    "Forged",
    "Metadata",
    "NotEnrolled",
    "Outbox",
    "OutboxCorrupt",
    "OutboxFault",
    "OutboxFull",
    "Provenance",
    "Receipt",
    "Refusal",
    "RegistrarClient",
    "RosterExtract",
    "SyncResult",
    "Unreachable",
    "booth_verify_key",
    "keep_extract",
    "make_signing_key",
    "public_text",
    "read_extract",
    "read_signing_key",
    "registrar_key",
    "registrar_verify_key",
    "resolve",
    "seal",
    "sync_once",
]
