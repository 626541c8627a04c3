"""The simulated student as the booth's actor, who gives up what they cannot mend."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk import visit as v
from kiosk.display.window import Typed
from kiosk.twin import SimulatedStudent
from kiosk.twin.script import Tap

GIVE_UP = 30.0
"""Seconds of guidance after which a student who cannot mend what they are told gives up: twice
visit.STRIVE."""


@dataclass
class ScriptedActor:
    """A simulated student at the booth, who gives up what they cannot mend."""

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
        elif at - self._guided_since > GIVE_UP:
            return [v.Tapped("cancel")]
        acts: list[v.Tapped | Typed] = []
        for action in self.student.act(visit.stage, visit.instruction, at):
            if isinstance(action, Tap):
                acts.append(v.Tapped(action.button))
            else:
                acts += [Typed(char, when) for char, when in action.keys]
        return acts
