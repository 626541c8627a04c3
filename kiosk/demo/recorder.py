"""What a demo leaves of its visit: a picture of each screen, and the visit's course."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk import visit as v
from kiosk.booth.parts import ShownBooth
from kiosk.display.shown import Shown
from kiosk.pipeline.photo.burst import Shot
from kiosk.twin.reading import read_instruction, read_instructions


class Recorder:
    """Keeps a PNG of each screen when it is first shown, and the visit's course."""

    def __init__(self, out: Path, clock: Callable[[], float]) -> None:
        self._out = out
        self._clock = clock
        self._began = clock()
        self._seen: set[str] = set()
        self._last = ""
        self._open: dict[str, dict[str, Any]] = {}
        self.course: list[dict[str, Any]] = []
        self.instructions: list[dict[str, Any]] = []
        """Each instruction that was shown: its phrase, and from when to when, s."""
        self.rules: dict[str, Any] = {}
        self.lamps: dict[str, float] = {}
        self.stages: list[v.Stage] = []
        self.last_guided: v.Visit | None = None
        self.trouble: str | None = None

    def shown(self, booth: ShownBooth, at: float) -> None:
        """Note what is said and a state that is new, and keep its screen."""
        visit, shown = booth.visit, booth.parts.window.shown
        if visit.stage is v.Stage.GUIDE and visit.assessment is not None:
            self.last_guided = visit
        self.trouble = booth.trouble or self.trouble
        since = round(at - self._began, 3)
        self._note_instructions(visit, shown, since)
        state = _state_name(visit, shown)
        if state != self._last:
            self._last = state
            self.course.append({"state": state, "at": since})
            self.stages.append(visit.stage)
        if state not in self._seen:
            self._seen.add(state)
            booth.parts.window.save(self._out / f"{len(self._seen):02}-{state}.png")

    def _note_instructions(self, visit: v.Visit, shown: Shown, since: float) -> None:
        """Note from when to when each instruction stands on the screen."""
        said = read_instructions(shown) if visit.stage is v.Stage.GUIDE else ()
        for phrase in set(said) - self._open.keys():
            self._open[phrase] = {"phrase": phrase, "from": since, "to": since}
            self.instructions.append(self._open[phrase])
        for phrase in list(self._open):
            self._open[phrase]["to"] = since
            if phrase not in said:
                del self._open[phrase]

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


def _state_name(visit: v.Visit, shown: Shown) -> str:
    """Name what the screen shows."""
    if visit.fault is not None:
        return f"fault-{visit.fault}"
    if visit.stage is not v.Stage.GUIDE:
        return str(visit.stage.value)
    if shown.offers("staffed"):
        return "guide-help"
    if (told := read_instruction(shown)) is not None:
        return f"guide-{told.rule}-{told.direction}"
    return f"guide-{visit.saying.name}"
