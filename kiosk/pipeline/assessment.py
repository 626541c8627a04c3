"""The results of judging: each rule's finding on one observation. Plain values."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

Who = Literal["student", "lamps", "staff"]
"""Who can mend a rule that does not hold."""

Force = Literal["required", "where judged", "advice", "asked"]
"""How a rule binds. A photo needs every `required` rule judged and holding; one that binds `where
judged` (its model is optional, or hair may hide its object) may be unknown, but not broken;
`advice` is reported and never refuses; `asked` is put to the student on the checklist's screen, for
no sound measure is known."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's finding."""

    id: str
    value: float | None
    ok: bool | None
    """Whether the value is one a photo may have; None: not judged."""
    good: bool | None
    """Whether it is also as good as the booth guides to."""
    goal: tuple[float, float] | None
    """What the booth guides to; None for a rule that is asked and not measured."""
    limit: tuple[float, float] | None
    """What a photo may not go beyond; None likewise."""
    who: Who
    force: Force = "required"

    @property
    def binds(self) -> bool:
        """Whether a photo depends on it."""
        return self.force in ("required", "where judged")

    @property
    def refuses(self) -> bool:
        """Whether a photo may not be approved because of it."""
        if self.force == "required":
            return self.ok is not True
        return self.force == "where judged" and self.ok is False

    @property
    def hinders(self) -> bool:
        """Whether the booth still waits for it to be mended."""
        return self.refuses or (self.binds and self.good is False)

    @property
    def direction(self) -> Literal["low", "high"]:
        """On which side of its goal the value lies, which decides what a student is told."""
        if self.value is None or self.goal is None:
            return "low"
        return "high" if self.value > self.goal[1] else "low"


@dataclass(frozen=True, slots=True)
class Assessment:
    """All rules' findings on one picture, in the order in which a student is told of them."""

    rules: tuple[RuleResult, ...]
    complete: bool = True
    """Whether everything that this booth can judge was judged on this person; in a stream the
    slower looks take their turns first."""

    @property
    def passed(self) -> bool:
        """Whether every rule that binds holds."""
        return self.passed_but_for(frozenset())

    def passed_but_for(self, excused: Set[str]) -> bool:
        """Whether every rule that binds holds, but for those that need not."""
        return bool(self.rules) and not any(
            rule.refuses for rule in self.rules if rule.id not in excused
        )
