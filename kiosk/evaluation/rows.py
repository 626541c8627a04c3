"""A row: one value that a bench measured, with its goal and what a peer reached."""

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value."""

    bench: str
    row: str
    value: float
    unit: str
    goal: float | None = None
    ok: bool | None = None
    """Whether the goal was reached; None where there is none."""
    baseline: float | None = None
    """The peer's value in the same run."""

    @classmethod
    def at_most(
        cls, bench: str, row: str, value: float, unit: str, goal: float,
        baseline: float | None = None,
    ) -> Self:  # fmt: skip
        """A value that is not to exceed its goal."""
        return cls(bench, row, value, unit, goal, value <= goal, baseline)

    @classmethod
    def at_least(
        cls, bench: str, row: str, value: float, unit: str, goal: float,
        baseline: float | None = None,
    ) -> Self:  # fmt: skip
        """A value that is to reach its goal."""
        return cls(bench, row, value, unit, goal, value >= goal, baseline)

    def as_json(self) -> dict[str, Any]:
        """One object for `--json`, with the fields' names as keys."""
        return asdict(self)
