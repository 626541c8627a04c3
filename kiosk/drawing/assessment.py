"""A checked picture with what was measured drawn on it: it shows why a rule did not hold."""

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.camera.frame import Picture
from kiosk.drawing.colours import INK, MUTED, PAPER, Colour, colour_of
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.observation import Face, Observation, Point

SHEET_HEIGHT = 960
"""Rows to which the picture is scaled: its text is readable and its lines are fine."""

LIST_WIDTH = 470
"""Columns of the list beside the picture."""

LEVEL_GAZE_UP = 15
"""`Face.gaze_up`, in degrees, of which the line of sight is drawn level."""


def draw_assessment(picture: Picture, seen: Observation, assessment: Assessment) -> Picture:
    """Draw the picture with its measures, and the list of its rules to its right.

    sRGB, uint8, of SHEET_HEIGHT rows; LIST_WIDTH columns wider than the picture at that height.
    """
    scale = SHEET_HEIGHT / picture.shape[0]
    width = max(round(picture.shape[1] * scale), 1)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    drawn = np.asarray(cv2.resize(picture, (width, SHEET_HEIGHT), interpolation=way), np.uint8)
    canvas = Image.new("RGB", (width + LIST_WIDTH, SHEET_HEIGHT), PAPER)
    canvas.paste(Image.fromarray(drawn))
    pen = ImageDraw.Draw(canvas)
    if seen.face is not None:
        _draw_face(pen, seen.face, scale, {rule.id: rule for rule in assessment.rules})
    _write_list(pen, assessment, width + 20)
    return np.array(canvas, np.uint8)


def _colour(rule: RuleResult | None) -> Colour:
    return colour_of(rule.ok if rule is not None else None)


def _draw_face(
    pen: ImageDraw.ImageDraw, face: Face, scale: float, rules: dict[str, RuleResult]
) -> None:
    def at(x: float, y: float) -> Point:
        return x * scale, y * scale

    reach = 0.6 * face.eye_distance
    (left, right), y = (face.eye_left, face.eye_right), face.eye_line
    slope = (left[1] - right[1]) / max(abs(left[0] - right[0]), 1e-6)
    ends = [(x, y + (x - face.midline) * slope) for x in (right[0] - reach, left[0] + reach)]
    pen.line([at(*end) for end in ends], _colour(rules.get("roll")), 2)
    for x in (face.cheek_left[0], face.cheek_right[0]):
        pen.line([at(x, y - reach), at(x, face.chin[1])], _colour(rules.get("face_size")), 2)
    top, bottom = y - 2 * reach, face.chin[1]
    pen.line([at(face.midline, top), at(face.midline, bottom)], _colour(rules.get("centred")), 2)
    for eye, opening in ((left, face.lid_opening_left), (right, face.lid_opening_right)):
        half = opening * face.eye_distance / 2
        x0, y0 = at(eye[0] - 0.22 * face.eye_distance, eye[1] - half)
        x1, y1 = at(eye[0] + 0.22 * face.eye_distance, eye[1] + half)
        pen.rectangle((x0, y0, x1, y1), outline=_colour(rules.get("eyes_open")), width=2)
        # Where the eye looks past the middle of its own corners.
        up = face.gaze_up - LEVEL_GAZE_UP
        to = eye[0] + face.gaze_aside / 30 * reach, eye[1] - up / 30 * reach
        pen.line([at(*eye), at(*to)], _colour(rules.get("gaze")), 3)
        _draw_cover(pen, at, eye, 0.36 * face.eye_distance, rules.get("eye_covered"))
    # Nose and mouth lie about midway between eyes and chin.
    middle = face.midline, (y + face.chin[1]) / 2
    _draw_cover(pen, at, middle, 0.32 * (face.chin[1] - y), rules.get("mouth_covered"))


def _draw_cover(
    pen: ImageDraw.ImageDraw,
    at: Callable[[float, float], Point],
    middle: Point,
    radius: float,
    rule: RuleResult | None,
) -> None:
    """Draw a ring about what must not be covered, where that was judged."""
    if rule is not None and rule.ok is not None:
        (left, top), (right, low) = (
            at(middle[0] + way * radius, middle[1] + way * radius) for way in (-1, 1)
        )
        pen.ellipse((left, top, right, low), outline=_colour(rule), width=2 if rule.ok else 5)


def _write_list(pen: ImageDraw.ImageDraw, assessment: Assessment, left: int) -> None:
    title, text = ImageFont.load_default(26), ImageFont.load_default(17)
    pen.text((left, 14), "pass" if assessment.passed else "fail", INK, title)
    step = (SHEET_HEIGHT - 70) / max(len(assessment.rules), 1)
    for number, rule in enumerate(assessment.rules):
        y = 58 + step * number
        said = {True: "ok", False: "FAIL", None: "not judged"}[rule.ok]
        if rule.force == "asked":
            said = "asked"
        value = "" if rule.value is None else f"{rule.value:.3g}"
        limit = None if rule.value is None else rule.limit
        bounds = "" if limit is None else f"{limit[0]:g} to {limit[1]:g}"
        pen.text((left, y), rule.id, INK, text)
        pen.text((left + 170, y), value, _colour(rule), text)
        pen.text((left + 240, y), bounds, MUTED, text)
        pen.text((left + 345, y), said, _colour(rule), text)
