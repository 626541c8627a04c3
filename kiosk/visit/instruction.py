"""What the guide says, and how an instruction is told."""

from dataclasses import dataclass
from typing import Literal

from kiosk.pipeline.judge.rules import Side, Told, Way, find_rule

SayingName = Literal[
    "sit", "again", "come_back", "show_face", "lamps", "lamps_glasses", "lamps_skin", "checking",
    "mend", "mended", "hold", "count",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the student is told: a rule, and on which side of its goal they were when told."""

    rule: str
    direction: Side
    also: str | None = None
    """A second rule that is told in the same words."""
    way: Way | None = None
    """Which way out of a light that is mirrored, where it is known."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What the guide says at a moment."""

    name: SayingName
    instruction: Instruction | None = None
    """Of `mend` and `mended`; of `again`, where the last shot gave no photo, the reason if it is
    known."""


def told(instruction: Instruction) -> Told:
    """The phrase and the gesture of an instruction. Raises KeyError for no rule."""
    rule = find_rule(instruction.rule)
    if instruction.way is not None:
        return rule.told_way(instruction.way)
    if instruction.also is not None and rule.together is not None:
        return rule.together.told
    return rule.told(instruction.direction)
