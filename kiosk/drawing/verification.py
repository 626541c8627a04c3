"""A verified photo, enlarged, with what was measured drawn on it and every finding listed."""

import numpy as np
from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.display.fonts import Weight
from kiosk.display.text import load_font
from kiosk.drawing.colours import GOOD, INK, MUTED, PAPER, WRONG, Colour, colour_of
from kiosk.pipeline.specification import Bounds, Geometry
from kiosk.pipeline.verify.verify import Finding, Measured, Verification
from kiosk.words import USUAL_LANGUAGES, phrase

ENLARGEMENT = 2
"""Pixels of the sheet, across and down, for each of the photo's: a fringe can be seen."""

ENLARGED_HEIGHT = 1000
"""A photo of more rows is shown as it is."""

LIST_WIDTH = 760
"""Columns of the list beside the photo."""

FINDING_HEIGHT = 40
"""Rows of the list for each finding."""

LEAST_HEIGHT = 1280
"""Rows of the sheet beside a small photo, so that the list fits."""

RINGED_FAULTS = 12
"""Faults of the background that are ringed: a photo with more is not read one by one."""

SPECK_RING = 4
"""The photo's pixels between a speck and its ring."""

_Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
_DARK: Colour = (0, 32, 76)
_BRIGHT: Colour = (255, 222, 60)


def draw_verification(verification: Verification, geometry: Geometry) -> Picture:
    """Draw the sheet: the photo with its measures, and the list of findings to its right.

    sRGB, uint8, H x W x 3. Of a file that holds no photo, the list alone. Raises FontError without
    the booth's font.
    """
    measured = verification.measured
    size = (0, 0)
    if measured is not None:
        times = _enlargement(measured)
        size = measured.picture.shape[1] * times, measured.picture.shape[0] * times
    sheet = Image.new("RGB", (size[0] + LIST_WIDTH, max(size[1], LEAST_HEIGHT)), PAPER)
    if measured is not None:
        photo = Image.fromarray(measured.picture).resize(size, Image.Resampling.NEAREST)
        sheet.paste(_draw_measures(photo, measured, verification, geometry))
    _write_list(sheet, verification, size[0] + 30)
    return np.array(sheet, np.uint8)


def _enlargement(measured: Measured) -> int:
    return ENLARGEMENT if measured.picture.shape[0] <= ENLARGED_HEIGHT else 1


def _draw_measures(
    photo: Image.Image, measured: Measured, verification: Verification, geometry: Geometry
) -> Image.Image:
    (width, height), times = photo.size, _enlargement(measured)
    found = {finding.id: finding for finding in verification.findings}
    spot = measured.face
    middle = width / 2
    top, eyes = _scale_bounds(geometry.head_top, height), _scale_bounds(geometry.eye_line, height)
    centre = _scale_bounds(geometry.midline, width, middle)
    cheeks = eyes[1], min(eyes[1] + 0.14 * height, height - 1)
    bands: list[_Box] = [(0.0, top[0], width, top[1]), (0.0, eyes[0], width, eyes[1])]
    bands.append((centre[0], 0.0, centre[1], height))
    if spot is not None:
        middle = spot.midline * times
        for side in (-0.5, 0.5):
            near, far = sorted(middle + side * width * bound for bound in geometry.face_width)
            bands.append((near, cheeks[0], far, cheeks[1]))
    photo = _tint_bands(photo, bands)
    _colour_outline(photo, measured, _brightest_halo(verification))
    pen = ImageDraw.Draw(photo)
    if measured.crown is not None:
        _draw_across(photo, measured.crown * times, found["head_top"])
    if spot is not None:
        _draw_across(photo, spot.eye_line * times, found["eye_line"])
        colour = colour_of(found["midline"].ok)
        pen.line([(middle, top[0]), (middle, height)], colour, 3)
        for x in (spot.cheek_left[0] * times, spot.cheek_right[0] * times):
            pen.line([(x, cheeks[0]), (x, cheeks[1])], colour_of(found["face_width"].ok), 4)
        _write_label(photo, (middle + 8, height - 22), found["midline"])
        _write_label(photo, (bands[-1][0], cheeks[1] + 20), found["face_width"])
    _ring_faults(photo, measured)
    _ring_specks(photo, measured)
    if found["roughness"].ok is False:
        _point_at_teeth(photo, measured, found["roughness"])
    return photo


def _scale_bounds(bounds: Bounds, length: float, start: float = 0.0) -> tuple[float, float]:
    return start + bounds[0] * length, start + bounds[1] * length


def _tint_bands(photo: Image.Image, bands: list[_Box]) -> Image.Image:
    """Tint where the specification allows each measure to lie, with a thin edge."""
    tint = Image.new("RGBA", photo.size, (0, 0, 0, 0))
    for band in bands:
        veil = Image.new("RGBA", photo.size, (0, 0, 0, 0))
        ImageDraw.Draw(veil).rectangle(band, fill=(*GOOD, 30), outline=(*GOOD, 170))
        tint.alpha_composite(veil)
    return Image.alpha_composite(photo.convert("RGBA"), tint).convert("RGB")


def _brightest_halo(verification: Verification) -> float:
    """The ΔE that is drawn brightest: twice what the photo's specification allows."""
    allowed = [f.bounds for f in verification.findings if f.id == "fringe" and f.bounds]
    return 2 * allowed[0][1]


def _colour_outline(photo: Image.Image, measured: Measured, brightest: float) -> None:
    """Colour the outline: dark where it is a mix of person and background, bright where not."""
    pen, times = ImageDraw.Draw(photo), _enlargement(measured)
    outline = measured.outline
    for x, y, halo in zip(outline.columns, outline.rows, outline.halo, strict=True):
        at = int(x) * times, int(y) * times
        pen.rectangle((*at, at[0] + times, at[1] + times), _halo_colour(float(halo) / brightest))


def _halo_colour(share: float) -> Colour:
    """The colour of a share of the brightest halo, from 0 (a true mix) to 1 and above."""
    share = min(share, 1.0)
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(_DARK, _BRIGHT, strict=True))
    return red, green, blue


def _draw_across(photo: Image.Image, y: float, finding: Finding) -> None:
    """Draw a measured line, broken where the finding does not hold."""
    pen, step = ImageDraw.Draw(photo), photo.width / 24
    for number in range(24):
        end = (number + (1 if finding.ok else 0.5)) * step
        pen.line([(number * step, y), (end, y)], colour_of(finding.ok), 3)
    _write_label(photo, (10, y - 20), finding)


def _write_label(photo: Image.Image, at: tuple[float, float], finding: Finding) -> None:
    """Write a finding's name and value, its middle at `at`, on paper of its own."""
    text = f"{_join(f'finding.{finding.id}')} {_value_text(finding)}"
    left, middle = round(at[0]), round(at[1])
    wide = round(load_font("regular").width(text, 20)) + 40
    left = max(min(left, photo.width - wide), 0)
    ImageDraw.Draw(photo).rectangle((left, middle - 15, left + wide, middle + 15), PAPER)
    _draw_sign(photo, (left + 16, middle), finding.ok, 7)
    _write(photo, (left + 32, middle), text, 20, INK)


def _ring_faults(photo: Image.Image, measured: Measured) -> None:
    """Paint what is wrong with the background, and ring its worst places, numbered."""
    background = measured.background
    painted = Image.fromarray(background.faulty).resize(photo.size, Image.Resampling.NEAREST)
    photo.paste(Image.new("RGB", photo.size, WRONG), mask=painted)
    pen, times = ImageDraw.Draw(photo), _enlargement(measured)
    for number, fault in enumerate(background.faults[:RINGED_FAULTS], 1):
        x, y = fault.x * times, fault.y * times
        reach = 22
        pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], None, INK, 3)
        left = x + reach + 4 if x < photo.width - 70 else x - reach - 38
        ImageDraw.Draw(photo).rectangle((left - 3, y - 14, left + 32, y + 14), PAPER)
        _write(photo, (left + 2, y), str(number), 22, INK, "bold")


def _ring_specks(photo: Image.Image, measured: Measured) -> None:
    """Ring each speck, wide enough that it is seen within."""
    pen, times = ImageDraw.Draw(photo), _enlargement(measured)
    for speck in measured.specks:
        x, y = (speck.x + 0.5) * times, (speck.y + 0.5) * times
        reach = (SPECK_RING + speck.area**0.5) * times
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), None, WRONG, 2)


def _point_at_teeth(photo: Image.Image, measured: Measured, finding: Finding) -> None:
    """Point, from outside, at the clothes' outline where it is farther off than it may be."""
    pen, times, teeth = ImageDraw.Draw(photo), _enlargement(measured), measured.teeth
    allowed = finding.bounds[1] if finding.bounds else 0.0
    for x, y, off in zip(teeth.x, teeth.y, teeth.off, strict=True):
        if abs(off) > allowed:
            across, down = float(x) * times, float(y) * times
            pen.line([(across, down - 10), (across, down - 4)], WRONG, 1)


def _write_list(sheet: Image.Image, verification: Verification, left: int) -> None:
    large, small = _texts("sheet.accepted" if verification.accepted else "sheet.refused")
    _write(sheet, (left, 42), f"{large}  {small}", 36, INK, "bold")
    y = 104
    for finding in verification.findings:
        large, small = _texts(f"finding.{finding.id}")
        colour = colour_of(finding.ok)
        _draw_sign(sheet, (left + 14, y), finding.ok, 12)
        _write(sheet, (left + 40, y), large, 24, INK, "bold" if finding.ok is False else "regular")
        _write(sheet, (left + 170, y), small, 18, MUTED)
        _write(sheet, (left + 390, y), _value_text(finding), 24, colour, "bold")
        _write(sheet, (left + 520, y), _bounds_text(finding), 18, MUTED)
        y += FINDING_HEIGHT
    y = _write_reasons(sheet, verification, left, y + 8)
    if verification.measured is not None:
        _draw_key(sheet, left, y + 24, _brightest_halo(verification))


def _write_reasons(sheet: Image.Image, verification: Verification, left: int, y: int) -> int:
    for reason in filter(None, (finding.reason for finding in verification.findings)):
        for line in load_font("regular").wrap(reason, 18, LIST_WIDTH - 70):
            _write(sheet, (left, y), line, 18, INK)
            y += 26
    return y


def _draw_key(sheet: Image.Image, left: int, y: int, brightest: float) -> None:
    """Explain the outline's colours."""
    pen = ImageDraw.Draw(sheet)
    for step in range(200):
        pen.rectangle((left + step, y - 10, left + step, y + 10), _halo_colour(step / 199))
    _write(sheet, (left + 214, y), f"{_join('sheet.fringe')} 0–{brightest:g}", 18, INK)


def _draw_sign(sheet: Image.Image, at: tuple[int, int], ok: bool | None, reach: int) -> None:
    """A disc for what holds, a cross for what does not, a bar for what was not judged."""
    pen = ImageDraw.Draw(sheet)
    x, y = at
    if ok is None:
        pen.line([(x - reach, y), (x + reach, y)], MUTED, 4)
    elif ok:
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), GOOD)
    else:
        for rise in (-reach, reach):
            pen.line([(x - reach, y - rise), (x + reach, y + rise)], WRONG, 5)


def _texts(name: str) -> tuple[str, str]:
    """The texts of a phrase, the one that is written large first."""
    return phrase(name).in_both(USUAL_LANGUAGES)


def _join(name: str) -> str:
    return " ".join(_texts(name))


def _value_text(finding: Finding) -> str:
    if finding.value is None:
        return "–"
    if finding.bounds is None:
        return _join("sheet.right" if finding.ok else "sheet.wrong")
    return _format(finding.value)


def _bounds_text(finding: Finding) -> str:
    return "" if finding.bounds is None else " – ".join(map(_format, finding.bounds))


def _format(value: float) -> str:
    """A number with as many digits as tell something: 56,117 and 27.9 and 0.408."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    text = f"{value:z,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def _write(
    sheet: Image.Image,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour,
    weight: Weight = "regular",
) -> None:
    """Write one line, `at` the middle of its left end."""
    mask = load_font(weight).mask(text, size, size * 2)
    sheet.paste(colour, (round(at[0]), round(at[1]) - size), mask)
