"""A booth in which all is well, on real files, for tests to do harm to."""

import os
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from nacl.signing import SigningKey

from kiosk.config import Config, ModelSettings
from kiosk.evaluation.virtual_booth import VirtualCamera, VirtualClock, open_virtual_lamps
from kiosk.health import STATUS, THOROUGH, Check, Finding, Site, look_around
from kiosk.sync.clock import Now, ToldTime, keep_told_time, read_clocks
from kiosk.sync.keys import make_signing_key, verify_key_text
from kiosk.sync.last_sync import note_sync
from kiosk.sync.outbox import Outbox
from kiosk.twin import Twin
from kiosk.upkeep.told_state import ToldState, since_boot, tell_state
from protocol.keys import encode_key
from tests.rosters import keep_roster
from tests.sync.test_outbox import envelope

REGISTRAR = SigningKey(b"k" * 32)

HEALTHY = {
    "sys/class/thermal/thermal_zone0/temp": "48312\n",
    "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled": "0\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/class/drm/card1-HDMI-A-1/status": "connected\n",
    "sys/class/drm/card1-HDMI-A-1/modes": "1920x1080\n1280x720\n",
    "proc/uptime": "864000.12 3000000.00\n",
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
}
"""What a Raspberry Pi 5 tells of itself, by the file's place."""


class StandingCamera(VirtualCamera):
    """The twin's camera, which stays open from one test to the next."""

    def start(self) -> None:
        """It was started."""

    def stop(self) -> None:
        """It goes on."""


def make_well_booth(folder: Path) -> Path:
    """Make the folders of a booth: what it keeps, and what its machine tells."""
    for name, text in HEALTHY.items():
        path = folder / "machine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    state, now = folder / "state", read_clocks()
    make_signing_key(state / "signing.key")
    Outbox(state / "outbox.sqlite").put(envelope(1))
    roster = state / "roster.extract"
    told = ToldTime(registrar=now.wall, since_boot=now.since_boot, boot=now.boot)
    keep_told_time(roster, told)
    note_sync(roster, replace(now, wall=now.wall - 20), fault=None, sent=3, oldest=1)
    keep_roster(roster, {}, REGISTRAR, issued_at=datetime.now(UTC))
    return folder


@dataclass
class WellBooth:
    """A booth's folders, copied from one that `make_well_booth` made, and what it is to tell."""

    made: Path
    folder: Path
    models: Path
    told: ToldState = field(init=False)
    now: Now = field(default_factory=read_clocks)

    def __post_init__(self) -> None:
        shutil.copytree(self.made, self.folder)
        self.machine, self.state = self.folder / "machine", self.folder / "state"
        self.told = ToldState(
            version="0.1.0",
            pid=os.getpid(),
            started=since_boot() - 7200,
            at=since_boot(),
            since=since_boot() - 600,
            stage="idle",
            lamps={"key_left": 0.05, "key_right": 0.05, "fill": 0.1, "backdrop": 0.1},
            day=date.today().isoformat(),
            visits_today=42,
            photos_today=39,
        )

    @property
    def outbox(self) -> Path:
        return self.state / "outbox.sqlite"

    @property
    def roster(self) -> Path:
        return self.state / "roster.extract"

    @property
    def config(self) -> Config:
        usual = Config()
        sync = usual.sync.model_copy(
            update={
                "outbox": self.outbox,
                "roster": self.roster,
                "signing_key_file": self.state / "signing.key",
                "registrar_public_key": encode_key(b"p" * 32),
                "registrar_verify_key": verify_key_text(REGISTRAR.verify_key),
            }
        )
        return usual.model_copy(update={"sync": sync, "models": ModelSettings(store=self.models)})

    def write(self, name: str, text: str) -> None:
        """Have the machine tell something else."""
        (self.machine / name).write_text(text)

    def tell(self, **changes: object) -> None:
        """Have the booth tell something else."""
        self.told = replace(self.told, **changes)  # type: ignore[arg-type]

    def site(self, *, thorough: bool = False) -> Site:
        """Look around there, as status or doctor do."""
        place = self.folder / "state.json"
        tell_state(place, self.told)
        found = look_around(self.config, thorough=thorough, place=place)
        return replace(found, root=self.machine, now=self.now)

    def stopped_site(self, twin: Twin, camera: StandingCamera, clock: VirtualClock) -> Site:
        """The same while the booth does not run, so that its parts are tried."""
        return Site(
            self.config,
            self.now,
            thorough=True,
            root=self.machine,
            twin=twin,
            make_camera=lambda _: camera,
            make_lamps=lambda curves: open_virtual_lamps(
                self.config.lamps, twin.pin_factory, clock, curves
            ),
            clock=clock,
            sleep=clock.advance,
        )


def find_check(name: str, *, thorough: bool) -> Check:
    """The check of that name."""
    return next(check for check in (THOROUGH if thorough else STATUS) if check.name == name)


def told_by_status(site: Site) -> list[Finding]:
    """All that status tells."""
    return [found for check in STATUS for found in check(site)]
