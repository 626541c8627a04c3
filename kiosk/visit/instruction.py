"""What the guide says, and how an instruction is told."""

from dataclasses import dataclass
from typing import Literal

from kiosk.pipeline.judge.rules import Side, Told, find_rule

SayingName = Literal[
    "sit", "again", "come_back", "lamps", "checking", "mend", "mended", "hold", "count"
]


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the student is told: a rule, and on which side of its goal they were when told."""

    rule: str
    direction: Side
    also: str | None = None
    """A second rule that is told in the same words."""


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
    if instruction.also is not None and rule.together is not None:
        return rule.together.told
    return rule.told(instruction.direction)
