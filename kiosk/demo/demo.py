"""The demo: a registrar, a booth of light, and one whole visit by a scripted student."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from pydantic import HttpUrl

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_client, open_link
from kiosk.config import Config
from kiosk.display.window import Typed
from kiosk.errors import StandardiseError, UsageError
from kiosk.files import write_together, write_whole
from kiosk.pipeline.cutout.matting import foreground
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.provenance import beside
from kiosk.pipeline.photo.standardise import measure_head, the_face
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.sync import Outbox, make_signing_key, read_signing_key, sync_once
from kiosk.twin import SimulatedStudent, Twin, played, portrait, script
from kiosk.twin.script import Script, Tap
from registrar.roster import Record
from registrar.serve import Server
from registrar.store import Held

STATE = ".booth"
"""The folder in DIR that holds outbox, keys and registrar, and tells a demo's DIR from others."""

ANSWER = "registrar.json"

PHOTO = "photo.jpg"

HEADLESS_SIZE = (720, 1280)

PATIENCE = 45.0
"""Seconds of guidance after which a student who cannot mend what they are told gives up: well
over visit.STRIVE."""

TWIN_SIZE = (960, 1280)
"""Main stream in which a photo of a person stands before the twin's backdrop."""


class Recorder:
    """Keeps a PNG of each screen when it is first shown, and the visit's course."""

    def __init__(self, out: Path, clock: Callable[[], float]) -> None:
        self._out = out
        self._clock = clock
        self._began = clock()
        self._seen: set[str] = set()
        self._last = ""
        self.course: list[dict[str, Any]] = []
        self.rules: dict[str, Any] = {}
        self.lamps: dict[str, float] = {}
        self.stages: list[v.Stage] = []
        self.last_guided: v.Visit | None = None
        self.trouble: str | None = None

    def shown(self, booth: Booth, at: float) -> None:
        """Note a state that is new, and keep its screen."""
        visit = booth.visit
        if visit.stage is v.Stage.GUIDE and visit.assessment is not None:
            self.last_guided = visit
        self.trouble = booth.trouble or self.trouble
        state = _state_name(visit, at)
        if state is None:
            return
        if state != self._last:
            self._last = state
            self.course.append({"state": state, "at": round(at - self._began, 3)})
            self.stages.append(visit.stage)
        if state not in self._seen:
            self._seen.add(state)
            booth.parts.window.save(self._out / f"{len(self._seen):02}-{state}.png")

    def shot(self, shot: Shot, levels: Mapping[str, float]) -> None:
        """Note the rules' values at the shutter, and the lamps' levels."""
        self.rules = {
            rule.id: {"value": rule.value, "ok": rule.ok, "bounds": rule.limit}
            for rule in shot.assessment.rules
        }
        self.lamps = {name: round(level, 3) for name, level in levels.items()}

    @property
    def over(self) -> bool:
        """Whether a visit began and the booth is idle again."""
        began = any(stage is not v.Stage.IDLE for stage in self.stages)
        return began and self.stages[-1] is v.Stage.IDLE


def _state_name(visit: v.Visit, at: float) -> str | None:
    """Name what the screen shows; None while that is about to change."""
    if visit.fault is not None:
        return f"fault-{visit.fault}"
    if visit.stage is not v.Stage.GUIDE:
        return str(visit.stage.value)
    if visit.held_since is None and (told := visit.instruction) is not None:
        return f"guide-{told.rule}-{told.direction}"
    return "guide-hold" if visit.progress(at) > 0.4 else None


@dataclass
class ScriptedActor:
    """The twin's student as the booth's guest; gives up what they cannot mend."""

    student: SimulatedStudent
    ready: Callable[[], bool] = lambda: True
    """Whether they may come in."""
    _guided_since: float | None = field(default=None)

    def act(self, visit: v.Visit, at: float) -> list[v.Tapped | Typed]:
        """See the screen, and act."""
        if not self.ready():
            return []
        if visit.stage is not v.Stage.GUIDE:
            self._guided_since = None
        elif self._guided_since is None:
            self._guided_since = at
        elif at - self._guided_since > PATIENCE:
            return [v.Tapped("cancel")]
        acts: list[v.Tapped | Typed] = []
        for action in self.student.act(visit.stage, visit.instruction, at):
            if isinstance(action, Tap):
                acts.append(v.Tapped(action.button))
            else:
                acts += [Typed(char, when) for char, when in action.keys]
        return acts


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

    def held(self) -> tuple[Held, bytes] | None:
        """Give the student's photo as the registrar holds it, if it does."""
        return next(self._server.store.last_photos(), None)


PLAYED_SIZE = (594, 1056)
"""The booth's screen in a window on a desk."""


def play(config: Config, subject: str) -> int:
    """Open a booth on the twin whose student is played with the mouse, until it is closed.

    Its registrar and its one student's record last as long as it does. Raises UsageError.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-")))
        town = stack.enter_context(Town(folder, config, headless=False))
        town.deliver()  # the roster
        screen = town.config.display.model_copy(update={"fullscreen": False, "size": PLAYED_SIZE})
        config = town.config.model_copy(update={"display": screen})
        twin = Twin(subject_source(subject, folder, config), config.lamps.pins, seed=0)
        poses = twin.wires.poses
        strip = played.strip(poses)
        guest = played.PlayedActor(twin.student(town.capture_code, played.PLAYED), strip, poses)
        visitors = Simulation(twin, guest, strip=strip)
        with open_parts(config, open_link(config, uuid4), visitors) as parts:
            Booth(parts).run()
        town.deliver()
        held = town.held()
        print(
            "No photo was approved."
            if held is None
            else f"The registrar held the photo ({len(held[1]):,} bytes); it went with the window."
        )
    return 0


class Demo:
    """One demo in one folder."""

    def __init__(
        self,
        out: Path,
        config: Config,
        subject: str,
        seed: int,
        behaviour: str | Path | None = None,
        *,
        headless: bool,
    ) -> None:
        """`behaviour` is a temperament's name or a script's file; None is what suits the subject.

        `subject` is a rendered subject's name, or a photo's path.
        """
        self._out = out
        self._config = config
        self._subject = subject
        self._seed = seed
        self._behaviour = behaviour
        self._headless = headless

    def run(self) -> int:
        """Run the visit; gives 0 only if the registrar holds the photo.

        A demo that was killed is taken up: what it had sealed goes to the registrar, and if the
        registrar holds the student's photo then, no second one is taken.
        """
        resumed = self._open_folder()
        with ExitStack() as stack:
            source = self._source(stack)
            town = stack.enter_context(
                Town(self._out / STATE, self._config, headless=self._headless)
            )
            if resumed:
                town.deliver()
                if (held := town.held()) is not None:
                    return self._end(*held, "the photo of the interrupted visit")
            # The last visit's traces, and what a kill may have left of them while being written.
            self._clear("*.png", "visit.json", ".*.png.*", ".*.json.*", ".*.jpg.*")
            recorder = Recorder(self._out, time.monotonic)
            self._visit(town, source, recorder)
            town.deliver()
            self._note(recorder)
            if (held := town.held()) is None:
                print(f"No photo: {_why(recorder)}.")
                return 1
            return self._end(*held, "the photo")

    def _open_folder(self) -> bool:
        """Make DIR ready; gives whether an interrupted demo lies there. Raises UsageError."""
        state = self._out / STATE
        try:
            if self._out.exists() and not state.exists() and any(self._out.iterdir()):
                raise UsageError(f"{self._out}: is not empty, and not a demo's; name another --out")
            interrupted = state.exists() and not (self._out / ANSWER).exists()
            if not interrupted:
                self._clear(PHOTO, beside(Path(PHOTO)).name, ANSWER)
                shutil.rmtree(state, ignore_errors=True)
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self._out}: cannot be used ({error.strerror}); name another --out"
            ) from error
        return interrupted

    def _clear(self, *patterns: str) -> None:
        for pattern in patterns:
            for old in self._out.glob(pattern):
                old.unlink()

    def _source(self, stack: ExitStack) -> str | Path:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-"))
        return subject_source(self._subject, Path(folder), self._config)

    def _script(self, twin: Twin) -> Script:
        poses = twin.wires.poses
        if isinstance(self._behaviour, str):
            return script.visit(self._behaviour, poses)
        if self._behaviour is None:
            portrait = len(poses) == 1
            return (
                script.read(script.PORTRAIT, poses) if portrait else script.visit("obedient", poses)
            )
        try:
            return script.read(self._behaviour.read_text(), poses)
        except UsageError as error:
            raise UsageError(f"{self._behaviour}: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self._behaviour}: cannot be read ({error}); name a text") from error

    def _visit(self, town: "Town", source: str | Path, recorder: Recorder) -> None:
        config = town.config
        twin = Twin(source, config.lamps.pins, self._seed)
        student = twin.student(town.capture_code, self._script(twin))
        visitor = ScriptedActor(student)
        visitors = Simulation(twin, visitor, recorder)
        with open_parts(config, open_link(config, uuid4), visitors) as parts:
            booth = Booth(parts)
            # The booth is switched on long before the first student comes.
            visitor.ready = lambda: booth.prepared
            booth.run(done=lambda _: recorder.over)

    def _note(self, recorder: Recorder) -> None:
        note = {
            "subject": Path(self._subject).name,
            "seed": self._seed,
            "states": recorder.course,
            "rules": recorder.rules,
            "lamps": recorder.lamps,
        }
        write_whole(self._out / "visit.json", _json(note))

    def _end(self, held: Held, jpeg: bytes, what: str) -> int:
        """Leave the registrar's answer, and the photo and its record as the registrar has them."""
        answer = {
            "receipt": held.receipt.model_dump(mode="json"),
            "metadata": held.metadata.model_dump(mode="json"),
        }
        photo = self._out / PHOTO
        write_together({beside(photo): held.metadata.provenance.as_file(), photo: jpeg})
        # The last to be written: it tells a demo that came to its end.
        write_whole(self._out / ANSWER, _json(answer))
        print(f"Done: the registrar holds {what} ({len(jpeg):,} bytes); see {self._out}.")
        return 0


def _why(recorder: Recorder) -> str:
    """Say in words why a visit gave no photo."""
    guided = recorder.last_guided
    if guided is not None and guided.assessment is not None:
        broken = [rule.id for rule in guided.assessment.rules if rule.hinders]
        if broken and recorder.stages[-2] is v.Stage.GUIDE:
            return f"the student could not mend {', '.join(broken)}"
    if recorder.trouble is not None:
        return recorder.trouble
    return f"the visit ended at {recorder.stages[-2].value}"


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def subject_source(subject: str, folder: Path, config: Config) -> str | Path:
    """Give who stands in the twin: a rendered subject's name, or a file with a photo's person.

    The file is written into `folder`, and is to go with it. Raises UsageError, StandardiseError.
    """
    path = Path(subject)
    is_photo = path.suffix.lower() in (".jpg", ".jpeg", ".png")
    return _stand(path, folder, config) if is_photo else subject


def _stand(path: Path, folder: Path, config: Config) -> Path:
    """Cut a person out of a photo, and lay them down for the twin. Raises StandardiseError."""
    picture = read_picture(path)
    eyes = load_models(config.models.store)
    try:
        face = the_face(eyes.looker.look(picture), specification())
        alpha = eyes.matter.alpha(picture)
        measure_head(alpha, face)  # a head that its own photo cuts off cannot stand anywhere
    except StandardiseError as error:
        raise StandardiseError(f"{path}: {error}") from error
    finally:
        eyes.looker.close()
    person = np.rint(foreground(picture, alpha) * 255).astype(np.uint8)
    file = folder / "subject.npz"
    portrait.save(file, person, alpha, (face.midline, face.eye_line), face.width, TWIN_SIZE)
    return file
