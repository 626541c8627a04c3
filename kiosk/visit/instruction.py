"""An instruction to the student, and how it is told."""

from dataclasses import dataclass

from kiosk.pipeline.judge.rules import Side, Told, find_rule


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the student is told: a rule, and on which side of its goal they were when told."""

    rule: str
    direction: Side
    also: str | None = None
    """A second rule that is told in the same words."""


def told(instruction: Instruction) -> Told:
    """The phrase and the icon of an instruction. Raises KeyError for a rule that there is not."""
    rule = find_rule(instruction.rule)
    if instruction.also is not None and rule.together is not None:
        return rule.together.told
    return rule.told(instruction.direction)
