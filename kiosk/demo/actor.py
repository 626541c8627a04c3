"""The simulated student as the booth's actor."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk import visit as v
from kiosk.display.shown import Shown
from kiosk.display.window import Typed
from kiosk.twin import SimulatedStudent
from kiosk.twin.inputs import hear_actions


@dataclass
class ScriptedActor:
    """A simulated student at the booth."""

    student: SimulatedStudent
    ready: Callable[[], bool] = lambda: True
    """Whether they may come in."""

    def act(self, shown: Shown, stage: v.Stage, at: float) -> list[v.Tapped | Typed]:
        """See the screen, and act."""
        if not self.ready():
            return []
        return hear_actions(self.student.act(stage, shown, at), shown)
