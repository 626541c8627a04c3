"""What a demo leaves of its visit: a picture of each screen, and the visit's course."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk import visit as v
from kiosk.booth.parts import ShownBooth
from kiosk.pipeline.photo.burst import Shot


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

    def shown(self, booth: ShownBooth, at: float) -> None:
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
