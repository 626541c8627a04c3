"""Reading the screen: which phrases tell a student to do something, and what."""

from collections.abc import Mapping

from kiosk.display.shown import Shown
from kiosk.pipeline.judge.rules import RULES
from kiosk.visit import Instruction

TELL_TO_COME = frozenset({"guide.sit", "guide.come_back", "away.title"})
"""What is said to who is not in the picture."""

NO_ORDER = frozenset({"guide.mended", "guide.again"})
"""What stands beside an instruction that was followed, and beside the reason why the last shot gave
no photo."""


def _list_instructions() -> Mapping[str, Instruction]:
    told: dict[str, Instruction] = {}
    for rule in RULES:
        for side in rule.told_sides:
            told.setdefault(rule.told(side).phrase, Instruction(rule.id, side))
        for way in rule.ways:
            told.setdefault(rule.told_way(way).phrase, Instruction(rule.id, "high", way=way))
        if rule.together is not None:
            both = Instruction(rule.id, "low", rule.together.rule)
            told.setdefault(rule.together.told.phrase, both)
    return told


INSTRUCTIONS = _list_instructions()
"""What each phrase tells a student to mend. Where rules share a phrase, the first of them."""


def read_instructions(shown: Shown) -> tuple[str, ...]:
    """The phrases that tell to mend something now, in alphabetical order."""
    if NO_ORDER & shown.phrases:
        return ()
    return tuple(sorted(shown.phrases & INSTRUCTIONS.keys()))


def read_instruction(shown: Shown) -> Instruction | None:
    """What the screen tells a student to mend now; None: nothing."""
    said = read_instructions(shown)
    return INSTRUCTIONS[said[0]] if said else None


def tells_to_come(shown: Shown) -> bool:
    """Whether the screen asks who is not in the picture to come into it."""
    return bool(TELL_TO_COME & shown.phrases)
