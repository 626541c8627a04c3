"""A student played with the mouse: each button of a strip says one word of the script."""

from collections.abc import Mapping, Sequence

from kiosk.display.strip import Strip
from kiosk.display.window import Typed
from kiosk.errors import UsageError
from kiosk.twin.script import Manner, Script, Tap, read
from kiosk.twin.student import SimulatedStudent
from kiosk.visit import Tapped, Visit
from kiosk.words.phrase import Words

TITLE = Words("扮演学生", "Play the student")

BUTTONS: Mapping[str, Words] = {
    "comes in": Words("走进来", "Walk in"),
    "walks away": Words("走开", "Walk away"),
    "scan": Words("出示采集码", "Hold up the code"),
    "look at the screen": Words("看屏幕", "Look at the screen"),
    "come 15 cm nearer": Words("近一点", "Nearer"),
    "go 15 cm farther": Words("远一点", "Farther"),
    "step 2 cm right": Words("向自己右边", "To their right"),
    "step 2 cm left": Words("向自己左边", "To their left"),
    "sit 2 cm high": Words("高一点", "Higher"),
    "sit 2 cm low": Words("低一点", "Lower"),
    "turn right 5": Words("略右转头", "Turn a bit right"),
    "turn left 5": Words("略左转头", "Turn a bit left"),
    "turn right 15": Words("右转头", "Turn right"),
    "turn left 15": Words("左转头", "Turn left"),
    "tilt right 6": Words("右歪头", "Tilt right"),
    "tilt left 6": Words("左歪头", "Tilt left"),
    "chin up 10": Words("抬头", "Chin up"),
    "chin down 10": Words("低头", "Chin down"),
    "close eyes for 1 s": Words("闭一下眼", "Close eyes"),
    "half close eyes": Words("半闭眼", "Half close eyes"),
    "look left for 2 s": Words("看左边", "Look left"),
    "look right for 2 s": Words("看右边", "Look right"),
    "look up for 2 s": Words("看上面", "Look up"),
    "look down for 2 s": Words("看下面", "Look down"),
    "smile": Words("微笑", "Smile"),
    "open mouth": Words("张嘴", "Open mouth"),
    "lean the head back": Words("仰头", "Head back"),
    "let a shoulder hang": Words("垂一侧肩", "Drop a shoulder"),
    "put on a hat": Words("戴帽子", "Hat on"),
    "shake hair over the brows": Words("头发遮眉", "Hair over brows"),
    "shake hair over an ear": Words("头发遮耳", "Hair over an ear"),
    "a second person leans in": Words("旁人探头", "Somebody leans in"),
    "the second person leaves": Words("旁人走开", "They leave"),
}
"""What a mouse can say, in the script's words, and what stands on the buttons."""

PLAYED = Script((), Manner(misses=1.0))
"""A student who does nothing of themselves but blink."""


def strip(poses: Sequence[str]) -> Strip:
    """Make the strip for a subject: what their poses do not let them do is left out."""
    return Strip(TITLE, {word: BUTTONS[word] for word in BUTTONS if _can(word, poses)})


def _can(word: str, poses: Sequence[str]) -> bool:
    try:
        read(word, poses)
    except UsageError:
        return False
    return True


class PlayedActor:
    """The booth's guest who does what the strip's buttons say."""

    def __init__(self, student: SimulatedStudent, strip: Strip, poses: Sequence[str]) -> None:
        """`student` is of the script PLAYED."""
        self._student, self._strip, self._poses = student, strip, poses

    def act(self, visit: Visit, at: float) -> list[Tapped | Typed]:
        """Do what was pressed since the last call."""
        acts: list[Tapped | Typed] = []
        actions = self._student.act(visit.stage, visit.instruction, at)
        for word in self._strip.taken():
            for step in read(word, self._poses).steps[:1]:
                actions += self._student.do(step.does, at)
        for action in actions:
            if isinstance(action, Tap):
                acts.append(Tapped(action.button))
            else:
                acts += [Typed(char, when) for char, when in action.keys]
        return acts
