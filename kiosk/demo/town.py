"""What stands around the demo's booth: its registrar, with one student on the roster."""

from pathlib import Path
from typing import Any

from pydantic import HttpUrl

from kiosk.booth.registrar_link import open_client
from kiosk.config import Config
from kiosk.sync.keys import make_signing_key, read_signing_key
from kiosk.sync.outbox import Outbox
from kiosk.sync.run import sync_once
from registrar.roster import Record
from registrar.serve import Server
from registrar.store import HeldPhoto

HEADLESS_SIZE = (720, 1280)


class Town:
    """What stands around the demo's booth: its registrar, with one student on the roster."""

    capture_code = "DEMO-3F6A-91C7-04BD"

    def __init__(self, folder: Path, config: Config, *, headless: bool) -> None:
        """Open the registrar, and enrol the booth; all is kept in `folder`."""
        self._server = Server(folder / "registrar")
        key_file = folder / "signing.key"
        key = read_signing_key(key_file) if key_file.exists() else make_signing_key(key_file)
        enrolment = self._server.enrol(config.sync.booth_id, key.verify_key)
        booth = config.booth
        self._record = Record(
            capture_code=self.capture_code,
            record_id="demo-1",
            name="林小雨",
            student_no="2022010001",
            institution_code=booth.institution_code,
            institution=booth.institution,
            college="文学院",
        )
        self._server.store.import_records([self._record])
        screen = {"fullscreen": False, "size": HEADLESS_SIZE} if headless else {}
        self.config = config.model_copy(
            update={
                "camera": config.camera.model_copy(update={"kind": "twin"}),
                "reader": config.reader.model_copy(update={"kind": "wedge"}),
                "display": config.display.model_copy(update=screen),
                "sync": config.sync.model_copy(
                    update={
                        "registrar": HttpUrl(enrolment.url),
                        "signing_key_file": key_file,
                        "registrar_public_key": enrolment.registrar_public_key,
                        "registrar_verify_key": enrolment.registrar_verify_key,
                        "outbox": folder / "outbox.sqlite",
                        "roster": folder / "roster.extract",
                    }
                ),
            }
        )
        """The booth's configuration in this town."""

    def __enter__(self) -> "Town":
        self._server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._server.__exit__(*error)

    def deliver(self) -> None:
        """Do one run of the sync unit. Raises SyncError."""
        client, _ = open_client(self.config)
        with client:
            sync_once(Outbox(self.config.sync.outbox), client, self.config.sync.roster)

    def held(self) -> tuple[HeldPhoto, bytes] | None:
        """Give the student's photo as the registrar holds it, if it does."""
        return next(self._server.store.last_photos(), None)
