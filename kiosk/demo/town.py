"""What stands around the demo's booth: its registrar, with one student on the roster.

The town has the network, which a process that sees faces must not have: beside a booth it runs in a
process of its own.
"""

import signal
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pydantic import HttpUrl

from kiosk.config import Config
from kiosk.errors import KioskError, UsageError
from kiosk.sync.enrolment import open_client
from kiosk.sync.keys import make_signing_key, read_signing_key
from kiosk.sync.outbox import Outbox
from kiosk.sync.resolver import ask_registrar, resolver_in_thread
from kiosk.sync.run import sync_once
from registrar.errors import RegistrarError
from registrar.opening import open_held
from registrar.photos import HeldPhoto
from registrar.roster import Record
from registrar.serve import Server

HEADLESS_SIZE = (720, 1280)


class Town:
    """What stands around the demo's booth: its registrar, with one student on the roster."""

    capture_code = "DEMO-3F6A-91C7-04BD"

    def __init__(self, folder: Path, config: Config, *, headless: bool) -> None:
        """Open the registrar, and enrol the booth; all is kept in `folder`."""
        self.server = Server(folder / "registrar")
        """The registrar, whose desk staff review the photo at."""
        key_file = folder / "signing.key"
        key = read_signing_key(key_file) if key_file.exists() else make_signing_key(key_file)
        enrolment = self.server.enrol(config.sync.booth_id, key.verify_key)
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
        self.server.store.records.import_records([self._record])
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
                        "socket": folder / "resolver.socket",
                    }
                ),
            }
        )
        """The booth's configuration in this town."""

    def __enter__(self) -> "Town":
        with ExitStack() as stack:
            stack.enter_context(self.server)
            sync = self.config.sync
            stack.enter_context(resolver_in_thread(sync.socket, ask_registrar(sync)))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()

    def deliver(self) -> None:
        """Do one run of the sync unit. Raises SyncError."""
        sync, institution_code = self.config.sync, self.config.booth.institution_code
        with open_client(sync) as client:
            sync_once(Outbox(sync.outbox), client, sync.roster, institution_code)

    def held(self) -> tuple[HeldPhoto, bytes] | None:
        """The student's photo as the registrar holds it, if it does."""
        store, vault = self.server.store, self.server.keys.vault
        photos = store.photos.newest(1, 0)
        return (photos[0], open_held(store, vault, photos[0])) if photos else None


class TownProcess:
    """A town in a process of its own, with a network that its owner may leave meanwhile."""

    capture_code = Town.capture_code

    def __init__(self, folder: Path, config: Config, *, headless: bool) -> None:
        self._folder, self._settings, self._headless = folder, config, headless

    def __enter__(self) -> "TownProcess":
        """Open the town; raises UsageError where it cannot be."""
        context = get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(
            target=_run_town, args=(far_end, self._folder, self._settings, self._headless)
        )
        self._process.start()
        far_end.close()
        self.config: Config = self._hear()
        """The booth's configuration in this town."""
        return self

    def __exit__(self, *error: Any) -> None:
        self._line.close()
        self._process.join()

    def deliver(self) -> None:
        """Do one run of the sync unit. Raises UsageError."""
        self._line.send("deliver")
        self._hear()

    def held(self) -> tuple[HeldPhoto, bytes] | None:
        """The student's photo as the registrar holds it, if it does."""
        self._line.send("held")
        found: tuple[HeldPhoto, bytes] | None = self._hear()
        return found

    def _hear(self) -> Any:
        try:
            answer, complaint = self._line.recv()
        except EOFError as error:
            raise UsageError("the demo's registrar ended without a word; try again") from error
        if complaint is not None:
            raise UsageError(complaint)
        return answer


def _run_town(line: Connection, folder: Path, config: Config, headless: bool) -> None:
    """Run a town, and do what is asked over the line until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end hears it, and closes
    try:
        with Town(folder, config, headless=headless) as town:
            line.send((town.config, None))
            while True:
                asked = line.recv()
                try:
                    if asked == "deliver":
                        town.deliver()
                    line.send((town.held() if asked == "held" else None, None))
                except (KioskError, RegistrarError) as error:
                    line.send((None, str(error)))
    except EOFError:
        return
    except (KioskError, RegistrarError) as error:
        line.send((None, str(error)))
