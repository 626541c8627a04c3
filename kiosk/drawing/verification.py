"""A verified photo, enlarged, with what was measured drawn on it and every finding listed."""

import numpy as np
from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.display.text import Weight, face
from kiosk.drawing.assessment import GOOD, IDLE, INK, PAPER, WRONG
from kiosk.pipeline.specification import Bounds, Geometry
from kiosk.pipeline.verify.outline import FRINGE
from kiosk.pipeline.verify.verify import Finding, Measured, Verification

ENLARGED, LARGE = 2, 1000
"""Pixels of the sheet for each of the photo's: enough to see a fringe, and to read beside it. A
photo of more than LARGE rows is shown as it is."""

PANEL, ROW, LEAST = 760, 52, 1280
"""Columns of the list beside the photo, rows for each finding, and the sheet's least rows."""

SHOWN = 12
"""Faults of the background that are ringed: a photo with more is not read one by one."""

_Colour = tuple[int, int, int]
_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_DARK: _Colour = (0, 32, 76)
_BRIGHT: _Colour = (255, 222, 60)

NAMES = {
    "format": ("文件格式", "format"),
    "metadata": ("附加信息", "metadata"),
    "width": ("宽度", "width, px"),
    "height": ("高度", "height, px"),
    "aspect": ("宽高比", "aspect 3:4"),
    "bytes": ("文件大小", "bytes"),
    "quality": ("压缩质量", "JPEG quality"),
    "resolution": ("分辨率", "resolution"),
    "background": ("背景均匀", "plain background"),
    "background_colour": ("背景颜色", "its colour, codes off"),
    "fringe": ("边缘色晕", "fringe, ΔE"),
    "hard_edge": ("边缘生硬", "hard edge"),
    "faces": ("人脸数", "faces"),
    "head_top": ("头顶位置", "top of the hair"),
    "eye_line": ("眼睛位置", "line of the eyes"),
    "face_width": ("脸宽", "width of the face"),
    "midline": ("左右居中", "midline"),
    "eye_roll": ("两眼水平", "roll, degrees"),
}
"""What each finding is called."""


def draw(verification: Verification, geometry: Geometry) -> Picture:
    """Give the sheet: the photo with its measures, and the list of findings to its right.

    A file that holds no photo gives the list alone. Raises FontError without the booth's font.
    """
    measured = verification.measured
    size = (0, 0)
    if measured is not None:
        times = _times(measured)
        size = measured.picture.shape[1] * times, measured.picture.shape[0] * times
    sheet = Image.new("RGB", (size[0] + PANEL, max(size[1], LEAST)), PAPER)
    if measured is not None:
        photo = Image.fromarray(measured.picture).resize(size, Image.Resampling.NEAREST)
        sheet.paste(_measures(photo, measured, verification, geometry))
    _list(sheet, verification, size[0] + 30)
    return np.array(sheet, np.uint8)


def _times(measured: Measured) -> int:
    return ENLARGED if measured.picture.shape[0] <= LARGE else 1


def _measures(
    photo: Image.Image, measured: Measured, verification: Verification, geometry: Geometry
) -> Image.Image:
    (width, height), times = photo.size, _times(measured)
    found = {finding.id: finding for finding in verification.findings}
    spot = measured.face
    middle = width / 2
    top, eyes = _span(geometry.head_top, height), _span(geometry.eye_line, height)
    centre = _span(geometry.midline, width, middle)
    cheeks = eyes[1], min(eyes[1] + 0.14 * height, height - 1)
    bands: list[_Box] = [(0.0, top[0], width, top[1]), (0.0, eyes[0], width, eyes[1])]
    bands.append((centre[0], 0.0, centre[1], height))
    if spot is not None:
        middle = spot.midline * times
        for side in (-0.5, 0.5):
            near, far = sorted(middle + side * width * bound for bound in geometry.face_width)
            bands.append((near, cheeks[0], far, cheeks[1]))
    photo = _bands(photo, bands)
    _halo(photo, measured)
    pen = ImageDraw.Draw(photo)
    if measured.crown is not None:
        _across(photo, measured.crown * times, found["head_top"])
    if spot is not None:
        _across(photo, spot.eye_line * times, found["eye_line"])
        colour = _colour(found["midline"])
        pen.line([(middle, top[0]), (middle, height)], colour, 3)
        for x in (spot.cheek_left[0] * times, spot.cheek_right[0] * times):
            pen.line([(x, cheeks[0]), (x, cheeks[1])], _colour(found["face_width"]), 4)
        _label(photo, (middle + 8, height - 22), found["midline"])
        _label(photo, (bands[-1][0], cheeks[1] + 20), found["face_width"])
    _faults(photo, measured)
    return photo


def _span(bounds: Bounds, length: float, start: float = 0.0) -> tuple[float, float]:
    return start + bounds[0] * length, start + bounds[1] * length


def _bands(photo: Image.Image, bands: list[_Box]) -> Image.Image:
    """Tint where the specification allows each measure to lie, with a thin edge."""
    tint = Image.new("RGBA", photo.size, (0, 0, 0, 0))
    for band in bands:
        veil = Image.new("RGBA", photo.size, (0, 0, 0, 0))
        ImageDraw.Draw(veil).rectangle(band, fill=(*GOOD, 30), outline=(*GOOD, 170))
        tint.alpha_composite(veil)
    return Image.alpha_composite(photo.convert("RGBA"), tint).convert("RGB")


def _halo(photo: Image.Image, measured: Measured) -> None:
    """Colour the outline: dark where it is a mix of person and background, bright where not."""
    pen, times = ImageDraw.Draw(photo), _times(measured)
    outline = measured.outline
    for x, y, halo in zip(outline.columns, outline.rows, outline.halo, strict=True):
        at = int(x) * times, int(y) * times
        pen.rectangle((*at, at[0] + times, at[1] + times), _ramp(float(halo)))


def _ramp(halo: float) -> _Colour:
    """Give the colour of a ΔE: all the way to bright at twice what is allowed."""
    share = min(halo / (2 * FRINGE[1]), 1.0)
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(_DARK, _BRIGHT, strict=True))
    return red, green, blue


def _across(photo: Image.Image, y: float, finding: Finding) -> None:
    """Draw a measured line, broken where the finding does not hold."""
    pen, step = ImageDraw.Draw(photo), photo.width / 24
    for number in range(24):
        end = (number + (1 if finding.ok else 0.5)) * step
        pen.line([(number * step, y), (end, y)], _colour(finding), 3)
    _label(photo, (10, y - 20), finding)


def _label(photo: Image.Image, at: tuple[float, float], finding: Finding) -> None:
    """Write a finding's name and value, its middle at `at`, on paper of its own."""
    chinese, english = NAMES[finding.id]
    text = f"{chinese} {english} {_value(finding)}"
    left, middle = round(at[0]), round(at[1])
    wide = round(face("regular").width(text, 20)) + 40
    left = max(min(left, photo.width - wide), 0)
    ImageDraw.Draw(photo).rectangle((left, middle - 15, left + wide, middle + 15), PAPER)
    _sign(photo, (left + 16, middle), finding.ok, 7)
    _write(photo, (left + 32, middle), text, 20, INK)


def _faults(photo: Image.Image, measured: Measured) -> None:
    """Paint what is wrong with the background, and ring its worst places, numbered."""
    plain = measured.plain
    painted = Image.fromarray(plain.faulty).resize(photo.size, Image.Resampling.NEAREST)
    photo.paste(Image.new("RGB", photo.size, WRONG), mask=painted)
    pen, times = ImageDraw.Draw(photo), _times(measured)
    for number, fault in enumerate(plain.faults[:SHOWN], 1):
        x, y = fault.x * times, fault.y * times
        reach = 22
        pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], None, INK, 3)
        left = x + reach + 4 if x < photo.width - 70 else x - reach - 38
        ImageDraw.Draw(photo).rectangle((left - 3, y - 14, left + 32, y + 14), PAPER)
        _write(photo, (left + 2, y), str(number), 22, INK, "bold")


def _list(sheet: Image.Image, verification: Verification, left: int) -> None:
    chinese, english = ("合格", "accepted") if verification.accepted else ("不合格", "refused")
    _write(sheet, (left, 42), f"{chinese}  {english}", 36, INK, "bold")
    y = 104
    for finding in verification.findings:
        zh, en = NAMES[finding.id]
        colour = _colour(finding)
        _sign(sheet, (left + 14, y), finding.ok, 12)
        _write(sheet, (left + 40, y), zh, 24, INK, "bold" if finding.ok is False else "regular")
        _write(sheet, (left + 170, y), en, 18, IDLE)
        _write(sheet, (left + 390, y), _value(finding), 24, colour, "bold")
        _write(sheet, (left + 520, y), _bounds(finding), 18, IDLE)
        y += ROW
    y = _reasons(sheet, verification, left, y + 8)
    if verification.measured is not None:
        _key(sheet, left, y + 24)


def _reasons(sheet: Image.Image, verification: Verification, left: int, y: int) -> int:
    for reason in filter(None, (finding.reason for finding in verification.findings)):
        for line in face("regular").wrap(reason, 18, PANEL - 70):
            _write(sheet, (left, y), line, 18, INK)
            y += 26
    return y


def _key(sheet: Image.Image, left: int, y: int) -> None:
    """Explain the outline's colours."""
    pen = ImageDraw.Draw(sheet)
    most = 2 * FRINGE[1]
    for step in range(200):
        pen.rectangle((left + step, y - 10, left + step, y + 10), _ramp(most * step / 199))
    _write(sheet, (left + 214, y), f"边缘色晕 fringe along the outline, ΔE 0–{most:g}", 18, INK)


def _sign(sheet: Image.Image, at: tuple[int, int], ok: bool | None, reach: int) -> None:
    """A disc for what holds, a cross for what does not, a bar for what was not judged."""
    pen = ImageDraw.Draw(sheet)
    x, y = at
    if ok is None:
        pen.line([(x - reach, y), (x + reach, y)], IDLE, 4)
    elif ok:
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), GOOD)
    else:
        for rise in (-reach, reach):
            pen.line([(x - reach, y - rise), (x + reach, y + rise)], WRONG, 5)


def _value(finding: Finding) -> str:
    if finding.value is None:
        return "–"
    if finding.bounds is None:
        return "正确 right" if finding.ok else "有误 wrong"
    return _number(finding.value)


def _bounds(finding: Finding) -> str:
    return "" if finding.bounds is None else " – ".join(map(_number, finding.bounds))


def _number(value: float) -> str:
    """Write a number with what digits say something: 56,117 and 27.9 and 0.408."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    text = f"{value:z,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def _colour(finding: Finding) -> _Colour:
    if finding.ok is None:
        return IDLE
    return GOOD if finding.ok else WRONG


def _write(
    sheet: Image.Image,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: _Colour,
    weight: Weight = "regular",
) -> None:
    """Write one line, `at` the middle of its left end."""
    mask = face(weight).mask(text, size, size * 2)
    sheet.paste(colour, (round(at[0]), round(at[1]) - size), mask)
