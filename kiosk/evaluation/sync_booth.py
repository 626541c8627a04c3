"""A booth's sync alone, as a process for benches: `python -m kiosk.evaluation.sync_booth FOLDER`.

It puts what lies in the folder as envelopes into the outbox, and syncs until all is handed over,
whatever the network does. Killed at any moment, the next one goes on. A clock that the registrar
calls wrong is set, as staff would. What a run fails by is said on standard error, and in the end
why a photo was set aside or refused.
"""

import json
import sys
import time
from itertools import repeat
from pathlib import Path

from nacl.signing import VerifyKey

from durable import write_whole
from kiosk.errors import KioskError
from kiosk.sync.backoff import TRIES
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import ClockWrong
from kiosk.sync.keys import read_signing_key
from kiosk.sync.outbox import Outbox
from kiosk.sync.run import sync_once
from protocol.envelope import Envelope
from protocol.keys import decode_key

PAUSE = 0.2
"""Seconds from a try or a run that failed to the next."""

TIMEOUT = (2.0, 3.0)
"""Seconds for a connection and an answer; a bench's booths do not wait as long as real ones."""


CLOCK = "clock_is_off"
"""In `booth.json`: seconds by which this booth's clock is fast."""


def main(folder: Path) -> None:
    """Sync until nothing waits."""
    told = json.loads((folder / "booth.json").read_text())
    outbox = Outbox(folder / "outbox.sqlite")
    for path in sorted(folder.glob("*.envelope")):
        outbox.put(Envelope.model_validate_json(path.read_bytes()))
        path.rename(path.with_suffix(".put"))
    with RegistrarClient(
        told["url"],
        told["booth_id"],
        read_signing_key(folder / "signing.key"),
        VerifyKey(decode_key(told["registrar_verify_key"])),
        timeout=TIMEOUT,
        clock=lambda: time.time() + told[CLOCK],
    ) as client:
        while outbox.waiting() or not (folder / "roster.sqlite").exists():
            try:
                sync_once(
                    outbox,
                    client,
                    folder / "roster.sqlite",
                    told["institution_code"],
                    pauses=lambda: repeat(PAUSE, TRIES - 1),
                )
            except ClockWrong as error:
                say(error)
                told[CLOCK] = 0.0
                write_whole(folder / "booth.json", json.dumps(told).encode())
            except KioskError as error:
                say(error)
                time.sleep(PAUSE)
    for reason in (*outbox.set_aside_reasons().values(), *outbox.refusals()):
        say(reason)


def say(what: object) -> None:
    """Tell who looks for what went wrong."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
