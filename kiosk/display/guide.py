"""The guide's screen: a mirror, an outline to stand in, and one thing to do."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.display import theme
from kiosk.display.canvas import LEADING, WIDTH, Box, Canvas, Overlay
from kiosk.display.parts import TITLE, secondary
from kiosk.display.state import ScreenState
from kiosk.pipeline.assessment import Assessment
from kiosk.visit import Instruction
from kiosk.words.catalogue import words
from kiosk.words.phrase import Words

Line = NDArray[np.float64]
"""Points, n × 2."""

DIM = 110
"""How much what lies outside the outline is darkened, of 255."""

MIRROR = Box(66, 344, 948, 1264)
"""Where the preview stands: 3:4, as the camera gives it."""

TICKS_ACROSS = 12
"""Ticks in a row."""

ICONS: dict[tuple[str, str], str] = {
    ("one_face", "low"): "person",
    ("one_face", "high"): "one_person",
    ("face_size", "low"): "closer",
    ("face_size", "high"): "back",
    # The mirror shows the student's own left on the left.
    ("centred", "low"): "arrow_left",
    ("centred", "high"): "arrow_right",
    ("yaw", "low"): "turn_left",
    ("yaw", "high"): "turn_right",
    ("roll", "low"): "tilt_left",
    ("roll", "high"): "tilt_right",
    ("eyes_open", "low"): "eye",
    ("mouth_closed", "high"): "lips",
    ("even_light", "low"): "lamp",
    ("even_light", "high"): "lamp",
    ("exposure", "low"): "lamp",
    ("exposure", "high"): "lamp",
    ("shadow", "low"): "lamp",
    ("highlight", "high"): "lamp",
    ("gaze", "high"): "lens",
    ("red_eye", "high"): "lens",
    ("neutral", "high"): "lips",
    ("bareheaded", "high"): "no_hat",
    ("brows_clear", "high"): "hair",
    ("ears_visible", "high"): "hair",
    ("glasses_tint", "low"): "glasses",
    ("glare", "high"): "glasses",
    ("clothes_colour", "low"): "shirt",
    ("clothes_pattern", "high"): "shirt",
    ("background", "high"): "one_person",
}
"""What shows what to do for (rule's id, side); a rule without one shows a person."""


def guide(canvas: Canvas, scene: ScreenState) -> None:
    """Draw the guide's screen."""
    holding = scene.visit.held_since is not None
    _mirror(canvas, scene, holding)
    if holding:
        _hold(canvas, scene.visit.progress(scene.at))
    else:
        said, icon = _told(scene)
        _instruction(canvas, said, icon)
    if scene.visit.assessment is not None:
        told = scene.visit.instruction
        _ticks(canvas, scene.visit.assessment, told.rule if told else None)
    secondary(canvas, "cancel", Box(634, 1690, 380, 160))


def _told(scene: ScreenState) -> tuple[Words, str]:
    """Give the one thing to say now, and its icon."""
    visit = scene.visit
    rules = visit.assessment.rules if visit.assessment is not None else ()
    told = visit.instruction
    if told is None:
        # Nothing is the student's to mend: what is not good yet is being mended for them.
        mending = next((rule for rule in rules if rule.hinders), None)
        if mending is None:
            return words("guide.outline"), "person"
        if mending.who == "lamps":
            return words("guide.lamps"), "lamp"
        told = Instruction(mending.id, mending.direction)
    key = (told.rule, told.direction)
    return scene.instructions[key], ICONS.get(key, "person")


def _instruction(canvas: Canvas, said: Words, icon: str) -> None:
    """Write an instruction beside its icon, which stands on the side that it points to."""
    right = icon.endswith("_right")
    radius, gap = 80.0, 30.0
    room = WIDTH - 2 * 40 - 2 * radius - gap
    size = float(TITLE)
    lines = canvas.wrapped(said.zh, size, room, "bold")
    if len(lines) > 1:
        # Two lines share the room of one and its English.
        size *= 0.72
        lines = canvas.wrapped(said.zh, size, room, "bold")
    wide = max(canvas.measure(line, size, "bold") for line in lines) + 8
    left = (WIDTH - wide - 2 * radius - gap) / 2
    x = left if right else left + 2 * radius + gap
    y = 164 - (len(lines) * size * LEADING + 70) / 2
    below = canvas.text(said.zh, x, y, wide, size, weight="bold")
    canvas.text(said.en, 48, below + 14, WIDTH - 96, 52, colour=theme.QUIET, lines=1)
    centre = left + wide + gap + radius if right else left + radius
    canvas.badge(icon, centre, (y + below) / 2, radius)


def _hold(canvas: Canvas, progress: float) -> None:
    said = words("guide.hold")
    radius = 80.0
    wide = canvas.measure(said.zh, TITLE, "bold") + 8
    left = (WIDTH - wide - 2 * radius - 44) / 2
    y = 164 - (TITLE * LEADING + 70) / 2
    below = canvas.text(said.zh, left + 2 * radius + 44, y, wide, TITLE, weight="bold", lines=1)
    canvas.text(said.en, 48, below + 14, WIDTH - 96, 52, colour=theme.QUIET, lines=1)
    x, middle = left + radius, (y + below) / 2
    canvas.badge("check", x, middle, radius - 22, theme.GOOD)
    canvas.ring(x, middle, radius - 6, 1.0, theme.LINE, 12)
    canvas.ring(x, middle, radius - 6, progress, theme.GOOD, 12)


def _mirror(canvas: Canvas, scene: ScreenState, holding: bool) -> None:
    if scene.preview is None:
        canvas.panel(MIRROR, theme.TINT, radius=44)
    else:
        canvas.picture(scene.preview, MIRROR, mirrored=True)
    canvas.overlay(_when_good if holding else _before, MIRROR)
    canvas.round_off(MIRROR, 44)
    if holding:
        canvas.badge("check", MIRROR.x + 0.71 * MIRROR.width, MIRROR.y + 204, 54, theme.GOOD)


def _ticks(canvas: Canvas, assessment: Assessment, told: str | None) -> None:
    """Show how many rules hold: a tick for each that binds, a ring for what does not yet."""
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

HEAD = (0.5, 0.395)
"""The middle of the head: where a face lies that the photo is cut around."""

HEAD_AXES = (0.235, 0.245)
"""Half of the head's width and height."""

NECK = 42.0
"""Degrees from the chin at which the neck meets the head."""

SHOULDER = ((0.65, 0.65), (0.76, 0.685), (0.985, 0.665), (0.985, 1.02))
"""The right shoulder from the neck to the lower edge: a Bézier curve."""


def _before(width: int, height: int) -> Overlay:
    """Dim what lies beside a dashed outline."""
    outline = _outline(width, height)
    line = round(width * 0.011)
    overlay = _dimmed(outline, width, height)
    dashes = _dashes(outline, width * 0.04)
    _draw(overlay, dashes, theme.INK, line + round(width * 0.006))
    _draw(overlay, dashes, theme.CARD, line)
    return overlay


def _when_good(width: int, height: int) -> Overlay:
    """Dim what lies beside a solid outline of the good colour, edged in white."""
    outline = _outline(width, height)
    overlay = _dimmed(outline, width, height)
    _draw(overlay, [outline], theme.CARD, round(width * 0.026))
    _draw(overlay, [outline], theme.GOOD, round(width * 0.016))
    return overlay


def _outline(width: int, height: int) -> Line:
    """Give the outline of head and shoulders, from the lower left to the lower right."""
    turn = np.radians(np.linspace(90 + NECK, 450 - NECK, 90))
    head = np.stack(
        (HEAD[0] + HEAD_AXES[0] * np.cos(turn), HEAD[1] + HEAD_AXES[1] * np.sin(turn)), axis=1
    )
    t = np.linspace(0, 1, 60)[:, None]
    a, b, c, d = (np.array(point) for point in SHOULDER)
    right = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
    left = np.stack((1 - right[:, 0], right[:, 1]), axis=1)[::-1]
    return np.concatenate((left, head, right)) * (width, height)


def _dashes(line: Line, length: float) -> list[Line]:
    """Cut a line into dashes, each `length` long, with gaps as long."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    count = max(round(along[-1] / (2 * length)), 1)
    pitch = along[-1] / count
    dashes = []
    for number in range(count):
        at = np.linspace(number + 0.25, number + 0.75, 8) * pitch
        dashes.append(np.stack([np.interp(at, along, line[:, n]) for n in (0, 1)], axis=1))
    return dashes


def _dimmed(outline: Line, width: int, height: int) -> Overlay:
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [_fixed(outline)], 255, cv2.LINE_AA, _SHIFT)
    overlay = np.empty((height, width, 4), np.uint8)
    overlay[..., :3] = theme.INK
    overlay[..., 3] = (255 - inside.astype(np.uint16)) * DIM // 255
    return overlay


def _draw(overlay: Overlay, lines: list[Line], colour: theme.Colour, thickness: int) -> None:
    drawn = np.zeros(overlay.shape[:2], np.uint8)
    fixed = [_fixed(line) for line in lines]
    cv2.polylines(drawn, fixed, False, 255, max(thickness, 1), cv2.LINE_AA, _SHIFT)
    touched = drawn > 0
    cover = drawn[touched][:, None] / 255
    overlay[touched, :3] = overlay[touched, :3] * (1 - cover) + np.array(colour) * cover
    overlay[..., 3] = np.maximum(overlay[..., 3], drawn)


_SHIFT = 4
"""OpenCV takes fractions of a pixel as integers with so many more bits."""


def _fixed(line: Line) -> NDArray[np.int32]:
    return np.asarray(np.rint(line * 2**_SHIFT), np.int32)
