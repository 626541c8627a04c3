"""The guide's screens: what is said, what can be tapped, and that all of it can be read."""

from dataclasses import replace
from functools import cache
from typing import Any, get_args

import numpy as np
import pygame
import pytest

from kiosk.display.canvas import Canvas
from kiosk.display.chips import draw_sign
from kiosk.display.gallery import STUDENT, screen_states
from kiosk.display.guide_places import find_places, guide_phrases
from kiosk.display.lens_arrow import find_lens, lens_sign_box
from kiosk.display.monitor import Monitor, usual_distance
from kiosk.display.regions import find_regions
from kiosk.display.screens import draw_visit, open_canvas
from kiosk.display.shown import Shown
from kiosk.display.state import LensPlace, ScreenState, Side
from kiosk.display.theme import USUAL
from kiosk.pipeline.judge.groups import GROUPS, GroupState
from kiosk.pipeline.judge.rules import RULES, Rule
from kiosk.visit import DESTRUCTIVE, Instruction, Saying, Stage, View, told

SCREENS = (
    ((720, 1280), 7.0), ((800, 480), 7.0), ((1024, 600), 7.0), ((1280, 800), 10.1),
    ((800, 1280), 10.1), ((1920, 1080), 15.6), ((1080, 1920), 15.6),
)  # fmt: skip

MONITORS = [Monitor(pixels, inches, usual_distance(inches)) for pixels, inches in SCREENS]
SMALL, WIDE = MONITORS[0], MONITORS[1]

USUAL_VIEW = View()

PREVIEW = np.full((64, 48, 3), 120, np.uint8)


@cache
def states() -> dict[str, ScreenState]:
    named = dict(screen_states(PREVIEW))
    return {name: state for name, state in named.items() if name.startswith(("guide", "shutter"))}


def state(
    name: str,
    monitor: Monitor = SMALL,
    *,
    lens: Side = "top",
    view: View = USUAL_VIEW,
    **guidance: Any,
) -> ScreenState:
    found = states()[name]
    visit = replace(found.visit, guidance=replace(found.visit.guidance, **guidance))
    visit = replace(visit, view=view)
    return replace(found, visit=visit, monitor=monitor, lens=LensPlace(lens))


def draw(state: ScreenState) -> Canvas:
    canvas = open_canvas(pygame.Surface(state.monitor.pixels), state)
    draw_visit(canvas, state)
    return canvas


def show(name: str, monitor: Monitor = SMALL) -> Shown:
    return draw(state(name, monitor)).shown


# ---- what is said ----


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_was_decided_is_what_is_written_and_read_aloud(rule: Rule) -> None:
    told_ways = [Instruction(rule.id, "high", way=way) for way in rule.ways]
    for instruction in (*(Instruction(rule.id, side) for side in rule.told_sides), *told_ways):
        screen = state("guide-checking", saying=Saying("mend", instruction))
        shown = draw(screen).shown
        name = told(instruction).phrase
        assert shown.spoken == (name,)
        assert shown.phrases & set(guide_phrases()) == {name}


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("sit", ("guide.sit",)),
        ("come_back", ("guide.come_back",)),
        ("show_face", ("guide.show_face",)),
        ("lamps", ("guide.lamps",)),
        ("lamps_glasses", ("guide.lamps_glasses",)),
        ("checking", ("guide.checking",)),
        ("mended", ("guide.mended",)),
        ("both_hair", ("rule.hair",)),
        ("face_covered", ("rule.face_covered",)),
        ("again", ("guide.again", "rule.eyes_open")),
        ("hold", ("guide.hold",)),
        ("count-3", ("count.3",)),
        ("count-1", ("count.1",)),
    ],
)
def test_each_saying_has_its_words(name: str, spoken: tuple[str, ...]) -> None:
    shown = show(f"guide-{name}")
    assert shown.spoken == spoken
    assert shown.phrases >= set(spoken)


def test_the_guide_names_the_student_whose_turn_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    line = Canvas.line

    def listen(self: Canvas, text: str, *args: object, **settings: object) -> None:
        drawn.append(text)
        line(self, text, *args, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Canvas, "line", listen)
    for name in ("guide-yaw-low", "guide-count-2", "shutter"):
        drawn.clear()
        show(name)
        assert STUDENT.name in drawn


# ---- chips ----


@pytest.mark.parametrize("monitor", MONITORS[:2])
def test_five_chips_are_named_on_every_screen_of_the_guide(monitor: Monitor) -> None:
    for name in ("guide-sit", "guide-mended", "guide-another_way", "guide-help", "guide-count-2",
                 "shutter"):  # fmt: skip
        assert {f"chip.{group}" for group in GROUPS} <= show(name, monitor).phrases


def test_how_a_group_stands_is_told_by_shape_and_not_by_colour_alone() -> None:
    def shape(state: GroupState) -> bytes:
        surface = pygame.Surface((40, 40))
        surface.fill(USUAL.paper)
        canvas = Canvas(surface, SMALL)
        draw_sign(canvas, state, 20, 20, 16, USUAL.paper)
        marked = np.abs(pygame.surfarray.array3d(surface).astype(int) - USUAL.paper).max(axis=2)
        return np.packbits(marked > 60).tobytes()

    assert len({shape(state) for state in get_args(GroupState)}) == 3


# ---- the lens and the count ----


@pytest.mark.parametrize("monitor", MONITORS[:2])
@pytest.mark.parametrize("side", get_args(Side))
def test_mirror_and_count_are_at_the_edge_next_to_the_lens(monitor: Monitor, side: Side) -> None:
    canvas = draw(state("guide-count-3", monitor, lens=side))
    place = LensPlace(side)
    regions = find_regions(canvas, low_reach=False)
    mirror = find_places(canvas, regions, place, onward=False).mirror
    sign = lens_sign_box(canvas, place, mirror)
    number = next(written for written in canvas.written if written.text == "3")
    assert sign.rect.contains(number.rect)
    near = {
        "top": sign.y, "bottom": regions.way_out.y - sign.bottom,
        "left": sign.x, "right": canvas.width - sign.right,
    }[side]  # fmt: skip
    # In portrait the header, as everywhere, is the nearest to the buttons' row but one.
    assert near <= (1.5 if side != "bottom" else 6.0) * canvas.unit
    x, y = find_lens(canvas, place)
    assert not canvas.whole.rect.collidepoint(x, y)


def test_the_number_is_the_largest_thing_to_read() -> None:
    canvas = draw(state("guide-count-2"))
    number = next(written for written in canvas.written if written.text == "2")
    assert number.letters == max(written.letters for written in canvas.written)


def test_at_the_shutter_the_mirror_stays_and_the_lens_is_shown() -> None:
    shown = show("shutter")
    assert shown.spoken == ("shutter.title",)
    count, shutter = draw(state("guide-count-1")), draw(state("shutter"))
    places = [
        find_places(canvas, find_regions(canvas, low_reach=False), LensPlace(), onward=False)
        for canvas in (count, shutter)
    ]
    assert places[0] == places[1]


# ---- help ----


@pytest.mark.parametrize("monitor", MONITORS[:3])
def test_help_offers_what_may_be_done_and_the_way_out_stays_on_the_left(monitor: Monitor) -> None:
    help_, no_waiver = show("guide-help", monitor), show("guide-help-no_waiver", monitor)
    usual = show("guide-yaw-low", monitor)
    out = next(target.rect for target in usual.targets if target.button == "cancel")
    staffed = next(target.rect for target in help_.targets if target.button == "staffed")
    assert out == staffed
    assert help_.offers("go_on")
    assert help_.offers("as_it_is")
    assert no_waiver.offers("go_on")
    assert not no_waiver.offers("as_it_is")
    for target in help_.targets:
        if target.button in ("go_on", "as_it_is"):
            assert target.button not in DESTRUCTIVE
            assert not target.rect.colliderect(out)


def test_an_instruction_that_is_not_followed_is_shown_another_way() -> None:
    told_hat = Saying("mend", Instruction("bareheaded", "low"))
    first = state("guide-another_way", told_for={})
    later = state("guide-another_way")
    assert first.visit.saying == later.visit.saying == told_hat
    one, other = draw(first), draw(later)
    assert one.shown.spoken == other.shown.spoken
    assert "guide.another_way" in other.shown.phrases - one.shown.phrases


# ---- reading ----


@pytest.mark.parametrize("monitor", MONITORS, ids=lambda monitor: str(monitor.pixels))
def test_all_is_large_enough_and_nothing_over_anything(monitor: Monitor) -> None:
    cases: tuple[tuple[str, View, Side], ...] = (
        ("guide-full_colour", View(1), "left"),
        ("guide-help", View(1, larger=True), "top"),
        ("guide-count-3", View(0), "right"),
    )
    for name, view, lens in cases:
        canvas = draw(state(name, monitor, view=view, lens=lens))
        everything = canvas.whole.rect
        for number, written in enumerate(canvas.written):
            assert written.letters >= monitor.from_arc(written.arc) - 0.5
            assert everything.contains(written.rect)
            inked = written.rect.inflate(-4, -6)
            others = [other.rect for other in canvas.written[number + 1 :]]
            assert inked.collidelist(others) == -1


@pytest.mark.parametrize("monitor", MONITORS)
def test_what_is_said_is_at_least_twice_as_large_as_all_else_must_be(monitor: Monitor) -> None:
    canvas = draw(state("guide-yaw-low", monitor))
    assert max(written.arc for written in canvas.written) == 42
    assert max(written.letters for written in canvas.written) >= monitor.from_arc(42) - 0.5


def test_nothing_moves_while_the_guide_says_now_this_and_now_that() -> None:
    places = set()
    for name in ("guide-sit", "guide-full_colour", "guide-mended", "guide-hold"):
        canvas = draw(state(name, WIDE))
        regions = find_regions(canvas, low_reach=False)
        places.add(find_places(canvas, regions, LensPlace(), onward=False))
    assert len(places) == 1


def test_a_guide_without_a_picture_is_drawn_too() -> None:
    draw(replace(state("guide-sit"), preview=None))
    assert state("shutter").visit.stage is Stage.SHUTTER
