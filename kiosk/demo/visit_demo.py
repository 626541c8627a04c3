"""The demo: one whole visit in one folder, which is taken up where it was interrupted."""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.config import Config
from kiosk.demo.actor import ScriptedActor
from kiosk.demo.recorder import Recorder
from kiosk.demo.subject import subject_source
from kiosk.demo.town import TownProcess
from kiosk.errors import UsageError
from kiosk.files import private_folder, write_together, write_whole
from kiosk.pipeline.photo.provenance import record_path
from kiosk.twin import Twin, script
from kiosk.twin.script import Script
from registrar.photos import HeldPhoto

STATE = ".booth"
"""The folder in DIR that holds outbox, keys and registrar, and tells a demo's DIR from others."""


ANSWER = "registrar.json"


PHOTO = "photo.jpg"


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

    def run(self, leave_network: Callable[[], None]) -> int:
        """Run the visit; 0 only if the registrar holds the photo.

        `leave_network` is called once the town stands, before any model is loaded.

        A demo that was killed is taken up: what it had sealed goes to the registrar, and if the
        registrar holds the student's photo then, no second one is taken.
        """
        resumed = self._open_folder()
        with ExitStack() as stack:
            town = stack.enter_context(
                TownProcess(self._out / STATE, self._config, headless=self._headless)
            )
            leave_network()
            source = self._source(stack)
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
                self._clear(PHOTO, record_path(Path(PHOTO)).name, ANSWER)
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
        folder = stack.enter_context(private_folder())
        return subject_source(self._subject, folder, self._config)

    def _script(self, twin: Twin) -> Script:
        poses = twin.wires.poses
        if isinstance(self._behaviour, str):
            return script.visit_script(self._behaviour, poses)
        if self._behaviour is None:
            portrait = len(poses) == 1
            return (
                script.read_script(script.PORTRAIT_SCRIPT, poses)
                if portrait
                else script.visit_script("obedient", poses)
            )
        try:
            return script.read_script(self._behaviour.read_text(), poses)
        except UsageError as error:
            raise UsageError(f"{self._behaviour}: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{self._behaviour}: cannot be read ({error}); name a text") from error

    def _visit(self, town: TownProcess, source: str | Path, recorder: Recorder) -> None:
        config = town.config
        twin = Twin(source, config.lamps.pins, self._seed)
        student = twin.student(town.capture_code, self._script(twin))
        actor = ScriptedActor(student)
        simulation = Simulation(twin, actor, recorder)
        with open_parts(config, open_link(config, uuid4), simulation) as parts:
            booth = Booth(parts)
            # The booth is switched on long before the first student comes.
            actor.ready = lambda: booth.prepared
            booth.run(done=lambda _: recorder.over)

    def _note(self, recorder: Recorder) -> None:
        note = {
            "subject": Path(self._subject).name,
            "seed": self._seed,
            "states": recorder.course,
            "instructions": recorder.instructions,
            "rules": recorder.rules,
            "lamps": recorder.lamps,
        }
        write_whole(self._out / "visit.json", _json(note))

    def _end(self, held: HeldPhoto, jpeg: bytes, what: str) -> int:
        """Leave the registrar's answer, and the photo and its record as the registrar has them."""
        answer = {
            "receipt": held.receipt.model_dump(mode="json"),
            "metadata": held.metadata.model_dump(mode="json"),
        }
        photo = self._out / PHOTO
        write_together({record_path(photo): held.metadata.provenance.as_file(), photo: jpeg})
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
