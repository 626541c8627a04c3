"""Whether it stands: moments about the edge over which a thing tips, and what its anchors hold."""

from dataclasses import dataclass

GRAVITY = 9.81

LEAN = 250.0
"""N: somebody leans against it. The most that IEC 62368-1, 8.6.5, asks for, which is 20 % of the
weight or 250 N, whichever is less; here always the latter."""

LEAN_HEIGHT = 1.5
"""Metres above the floor, at which the standard pushes (its upper bound)."""

SIT = 800.0
"""N downwards on what one could sit or step on, at its outermost edge (IEC 62368-1, 8.6.2.3)."""

ANCHOR_MARGIN = 2.0
"""What an anchor holds over what it must, at least."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A thing on its foot."""

    name: str
    mass: float
    """kg."""
    centre: float
    """Metres from its centre of mass to the edge over which it tips, level."""
    anchors: float
    """Metres from its anchors to that edge, level."""
    force: float
    """N."""
    lever: float
    """Metres: the height of a level force; how far out beyond the edge a downward one acts."""

    @property
    def tips(self) -> float:
        """N·m that tip it."""
        return self.force * self.lever

    @property
    def holds(self) -> float:
        """N·m by which its weight keeps it."""
        return self.mass * GRAVITY * self.centre

    @property
    def anchored_pull(self) -> float:
        """N that its anchors together must bear, with the margin; 0 where its weight is enough."""
        return ANCHOR_MARGIN * max(self.tips - self.holds, 0.0) / self.anchors


THINGS = (
    Standing("column with screen, lens, fill lamp", 30.0, 0.25, 0.45, LEAN, LEAN_HEIGHT),
    Standing("ledge on its post, leant against", 15.0, 0.25, 0.45, LEAN, 0.80),
    Standing("ledge on its post, sat upon", 15.0, 0.30, 0.55, SIT, 0.50),
    Standing("key lamp on its stand", 8.0, 0.30, 0.50, LEAN, LEAN_HEIGHT),
    Standing("backdrop's frame, 2 m wide", 12.0, 0.25, 0.45, LEAN, LEAN_HEIGHT),
)
