"""The views of a person, each with the backdrop behind it, and what the lamp pair shows to be them.

The lamp pair is asked only where no plate serves, or of who wears the backdrop's colour: the
backdrop darkens when its lamp goes out, and they do not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.backdrop import Backdrop, fit_backdrop
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask, shrink

ALIKE, LEAST_ALIKE = 0.2, 0.01
"""A colour of the person's is like the backdrop's where no channel is off by more than this share;
from this share of the person on they wear it. Of the twin's people no pixel is so, but of the shirt
in the backdrop's blue a fifth."""

UNDIMMED = 0.25
"""Share of the backdrop's own darkening, in logarithms of light, that something lacks at least
which is not the backdrop. The twin's backdrop lacks 0.08 of it at most with plates, 0.14 without; a
shirt 0.7 to 0.9, and 0.3 at its rim, which the backdrop's lamp grazes."""

LEAST_DARKENING = 0.2
"""Darkening, in natural logarithms, below which the lamp's going out tells nothing of a place."""

UNDIMMED_MARGIN = 4
"""Pixels at 640 rows around what does not darken that are not taken for the backdrop either."""

SPOT_DEVIATION = 0.8
"""Standard deviation, in pixels, of the spot over which distances and darkening are averaged."""

DARK = np.float32(1e-3)
"""Light below which there is nothing but noise."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture of the person in linear light, and the plate that belongs to it, if any."""

    seen: Linear
    plate: Linear | None


@dataclass(frozen=True, slots=True)
class KnownView:
    """A picture of the person, and the backdrop behind them."""

    seen: Linear
    backdrop: Backdrop

    @property
    def distance(self) -> NDArray[np.float32]:
        """How far each pixel is from the backdrop: squared, in its variances, of a spot."""
        off = np.square(self.seen - self.backdrop.mean) / self.backdrop.variance
        return np.asarray(cv2.GaussianBlur(off.mean(2), (0, 0), SPOT_DEVIATION), np.float32)


def know_views(
    first: View, others: Iterator[View], outside: Mask, own: Mask, scale: float
) -> tuple[list[KnownView], Mask]:
    """Find the backdrop behind each view that is needed, and what does not darken as it does.

    `outside` shows the backdrop and `own` the person's hair and clothes, as far as a network knows;
    `scale` is in pixels, of those at 640 rows. No view is known where the first one's backdrop is
    not. What does not darken is sought only where clothes are like the backdrop.
    """
    nothing = np.zeros_like(outside)
    known = _know((first,), outside)
    if not known:
        return [], nothing
    worn = _is_worn(known[0], own)
    if known[0].backdrop.by_plate and not worn:
        return known, nothing
    asked = tuple(others)
    if not (worn and asked):
        return known + _know(asked, outside), nothing
    undimmed = find_undimmed(first, asked[0], outside)
    beside = outside & shrink(~undimmed, UNDIMMED_MARGIN * scale)
    return _know((first, *asked), beside), undimmed


def find_undimmed(lit: View, unlit: View, outside: Mask) -> Mask:
    """Find what does not darken as the backdrop does when its lamp goes out.

    Most of `outside` shows the backdrop. By the plates, where both have one; else the backdrop is
    taken to darken alike everywhere.
    """
    darkening = _log_ratio(lit.seen, unlit.seen)
    if lit.plate is not None and unlit.plate is not None:
        expected = _log_ratio(lit.plate, unlit.plate)
        # Lamps may have aged since the plate was taken.
        expected += np.median((darkening - expected)[outside], axis=0)
    else:
        expected = np.broadcast_to(np.median(darkening[outside], axis=0), darkening.shape)
    lack = 1 - darkening / np.maximum(expected, np.float32(LEAST_DARKENING))
    off = cv2.GaussianBlur(lack, (0, 0), SPOT_DEVIATION).mean(2)
    return np.asarray((off > UNDIMMED) & (expected.min(2) > LEAST_DARKENING))


def _is_worn(view: KnownView, own: Mask) -> bool:
    """Whether some of the person's `own` has the backdrop's colour and light."""
    seen, there = view.seen[own], view.backdrop.mean[own]
    alike = (np.abs(seen - there) < np.float32(ALIKE) * there).all(1)
    return bool(alike.size) and float(alike.mean()) > LEAST_ALIKE


def _know(views: Iterable[View], outside: Mask) -> list[KnownView]:
    """The views up to the first that cannot be used, each with the backdrop behind it."""
    known: list[KnownView] = []
    for view in views:
        found = fit_backdrop(view.seen, outside, view.plate)
        if found is None:
            break
        known.append(KnownView(view.seen, found))
    return known


def _log_ratio(lit: Linear, unlit: Linear) -> NDArray[np.float32]:
    return np.asarray(np.log(np.maximum(lit, DARK) / np.maximum(unlit, DARK)), np.float32)
