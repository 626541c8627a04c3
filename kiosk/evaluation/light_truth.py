"""What is true of the light on a rendered person: their cheeks, what they mirror, from which lamp.

Taken from the light stage before lens, noise and 8 bits: one picture of linear light a lamp, and
the renderer's mask of what mirrors which. Pure; `lit_face` finds it on a person's files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lighting.response import ROOM, SCREEN, Levels
from kiosk.pipeline.light import Luminance
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import specification

Spot = NDArray[np.float64]
"""N × 2: a spot's pixels, in T to the picture's right of, and below, the point midway between the
eyes."""

PLACES = ("lens_left", "lens_right", "skin")
"""Where a highlight can be; left and right are the picture's."""


AMONG = 0.4
"""Share of a spot's mirrored light from which on a source is right to be named, beside the one that
gives most."""

LEAST_PART = 0.1
"""Share of a spot that mirrors a source at least where any of its light is called mirrored."""

RING = 6
"""Width in px of the ring about a spot."""

STEPS = 21
"""Levels of each key lamp that are tried where it is asked what lamps alone could do."""

KEEPS_LIGHT = 0.02
"""Share by which the card's light may differ where it counts as equal."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place where highlights count, pixel by pixel of its zone."""

    lights: Mapping[str, Luminance]
    """N: each source's luminance there, at full level."""
    mirrors: Mapping[str, Mask]
    """N: whether the pixel mirrors the source."""
    contrast: float
    """How many times as bright as its zone a pixel is from which on the booth's rule counts it."""

    def mirrored(self, levels: Levels) -> float:
        """Share of the zone that mirrors a source and stands out by `contrast`, 0 to 1."""
        light = _weigh(self.lights, levels)
        if not light.size:
            return 0.0
        mirrors = np.zeros(light.shape, bool)
        for name, mask in self.mirrors.items():
            if levels.get(name, 0.0) > 0:
                mirrors |= mask
        return float((mirrors & (light > self.contrast * float(np.median(light)))).mean())


@dataclass(frozen=True)
class TrueLight:
    """The light on one person at rest, source by source, at the preview's size."""

    lights: Mapping[str, Luminance]
    """H × W: each source's luminance at full level."""
    mirrors: Mapping[str, Mask]
    """H × W: what mirrors each source."""
    middle: tuple[float, float]
    """The point midway between the eyes, px."""
    eye_distance: float
    """T, px."""
    places: Mapping[str, Place]
    """By the name in PLACES."""
    cheek_lights: Mapping[str, tuple[float, float]]
    """Each source's mean luminance on the picture's left and right cheek, at full level."""
    card: Mapping[str, float]
    """Each source's light on a white card where the face is, at full level."""
    glasses: bool
    """Whether they wear glasses: without, what mirrors beside an eye is skin."""

    def cheeks(self, levels: Levels) -> tuple[float, float]:
        """Mean luminance of the picture's left and right cheek."""
        known = self.cheek_lights.items()
        left = sum(lights[0] * levels.get(name, 0.0) for name, lights in known)
        right = sum(lights[1] * levels.get(name, 0.0) for name, lights in known)
        return left, right

    def cheeks_ratio(self, levels: Levels) -> float:
        """The lighter cheek over the darker one, from 1 on."""
        left, right = self.cheeks(levels)
        return max(left, right) / max(min(left, right), 1e-6)

    def card_light(self, levels: Levels) -> float:
        """The card's light."""
        return sum(light * levels.get(name, 0.0) for name, light in self.card.items())

    def glare(self, levels: Levels) -> float:
        """Share of the worse eye's zone that mirrors a lamp: what the rule on glare is about."""
        return max(self.places[name].mirrored(levels) for name in PLACES[:2])

    def shine(self, levels: Levels) -> float:
        """Share of the skin that mirrors a lamp: what the rule on highlights is about."""
        return self.places["skin"].mirrored(levels)

    def parts_at(self, spot: Spot, levels: Levels) -> dict[str, float]:
        """What each source adds to a spot by being mirrored there: its mean luminance over the spot
        above what it gives in a ring about it; 0 where the renderer says that next to nothing of
        the spot mirrors it.
        """
        inside, ring = self._areas(spot)
        parts = dict.fromkeys(self.lights, 0.0)
        for name, light in self.lights.items():
            mirrors = self.mirrors[name]
            about = ring & ~mirrors
            if mirrors[inside].mean() >= LEAST_PART and about.any():
                above = float(light[inside].mean() - np.median(light[about]))
                parts[name] = levels.get(name, 0.0) * max(above, 0.0)
        return parts

    def _areas(self, spot: Spot) -> tuple[Mask, Mask]:
        """A spot's pixels, and those of a ring about it."""
        shape = next(iter(self.lights.values())).shape
        at = np.rint(np.array(self.middle) + self.eye_distance * spot).astype(int)
        inside = np.zeros(shape, np.uint8)
        inside[np.clip(at[:, 1], 0, shape[0] - 1), np.clip(at[:, 0], 0, shape[1] - 1)] = 1
        # The spot's pixels lie a little farther from each other here than where they were found.
        inside = np.asarray(cv2.morphologyEx(inside, cv2.MORPH_CLOSE, _disc(1)), np.uint8)
        ring = (cv2.dilate(inside, _disc(RING)) > 0) & (inside == 0)
        return np.asarray(inside > 0), ring

    def sources_at(self, spot: Spot, driven: Levels, ambient: Levels) -> frozenset[str]:
        """Who is rightly named as the source of a spot; empty where nothing is mirrored there.

        `driven` is what lamps give, `ambient` what comes from no lamp, both as levels of the
        sources' pictures. What comes from no lamp is the room's, the screen excepted.
        """
        parts = self.parts_at(spot, driven)
        for name, part in self.parts_at(spot, ambient).items():
            source = name if name == SCREEN else ROOM
            parts[source] = parts.get(source, 0.0) + part
        whole = sum(parts.values())
        if whole <= 0:
            return frozenset()
        least = min(max(parts.values()), AMONG * whole)
        return frozenset(name for name, part in parts.items() if part >= least)

    def strength_at(self, spot: Spot, levels: Levels) -> float:
        """Light that a spot mirrors, as a share of its surround's light."""
        _, ring = self._areas(spot)
        around = float(np.median(_weigh(self.lights, levels)[ring])) if ring.any() else 0.0
        return sum(self.parts_at(spot, levels).values()) / max(around, 1e-6)

    def least_ratio(self, levels: Levels, limits: Levels, lamps: Sequence[str]) -> float:
        """The cheeks' least ratio with any levels of `lamps`, within 0 and their limits.

        The ratio is monotonous in each level: the least is where all but one are dark or full, or
        at 1.
        """
        fixed = {**levels, **dict.fromkeys(lamps, 0.0)}
        ratios, signs = [], set()
        for full in product((0.0, 1.0), repeat=len(lamps)):
            tried = {
                **fixed,
                **{n: f * limits.get(n, 1.0) for n, f in zip(lamps, full, strict=True)},
            }
            left, right = self.cheeks(tried)
            if max(left, right) > 0:
                ratios.append(self.cheeks_ratio(tried))
                signs.add(left > right)
        return 1.0 if len(signs) == 2 else min(ratios, default=1.0)

    def passes(self, levels: Levels, most_glare: float | None = None) -> bool:
        """Whether the booth would take a photo under these levels, as far as it is for glare, shine
        and even light: it guides to their goals."""
        return (
            not self.glares(levels, most_glare)
            and not self.shines(levels)
            and self.cheeks_ratio(levels) <= _goal("even_light")
        )

    def glares(self, levels: Levels, most: float | None = None) -> bool:
        """Whether a wearer of glasses has more glare before an eye than `most`, as a share of its
        zone; None: than the booth guides to."""
        return self.glasses and self.glare(levels) > (_goal("glare") if most is None else most)

    def shines(self, levels: Levels) -> bool:
        """Whether more of the skin mirrors lamps than the booth guides to."""
        return self.shine(levels) > _goal("highlight")

    def remedies(
        self,
        levels: Levels,
        limits: Mapping[str, float],
        lamps: Sequence[str],
        most_glare: float | None = None,
    ) -> Iterator[dict[str, float]]:
        """Levels at equal light of the card that pass, `lamps` alone being moved.

        The last of `lamps` makes up for what the others take; each within 0 and its limit.
        `most_glare` as for `glares`.
        """
        *free, last = lamps
        wanted = self.card_light(levels)
        steps = [np.linspace(0.0, limits.get(name, 1.0), STEPS) for name in free]
        for choice in product(*steps):
            tried = {**levels, **dict(zip(free, map(float, choice), strict=True)), last: 0.0}
            left = wanted - self.card_light(tried)
            level = left / self.card[last] if self.card[last] > 0 else 0.0
            top = limits.get(last, 1.0)
            slack = KEEPS_LIGHT * wanted / max(self.card[last], 1e-6)
            if not -slack <= level <= top + slack:
                continue
            tried[last] = min(max(level, 0.0), top)
            if self.passes(tried, most_glare):
                yield tried


def _goal(rule: str) -> float:
    goal = specification().rules[rule].goal
    if goal is None:
        raise AssertionError(f"the rule {rule} has a goal")
    return goal[1]


def _weigh(lights: Mapping[str, Luminance], levels: Levels) -> Luminance:
    total: Luminance = np.zeros_like(next(iter(lights.values())))
    for name, light in lights.items():
        if level := levels.get(name, 0.0):
            total += np.float32(level) * light
    return total


def _disc(radius: int) -> NDArray[np.uint8]:
    shape = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, shape), np.uint8)
