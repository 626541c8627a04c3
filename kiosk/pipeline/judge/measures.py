"""What rules hold against their bounds: values in physical terms, made of what was seen. Pure."""

from collections.abc import Callable

from kiosk.pipeline.observation import Coverage, Face, Observation, Scene, Skin
from kiosk.pipeline.wearing import wears_glasses

Measure = Callable[[Observation], float | None]
"""A rule's value; None where it could not be seen."""

GAZE_SEEN, GAZE_AT_REST = 0.59, -0.7
"""The share of an eye's turn that the mesh shows, and the degrees that it shows of eyes that look
ahead: measured on 71 studio portraits and on rendered people who look 15 degrees aside."""

GAZE_UP_SEEN = 0.68
"""The share of an eye's turn up or down that its iris and its lids show together: the mean of four
rendered people who look 14 degrees up or 16 down (0.60 to 0.94)."""

LIDS_OF_GAZE = 70.0
"""Degrees by which an eye looks up for each T that its lids are further apart: they follow the
gaze, and the iris of a narrow eye stands as much higher above the corners. Of 50 to 90 the one that
parts rendered people who look up or down from 78 portraits best."""

GAZE_UP_AT_REST = 25.5
"""What iris and lids show of eyes that look into the lens: the median of those portraits, whose
standard deviation is 3.2 degrees. Of rendered people it is 0.3 less."""

LEAST_WHITE = 0.15
"""`Skin.white` of the darkest of 126 portraits; a picture below it has light to spare."""

SHADOW_IN_EVEN_LIGHT = 0.62
"""What `Skin.shadow` is on faces in even light: the median of 52 studio portraits."""

BACKDROP_SHADOW_WEIGHT = 2.5
"""How much heavier a shadow on the backdrop weighs than one on a face: a flat thing has no forms of
its own. The backdrops of 71 of 72 portraits keep 0.83 of their light."""

OPAQUE_WEIGHT = 2.8
"""What `Coverage.lens_darkness` takes off a lens's light: where a good fifth of it is a thing and
not what is behind, it is dark."""

DARK_LENSES, OPAQUE_LENSES = 0.5, 0.45
"""`Glasses.transmission` up to which, and `Coverage.lens_darkness` from which on, what is before
both eyes are dark lenses, and no hand. A hand drawn before one eye of 14 portraits leaves 0.61 and
more of the light, and has at most 0.36; dark pairs have 0.5 and more."""


def gaze_off(face: Face) -> float:
    """How far a face looks past the lens, degrees.

    A head that is turned looks into the lens with eyes that are turned back. Up and down are seen
    less surely, for the height of the eye's corners differs from person to person: they count three
    quarters.
    """
    aside = face.yaw + (face.gaze_aside - GAZE_AT_REST) / GAZE_SEEN
    return max(abs(aside), 0.75 * abs(gaze_height(face)))


def gaze_height(face: Face) -> float:
    """How far a face looks above the lens, degrees.

    How the head is held counts for nothing: where it is raised, eyes that stay on the lens turn
    down in it, and iris and corners come to stand to each other as they did.
    """
    opening = (face.lid_opening_left + face.lid_opening_right) / 2
    return (face.gaze_up + LIDS_OF_GAZE * opening - GAZE_UP_AT_REST) / GAZE_UP_SEEN


def of_face(measure: Callable[[Face, Observation], float]) -> Measure:
    """A measure of the face, beside the whole picture."""
    return lambda seen: None if seen.face is None else measure(seen.face, seen)


def of_skin(measure: Callable[[Skin], float]) -> Measure:
    """A measure of the light on the face."""
    return lambda seen: None if seen.skin is None else measure(seen.skin)


def of_scene(measure: Callable[[Scene], float | None]) -> Measure:
    """A measure of what is around the face."""
    return lambda seen: None if seen.scene is None else measure(seen.scene)


def of_coverage(measure: Callable[[Coverage], float]) -> Measure:
    """A measure of what covers head and face."""
    return lambda seen: None if seen.coverage is None else measure(seen.coverage)


def darkest_shadow(seen: Observation) -> float | None:
    """The darker of the shadows on face and backdrop, each against what even light leaves there."""
    face = None if seen.skin is None else seen.skin.shadow / SHADOW_IN_EVEN_LIGHT
    behind = None if seen.scene is None else seen.scene.backdrop_shadow
    if behind is not None:
        behind = 1 - BACKDROP_SHADOW_WEIGHT * (1 - behind)
    return min((share for share in (face, behind) if share is not None), default=None)


def lens_light(seen: Observation) -> float | None:
    """What glasses let through; 1 where none are worn."""
    if seen.glasses is None:
        return None
    if not wears_glasses(seen.glasses, seen.coverage):
        return 1.0
    opaque = 0.0 if seen.coverage is None else seen.coverage.lens_darkness
    return max(min(seen.glasses.transmission, 1 - OPAQUE_WEIGHT * opaque), 0.0)


def glare(seen: Observation) -> float | None:
    """What of the eyes' zone glasses mirror over; 0 where none are worn."""
    if seen.glasses is None:
        return None
    return seen.glasses.mirrored if wears_glasses(seen.glasses, seen.coverage) else 0.0


def frame_over_eyes(seen: Observation) -> float | None:
    """What of a rim lies across the eyes; what does so without glasses is another rule's."""
    if seen.coverage is None:
        return None
    return seen.coverage.frame if wears_glasses(seen.glasses, seen.coverage) else 0.0


def covered_eyes(seen: Observation) -> float | None:
    """What lies over the eyes; what is dark before both are glasses, another rule's."""
    if seen.coverage is None:
        return None
    dark = seen.coverage.lens_darkness > OPAQUE_LENSES or (
        seen.glasses is not None and seen.glasses.transmission < DARK_LENSES
    )
    return 0.0 if dark and wears_glasses(seen.glasses, seen.coverage) else seen.coverage.eyes


def not_measured(_: Observation) -> float | None:
    """What nobody can see, so that it is asked."""
    return None
