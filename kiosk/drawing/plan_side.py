"""One person in the booth, from the side, to scale."""

import math

from kiosk.building.arrangement import (
    BACKDROP,
    BACKDROP_HEIGHTS,
    KEY_LAMP,
    KEY_LAMP_ANGLE,
    KEYS,
    LEDGE,
    READER,
    WITH_LEDGE,
    frame_edges,
)
from kiosk.building.lens import HQ_10
from kiosk.building.people import Person
from kiosk.drawing.plan_shapes import (
    AMBER,
    BLUE,
    BODY,
    DARK,
    GREEN,
    PALE,
    RED,
    SEEN,
    SEEN_EDGE,
    SKIN,
    STEEL,
    View,
    draw_balloon,
    draw_box,
    draw_limb,
)
from kiosk.drawing.svg import FAINT, Drawing, Point


def draw_side(drawing: Drawing, view: View, person: Person, screen: tuple[float, float]) -> None:
    """The booth with this person; `screen` is its width and height."""
    eyes, lens = person.eyes, WITH_LEDGE.lens
    at = view.at
    drawing.path([at(-1.05, 0), at(1.6, 0)], ink=DARK, thick=2)
    low, high = BACKDROP_HEIGHTS
    drawing.path([at(BACKDROP, low), at(BACKDROP, high)], ink=BLUE, thick=6)
    drawing.path([at(BACKDROP, 0), at(BACKDROP, low)], ink=FAINT)
    draw_box(drawing, view, -0.68, 0.2, -0.58, 0.3, fill=AMBER)
    # What the camera sees, and where they look.
    lower, upper = frame_edges(eyes, BACKDROP, HQ_10.field(lens)[1])
    cone = [at(lens, eyes), at(BACKDROP, upper), at(BACKDROP, lower)]
    drawing.path(cone, ink=SEEN_EDGE, fill=SEEN, thick=1, closed=True)
    if person.seat is not None and not person.wheels:
        drawing.path([at(-0.08, 0.02), at(-0.08, person.seat)], ink=DARK, thick=6)
        draw_box(drawing, view, -0.25, person.seat - 0.05, 0.10, person.seat, fill=DARK)
        drawing.path([at(-0.28, 0.01), at(0.12, 0.01)], ink=DARK, thick=4)
    _draw_person(drawing, view, person)
    drawing.path([at(0, eyes), at(lens, eyes)], ink="#1565c0", thick=1.2, dashes="6 4")
    # The ledge on its post, and the column.
    draw_box(drawing, view, LEDGE.front, LEDGE.underside, LEDGE.back, LEDGE.top, fill=STEEL)
    draw_box(drawing, view, LEDGE.back, LEDGE.underside, LEDGE.post, LEDGE.underside + 0.05,
         fill=STEEL)  # fmt: skip
    draw_box(drawing, view, LEDGE.post, 0.0, LEDGE.post + 0.08, LEDGE.underside + 0.05, fill=STEEL)
    draw_box(
        drawing, view, KEYS[0] - 0.03, LEDGE.top, KEYS[0] + 0.03, LEDGE.top + 0.015, fill=GREEN
    )
    draw_box(drawing, view, READER[0] - 0.05, LEDGE.top - 0.02, READER[0] + 0.05, LEDGE.top + 0.03,
         fill=RED)  # fmt: skip
    draw_box(drawing, view, lens + 0.06, 0.0, lens + 0.14, 2.05, fill=PALE)
    top = eyes - WITH_LEDGE.below_lens
    draw_box(drawing, view, lens, top - screen[1], lens + 0.05, top, fill=DARK)
    draw_box(drawing, view, lens, eyes - 0.03, lens + 0.07, eyes + 0.03, fill=DARK)
    draw_box(drawing, view, lens, eyes + 0.1, lens + 0.04, eyes + 0.3, fill=AMBER)
    draw_box(drawing, view, lens + 0.15, eyes - 0.3, lens + 0.21, eyes - 0.12, fill=GREEN)
    # A key lamp stands aside, nearer than the column.
    aside = _lamp_height(person)
    x = KEY_LAMP * math.cos(math.radians(KEY_LAMP_ANGLE))
    corners = [(x, aside - 0.3), (x + 0.05, aside - 0.3), (x + 0.05, aside + 0.3), (x, aside + 0.3)]
    drawing.path([at(*corner) for corner in corners], ink="#b45f06", dashes="4 3", closed=True,
                 thick=1.2)  # fmt: skip
    _draw_numbers(drawing, view, person)
    drawing.dimension(at(BACKDROP, -0.12), at(0, -0.12), "1.00")
    drawing.dimension(at(0, -0.12), at(lens, -0.12), f"{lens:.2f}")
    drawing.path([at(0, 0), at(0, -0.16)], ink=FAINT, thick=1)
    drawing.path([at(lens, 0), at(lens, -0.16)], ink=FAINT, thick=1)
    drawing.dimension(at(1.52, 0), at(1.52, eyes), f"{eyes:.2f}")
    drawing.dimension(at(0.74, 0), at(0.74, LEDGE.underside), f"{LEDGE.underside:.2f}", above=False)
    drawing.dimension(at(LEDGE.front, -0.30), at(LEDGE.post, -0.30),
                      f"{LEDGE.post - LEDGE.front:.2f}", above=False)  # fmt: skip
    drawing.dimension(at(0, -0.30), at(LEDGE.front, -0.30), f"{LEDGE.front:.2f}", above=False)


def _lamp_height(person: Person) -> float:
    """Of a key lamp's middle: as high as the shoulders (M)."""
    return round(person.shoulder[1], 2)


def _draw_person(drawing: Drawing, view: View, person: Person) -> None:
    at, eyes = view.at, person.eyes
    shoulder = person.shoulder
    if person.wheels:
        for x, radius, thick in ((-0.22, 0.30, 3), (0.34, 0.09, 3)):
            _ring(drawing, view, x, radius, radius, thick)
        drawing.path([at(-0.27, 0.95), at(-0.24, 0.46), at(0.3, 0.46), at(0.42, 0.12),
                      at(0.62, 0.12)], ink=DARK, thick=4)  # fmt: skip
    neck, hip_x = (-0.08, eyes - 0.1), -0.09
    hip_z = (person.seat if person.seat is not None else 0.50 * eyes) + 0.09
    draw_limb(drawing, view, [(hip_x, hip_z), shoulder], 0.21)
    draw_limb(drawing, view, [shoulder, neck], 0.10)
    if person.seat is not None:
        knee = (person.knees - 0.06, person.lap - 0.08 if person.wheels else person.seat + 0.06)
        heel = (person.toes - 0.2, 0.16 if person.wheels else 0.05)
        draw_limb(drawing, view, [(hip_x, hip_z), knee, heel], 0.13)
        draw_limb(drawing, view, [heel, (person.toes - 0.04, heel[1] - 0.02)], 0.07)
    else:
        draw_limb(drawing, view, [(hip_x, hip_z), (-0.05, 0.5), (-0.09, 0.06)], 0.15)
        draw_limb(drawing, view, [(-0.09, 0.04), (0.1, 0.03)], 0.07)
    x, z = at(-0.085, eyes + 0.02)
    drawing.circle(x, z, 0.115 * view.scale, ink=BODY, fill=SKIN)
    nose = [at(0.015, eyes + 0.01), at(0.045, eyes - 0.05), at(0.015, eyes - 0.06)]
    drawing.path(nose, ink=BODY, fill=SKIN, closed=True, thick=1)
    ex, ez = at(0.0, eyes)
    drawing.circle(ex, ez, 2.2, ink=DARK, fill=DARK)
    draw_limb(drawing, view, _arm(person, (KEYS[0], LEDGE.top + 0.02)), 0.07, ink="#95a3b3")


def _arm(person: Person, hand: Point) -> list[Point]:
    """From the shoulder over the elbow to the hand, or as far towards it as they reach."""
    start = person.shoulder
    half = person.reach / 2
    far = math.dist(start, hand)
    if far >= person.reach:
        part = person.reach / far
        hand = (start[0] + (hand[0] - start[0]) * part, start[1] + (hand[1] - start[1]) * part)
        return [start, hand]
    middle = ((start[0] + hand[0]) / 2, (start[1] + hand[1]) / 2)
    off = math.sqrt(half**2 - (far / 2) ** 2)
    along = ((hand[0] - start[0]) / far, (hand[1] - start[1]) / far)
    return [start, (middle[0] + along[1] * off, middle[1] - along[0] * off), hand]


def _draw_numbers(drawing: Drawing, view: View, person: Person) -> None:
    eyes, lens = person.eyes, WITH_LEDGE.lens
    places: list[tuple[int, Point, Point]] = [
        (1, (BACKDROP, 0.62), (-0.86, 0.62)),
        (2, (-0.63, 0.3), (-0.63, 0.44)),
        (4, (KEYS[0] + 0.06, LEDGE.top + 0.03), (0.56, 1.0)),
        (5, (LEDGE.post + 0.04, 0.4), (1.06, 0.4)),
        (6, (lens, eyes), (lens - 0.18, eyes + 0.11)),
        (7, (lens, eyes - 0.25), (lens - 0.16, eyes - 0.25)),
        (11, (lens + 0.18, eyes - 0.3), (lens + 0.18, eyes - 0.43)),
        (8, (lens + 0.02, eyes + 0.3), (lens - 0.1, eyes + 0.33)),
        (9, (1.08, _lamp_height(person) + 0.3), (0.94, _lamp_height(person) + 0.5)),
    ]
    if person.seat is not None and not person.wheels:
        places.append((3, (-0.08, 0.3), (-0.25, 0.3)))
    for number, thing, place in places:
        drawing.path([view.at(*thing), view.at(*place)], ink=FAINT, thick=1)
        draw_balloon(drawing, *view.at(*place), number)


def _ring(drawing: Drawing, view: View, x: float, z: float, radius: float, thick: float) -> None:
    points = [
        view.at(
            x + radius * math.cos(turn * math.pi / 16), z + radius * math.sin(turn * math.pi / 16)
        )
        for turn in range(32)
    ]
    drawing.path(points, ink=DARK, thick=thick, closed=True)
