"""Reflections on lenses: what of the zone around an eye mirrors a lamp, a window or a wall."""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.pipeline.light import Luminance
from kiosk.pipeline.look.patch import LIDS, Points, cut_place
from kiosk.pipeline.look.rim import FLATTER, RAYS, Field, Rim
from kiosk.pipeline.mask import Mask

EYE_DISTANCE = 98.0
"""How far apart the eyes are on the patch on which lenses are measured, px."""

# Where skin shines first: cheeks high and low on both sides, and along the nose.
_SHINING = 425, 411, 266, 205, 187, 36, 4, 5, 195

EYE_ZONE = 0.12
"""Margin around an eye's opening that has to be free, in T: twice what ISO/IEC 39794-5 asks of the
eye visibility zone."""

BRIGHT, WHITER, GREYER = 1.6, 1.1, 0.7
"""A spot is a reflection where it is BRIGHT times as bright as the zone's median and WHITER times
as bright as the white of the eye, and has at most GREYER of the zone's saturation."""

LEAST_WHITE_LIGHT = 0.4
"""White light that a reflection adds at least, as a share of the cheeks' light: no less than the
person's own skin adds where it shines."""

SHINE_PERCENTILE = 95
"""What percentile of the cheeks' and the nose's white light counts as their shine."""

COATED, LEAST_COATED_LIGHT = 1.1, 0.3
"""A coating mirrors green to blue: more than COATED times as much green as red, which neither skin
nor what shines on it gives back, with LEAST_COATED_LIGHT of the cheeks' light as white light."""

CAST = 1.8
"""How many times as green against red as skin a coating's reflection is at least, where the whole
picture is green or blue."""

COATED_EYE, LEAST_COATED_EYE_LIGHT = 1.2, 0.5
"""The same within an eye's opening, where green and blue irises are darker than half of skin: of 60
wearers and 86 others with lines like a rim, none has that on more than a twentieth of the zone."""

VEIL_WEIGHT = 0.27
"""What a px of a veil counts against one of a spot: the eye is still seen through it, and skin
around an eye is paler than cheeks by nature. Of 45 wearers without a reflection none whose cheeks
are bare had one over more than 0.21 of the zone; of four with a broad one none less than 0.34."""

LEAST_VEILED, VEILED = 35, 0.3
"""A veil lies over a part of a lens: it adds VEILED of the cheeks' light to what percentile
LEAST_VEILED of the zone has of white light."""


@dataclass(frozen=True, slots=True, eq=False)
class LensView:
    """An upright patch, as lenses are looked at on it: all in linear light, 0 to 1."""

    linear: Field
    """H x W x 3."""
    light: Luminance
    points: Points
    rims: tuple[Rim, Rim]
    skin: float
    """The cheeks' light."""


def cut_part(
    light: Field, at: tuple[float, float], aside: tuple[float, float], down: tuple[float, float]
) -> Field:
    """A part of a patch around a point, from and to so many T aside and down."""
    left, right = (at[0] + v * EYE_DISTANCE for v in aside)
    top, bottom = (at[1] + v * EYE_DISTANCE for v in down)
    return light[cut_place(top, bottom, left, right)]


def eye_zone(lid: Points, side: int, eye_distance: float) -> tuple[Mask, Mask]:
    """The zone around an eye that has to be free, and the eye's own opening, on a patch of
    side x side px with the eyes `eye_distance` px apart."""
    reach = 2 * round(EYE_ZONE * eye_distance) + 1
    rim = 2 * round(0.03 * eye_distance) + 1
    corners = np.clip(np.rint(lid), -side, 2 * side).astype(np.int32)
    # On the eye's own box and not on the whole patch: these are each frame's dearest steps.
    low, high = (np.clip(v, 0, side) for v in (corners.min(0) - reach, corners.max(0) + reach + 1))
    box = slice(low[1], high[1]), slice(low[0], high[0])
    zone, opening = (np.zeros((side, side), bool) for _ in range(2))
    if (high <= low).any():
        return zone, opening
    eye = np.zeros((high - low)[::-1], np.uint8)
    cv2.fillPoly(eye, [corners - low], 1)
    wide = cv2.dilate(eye, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    zone[box] = (wide > 0) & (cv2.dilate(eye, np.ones((rim, rim), np.uint8)) == 0)
    opening[box] = eye > 0
    return zone, opening


RIM_WIDTH = 0.05
"""What of a lens's border, in T, may be rim and not lens."""


def _within(rim: Rim, zone: Mask) -> Mask:
    """Which px of a zone lie on this side of a lens's lower border, as a flat mask of those."""
    rows, columns = np.nonzero(zone)
    aside = (columns - rim.middle[0]) * rim.outward
    down = (rows - rim.middle[1]) / FLATTER
    angle = np.arctan2(down, aside)
    angle = np.where(angle < RAYS[0], angle + 2 * np.pi, angle)
    border = np.interp(angle, RAYS, rim.reach, left=np.inf, right=np.inf)
    return np.asarray(np.hypot(aside, down) < (border - RIM_WIDTH) * EYE_DISTANCE)


def mirrored_share(view: LensView) -> float:
    """The worse eye's share of its zone that a reflection lies over; a veil counts in part."""
    parts = [
        cut_part(view.linear, tuple(view.points[at]), (-0.08, 0.08), (-0.08, 0.08))
        for at in _SHINING
    ]
    skin = np.concatenate([part.reshape(-1, 3) for part in parts])
    if not len(skin):
        return 0.0
    warmth = float(np.median(_cool(skin) / np.maximum(skin[:, 0], 1e-3)))
    white = _white_light(skin, warmth) / view.skin
    shine = max(LEAST_WHITE_LIGHT, float(np.percentile(white, SHINE_PERCENTILE)))
    return max(
        _mirrored_by(view, view.points[list(lid)], rim, warmth, shine)
        for lid, rim in zip(LIDS, view.rims, strict=True)
    )


def _mirrored_by(view: LensView, lid: Points, rim: Rim, warmth: float, shine: float) -> float:
    zone, eye = eye_zone(lid, view.light.shape[0], EYE_DISTANCE)
    if not zone.any() or not eye.any():
        return 0.0
    light, colours = view.light[zone], view.linear[zone]
    saturation = 1 - colours.min(1) / np.maximum(colours.max(1), 1e-3)
    white = _white_light(colours, warmth) / view.skin
    lens = _within(rim, zone)
    least = max(BRIGHT * np.median(light), WHITER * np.percentile(view.light[eye], 90))
    spots = lens & (white > shine) & (light > least) & (saturation < GREYER * np.median(saturation))
    coated = _greener(colours, COATED, warmth) & (white > LEAST_COATED_LIGHT)
    veiled = max(shine, float(np.percentile(white, LEAST_VEILED)) + VEILED)
    veil = lens & ((white > veiled) | coated)
    bright = view.light[eye] > LEAST_COATED_EYE_LIGHT * view.skin
    on_eye = _greener(view.linear[eye], COATED_EYE, warmth) & bright
    return max(
        float(spots.mean()),
        VEIL_WEIGHT * float(veil.mean()),
        float(on_eye.sum()) / len(light),
    )


def _cool(colours: Field) -> Field:
    """Mean of green and blue: N."""
    return np.asarray((colours[:, 1] + colours[:, 2]) / 2, np.float32)


def _greener(colours: Field, times: float, warmth: float) -> Mask:
    """Where green is more than so many times red: N."""
    return np.asarray(colours[:, 1] > max(times, CAST * warmth) * colours[:, 0])


MOST_WARMTH = 0.85
"""The skin's cool light over its red beyond which white light cannot be told from it: in a grey
picture they are alike."""


def _white_light(colours: Field, warmth: float) -> Field:
    """What of N colours is white light and not the skin's own colour: red and cool light are each a
    sum of the two, of which skin has `warmth` times as much cool as red light."""
    warmth = min(warmth, MOST_WARMTH)
    return np.asarray((_cool(colours) - warmth * colours[:, 0]) / (1 - warmth), np.float32)
