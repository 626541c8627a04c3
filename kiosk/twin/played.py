"""A student played with the mouse: each button of a strip says one word of the script."""

from collections.abc import Mapping, Sequence

from kiosk.display.shown import Shown
from kiosk.display.strip import Strip
from kiosk.display.window import Typed
from kiosk.errors import UsageError
from kiosk.twin.inputs import hear_actions
from kiosk.twin.script import Manner, Script, read_script
from kiosk.twin.student import SimulatedStudent
from kiosk.visit import Stage, Tapped

SAID = (
    "comes in",
    "walks away",
    "scan",
    "look at the screen",
    "come 15 cm nearer",
    "go 15 cm farther",
    "step 2 cm right",
    "step 2 cm left",
    "sit 2 cm high",
    "sit 2 cm low",
    "turn right 5",
    "turn left 5",
    "turn right 15",
    "turn left 15",
    "tilt right 6",
    "tilt left 6",
    "chin up 10",
    "chin down 10",
    "close eyes for 1 s",
    "half close eyes",
    "look left for 2 s",
    "look right for 2 s",
    "look up for 2 s",
    "look down for 2 s",
    "smile",
    "open mouth",
    "lean the head back",
    "let a shoulder hang",
    "put on a hat",
    "shake hair over the brows",
    "shake hair over an ear",
    "a second person leans in",
    "the second person leaves",
)
"""What a mouse can say, in the script's words."""

BUTTONS: Mapping[str, str] = {said: f"play.{said.replace(' ', '_')}" for said in SAID}
"""The phrase on the button of each."""

PLAYED = Script((), Manner(misses=1.0, takes_help=False))
"""A student who does nothing of themselves but blink."""


def make_strip(poses: Sequence[str]) -> Strip:
    """Make the strip for a subject: what their poses do not let them do is left out."""
    return Strip(
        "play.title", {word: BUTTONS[word] for word in BUTTONS if _is_possible(word, poses)}
    )


def _is_possible(word: str, poses: Sequence[str]) -> bool:
    try:
        read_script(word, poses)
    except UsageError:
        return False
    return True


class PlayedActor:
    """The booth's guest who does what the strip's buttons say."""

    def __init__(self, student: SimulatedStudent, strip: Strip, poses: Sequence[str]) -> None:
        """`student` is of the script PLAYED."""
        self._student, self._strip, self._poses = student, strip, poses

    def act(self, shown: Shown, stage: Stage, at: float) -> list[Tapped | Typed]:
        """Do what was pressed since the last call."""
        actions = self._student.act(stage, shown, at)
        for word in self._strip.pop_pressed():
            for step in read_script(word, self._poses).steps[:1]:
                actions += self._student.do(step.does, shown, at)
        return hear_actions(actions, shown)
