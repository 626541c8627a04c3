"""The guide's screen: a mirror, an outline to stand in, and one thing to do."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.display import theme
from kiosk.display.canvas import LEADING, WIDTH, Box, Canvas, Overlay
from kiosk.display.parts import TITLE_SIZE, secondary_button
from kiosk.display.state import ScreenState
from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.rules import Told, find_rule

Line = NDArray[np.float64]
"""Points, n × 2."""

DIMMING = 110
"""How much what lies outside the outline is darkened, of 255."""

MIRROR = Box(66, 344, 948, 1264)
"""Where the preview stands: 3:4, as the camera gives it."""

TICKS_ACROSS = 12
"""Ticks in a row."""


def guide(canvas: Canvas, state: ScreenState) -> None:
    """Draw the guide's screen."""
    holding = state.visit.held_since is not None
    _draw_mirror(canvas, state, holding)
    if holding:
        _write_hold(canvas, state.visit.progress(state.at))
    else:
        _write_instruction(canvas, _choose_instruction(state))
    if state.visit.assessment is not None:
        told = state.visit.instruction
        _draw_ticks(canvas, state.visit.assessment, told.rule if told else None)
    secondary_button(canvas, "cancel", Box(634, 1690, 380, 160))


def _choose_instruction(state: ScreenState) -> Told:
    """The one thing to say now, and its icon."""
    visit = state.visit
    rules = visit.assessment.rules if visit.assessment is not None else ()
    told = visit.instruction
    if told is None:
        # Nothing is the student's to mend: what is not good yet is being mended for them.
        mending = next((rule for rule in rules if rule.hinders), None)
        if mending is None:
            return Told("guide.outline", "person")
        if mending.who == "lamps":
            return Told("guide.lamps", "lamp")
        return find_rule(mending.id).told(mending.direction)
    return find_rule(told.rule).told(told.direction)


def _write_instruction(canvas: Canvas, told: Told) -> None:
    """Write an instruction beside its icon, which stands on the side that it points to."""
    large, small = canvas.phrase(told.phrase)
    right = told.icon.endswith("_right")
    radius, gap = 80.0, 30.0
    most = WIDTH - 2 * 40 - 2 * radius - gap
    size = float(TITLE_SIZE)
    if len(canvas.wrap(large, size, most, "bold")) > 1:
        # Two lines share the height of one.
        size *= 0.72
    size = canvas.fit(large, size, most, "bold", lines=2)
    lines = canvas.wrap(large, size, most, "bold")
    wide = max(canvas.measure(line, size, "bold") for line in lines) + 8
    left = (WIDTH - wide - 2 * radius - gap) / 2
    x = left if right else left + 2 * radius + gap
    y = 164 - (len(lines) * size * LEADING + 70) / 2
    below = canvas.text(large, x, y, wide, size, weight="bold")
    beside = small.replace("\n", "  ")  # a break is meant for the large one
    canvas.text(beside, 48, below + 14, WIDTH - 96, 52, colour=theme.QUIET, lines=1)
    centre = left + wide + gap + radius if right else left + radius
    canvas.badge(told.icon, centre, (y + below) / 2, radius)


def _write_hold(canvas: Canvas, progress: float) -> None:
    large, small = canvas.phrase("guide.hold")
    radius, gap = 80.0, 44.0
    size = canvas.fit(large, TITLE_SIZE, WIDTH - 2 * 40 - 2 * radius - gap, "bold", lines=1)
    wide = canvas.measure(large, size, "bold") + 8
    left = (WIDTH - wide - 2 * radius - gap) / 2
    y = 164 - (size * LEADING + 70) / 2
    below = canvas.text(large, left + 2 * radius + gap, y, wide, size, weight="bold", lines=1)
    canvas.text(small, 48, below + 14, WIDTH - 96, 52, colour=theme.QUIET, lines=1)
    x, middle = left + radius, (y + below) / 2
    canvas.badge("check", x, middle, radius - 22, theme.GOOD)
    canvas.ring(x, middle, radius - 6, 1.0, theme.LINE, 12)
    canvas.ring(x, middle, radius - 6, progress, theme.GOOD, 12)


def _draw_mirror(canvas: Canvas, state: ScreenState, holding: bool) -> None:
    if state.preview is None:
        canvas.panel(MIRROR, theme.TINT, radius=44)
    else:
        canvas.picture(state.preview, MIRROR, mirrored=True)
    canvas.overlay(_solid_outline if holding else _dashed_outline, MIRROR)
    canvas.round_off(MIRROR, 44)
    if holding:
        canvas.badge("check", MIRROR.x + 0.71 * MIRROR.width, MIRROR.y + 204, 54, theme.GOOD)


def _draw_ticks(canvas: Canvas, assessment: Assessment, told: str | None) -> None:
    """Show a tick for each rule that binds and holds, and a ring for each that does not yet."""
    binding = [rule for rule in assessment.rules if rule.good is not None or rule.refuses]
    across = min(max(len(binding), 1), TICKS_ACROSS)
    step = 500.0 / TICKS_ACROSS
    for place, rule in enumerate(binding):
        row, column = divmod(place, across)
        x, y = MIRROR.x + step * (column + 0.5), 1742.0 + step * row
        radius = step * 0.4
        if not rule.hinders:
            canvas.badge("check", x, y, radius, theme.GOOD)
        else:
            colour = theme.ACCENT if rule.id == told else theme.QUIET
            canvas.ring(x, y, radius - 3, 1.0, colour, 6)
            if rule.id == told:
                canvas.disc(x, y, radius * 0.45, theme.ACCENT)


# ---- the outline; parts of the mirror's width and height ----

HEAD_CENTRE = (0.5, 0.395)
"""The middle of the head: where a face lies that the photo is cut around."""

HEAD_AXES = (0.235, 0.245)
"""Half of the head's width and height."""

NECK_ANGLE = 42.0
"""Degrees from the chin at which the neck meets the head."""

SHOULDER_CURVE = ((0.65, 0.65), (0.76, 0.685), (0.985, 0.665), (0.985, 1.02))
"""The right shoulder from the neck to the lower edge: a Bézier curve."""


def _dashed_outline(width: int, height: int) -> Overlay:
    """Dim what lies beside a dashed outline."""
    outline = _outline(width, height)
    line = round(width * 0.011)
    overlay = _dim_outside(outline, width, height)
    dashes = _cut_dashes(outline, width * 0.04)
    _draw_lines(overlay, dashes, theme.INK, line + round(width * 0.006))
    _draw_lines(overlay, dashes, theme.CARD, line)
    return overlay


def _solid_outline(width: int, height: int) -> Overlay:
    """Dim what lies beside a solid outline of the good colour, edged in white."""
    outline = _outline(width, height)
    overlay = _dim_outside(outline, width, height)
    _draw_lines(overlay, [outline], theme.CARD, round(width * 0.026))
    _draw_lines(overlay, [outline], theme.GOOD, round(width * 0.016))
    return overlay


def _outline(width: int, height: int) -> Line:
    """The outline of head and shoulders, from the lower left to the lower right."""
    turn = np.radians(np.linspace(90 + NECK_ANGLE, 450 - NECK_ANGLE, 90))
    head = np.stack(
        (
            HEAD_CENTRE[0] + HEAD_AXES[0] * np.cos(turn),
            HEAD_CENTRE[1] + HEAD_AXES[1] * np.sin(turn),
        ),
        axis=1,
    )
    t = np.linspace(0, 1, 60)[:, None]
    a, b, c, d = (np.array(point) for point in SHOULDER_CURVE)
    right = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
    left = np.stack((1 - right[:, 0], right[:, 1]), axis=1)[::-1]
    return np.concatenate((left, head, right)) * (width, height)


def _cut_dashes(line: Line, length: float) -> list[Line]:
    """Cut a line into dashes, each `length` long, with gaps as long."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    count = max(round(along[-1] / (2 * length)), 1)
    pitch = along[-1] / count
    dashes = []
    for number in range(count):
        at = np.linspace(number + 0.25, number + 0.75, 8) * pitch
        dashes.append(np.stack([np.interp(at, along, line[:, n]) for n in (0, 1)], axis=1))
    return dashes


def _dim_outside(outline: Line, width: int, height: int) -> Overlay:
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [_to_fixed_point(outline)], 255, cv2.LINE_AA, _FRACTION_BITS)
    overlay = np.empty((height, width, 4), np.uint8)
    overlay[..., :3] = theme.INK
    overlay[..., 3] = (255 - inside.astype(np.uint16)) * DIMMING // 255
    return overlay


def _draw_lines(overlay: Overlay, lines: list[Line], colour: theme.Colour, thickness: int) -> None:
    drawn = np.zeros(overlay.shape[:2], np.uint8)
    fixed = [_to_fixed_point(line) for line in lines]
    cv2.polylines(drawn, fixed, False, 255, max(thickness, 1), cv2.LINE_AA, _FRACTION_BITS)
    touched = drawn > 0
    cover = drawn[touched][:, None] / 255
    overlay[touched, :3] = overlay[touched, :3] * (1 - cover) + np.array(colour) * cover
    overlay[..., 3] = np.maximum(overlay[..., 3], drawn)


_FRACTION_BITS = 4
"""OpenCV takes coordinates as integers whose last bits are fractions of a pixel."""


def _to_fixed_point(line: Line) -> NDArray[np.int32]:
    return np.asarray(np.rint(line * 2**_FRACTION_BITS), np.int32)
