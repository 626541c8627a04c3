"""The gestures of the guide: what each instruction looks like as a motion, in few still steps."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiosk.display import props, scenes
from kiosk.display.figure import draw_figure
from kiosk.display.pose import Palette, Pose, blend
from kiosk.display.props import Draw
from kiosk.display.sketch import Points, Sketch, curve, draw_arrow, ellipse, flip, shift

PERIOD = 2.8
"""Seconds for which a motion and its return last: calm."""

STEPS = 10
"""Pictures on the way from the first pose to the last."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """A motion from a pose that is not right to one that is."""

    start: Pose | None
    end: Pose | None
    """None where `before` draws all."""
    arrows: tuple[Points, ...] = ()
    behind: Draw | None = None
    before: Draw | None = None


def motion_step(since: float) -> int:
    """Which step is shown after so many seconds: first still, then forth, still again, and back."""
    phase = since / PERIOD % 1.0
    forth = min(max((phase - 0.18) / 0.34, 0.0), 1.0)
    back = min(max((phase - 0.88) / 0.12, 0.0), 1.0)
    part = forth - back
    return round(STEPS * (0.5 - 0.5 * math.cos(math.pi * part)))


def draw_gesture(name: str, step: int, side: int, palette: Palette) -> Sketch:
    """Draw one step of a gesture, 0 to STEPS, `side` pixels square. Raises KeyError."""
    gesture, part = GESTURES[name], step / STEPS
    sketch = Sketch(side, palette.ground)
    if gesture.behind is not None:
        gesture.behind(sketch, part, palette)
    if gesture.start is not None and gesture.end is not None:
        draw_figure(sketch, blend(gesture.start, gesture.end, part), palette)
    if gesture.before is not None:
        gesture.before(sketch, part, palette)
    for arrow in gesture.arrows:
        draw_arrow(sketch, arrow, palette.mark, palette.ground)
    return sketch


# ---- arrows ----

UP = curve((0.87, 0.62), (0.87, 0.3))
DOWN = UP[::-1]
AROUND = ellipse((0.5, 0.66), (0.36, 0.1), 25, 155)
"""About the front of the head, from right to left."""
OVER = ellipse((0.5, 0.46), (0.36, 0.4), -35, -145)
"""Over the head, from right to left."""
ASIDE = curve((0.62, 0.22), (0.8, 0.2), (0.88, 0.38))
"""To the right and down, beside a head that leaves room for it."""

# ---- gestures ----

STILL = Pose()
CLOSE = Pose(size=1.4, y=0.07)
"""Where it is about the face alone."""
BESIDE = Pose(x=-0.14, y=-0.02, size=1.15)
"""Where there must be room on the right for what is taken off."""
WEARING = Pose(glasses=1.0, size=1.2, y=0.05)
"""Where it is about glasses that stay on."""
PASSING = Pose(size=0.85, y=0.06)


def _look(x: float, y: float) -> Pose:
    return Pose(size=1.1, y=0.04, gaze_x=x, gaze_y=y)


def _sideways(gesture: Gesture) -> Gesture:
    """The same in a mirror."""

    def turn(pose: Pose | None) -> Pose | None:
        return pose and replace(
            pose, x=-pose.x, turn=-pose.turn, tilt=-pose.tilt, left=pose.right, right=pose.left
        )

    arrows = tuple(flip(arrow) for arrow in gesture.arrows)
    return replace(gesture, start=turn(gesture.start), end=turn(gesture.end), arrows=arrows)


MOVE_LEFT = Gesture(
    Pose(x=0.26, size=0.8, y=0.08),
    Pose(size=0.8, y=0.08),
    (curve((0.36, 0.14), (0.06, 0.14)),),
    behind=props.draw_place,
)
TURN_LEFT = Gesture(Pose(turn=32), STILL, (AROUND,))
TILT_LEFT = Gesture(Pose(tilt=17), STILL, (OVER,))
GLARE_TURN_LEFT = Gesture(
    Pose(glasses=1.0, glare=1.0, turn=4, size=0.95, y=0.06),
    Pose(glasses=1.0, turn=-18, size=0.95, y=0.06),
    (shift(AROUND, 0.0, 0.06),),
    before=props.draw_lamp_on(1),
)
SHOULDER_LEFT_UP = Gesture(
    Pose(left=-0.2, right=0.04, y=-0.06),
    Pose(y=-0.06),
    (curve((0.12, 0.6), (0.12, 0.28)),),
    before=props.draw_shoulder_line(-1),
)

GESTURES: Mapping[str, Gesture] = {
    # sayings
    "sit": Gesture(None, None, before=scenes.draw_sitting),
    "again": Gesture(STILL, STILL, before=props.draw_camera_again),
    "come_back": Gesture(
        Pose(x=0.62, size=0.8, y=0.08),
        Pose(size=0.8, y=0.08),
        (curve((0.94, 0.14), (0.6, 0.14)),),
        behind=props.draw_place,
    ),
    "show_face": Gesture(
        replace(BESIDE, mask=1.0, turn=48), replace(BESIDE, mask=0.1), (shift(AROUND, -0.13, 0.14),)
    ),
    "lamps": Gesture(
        Pose(shadow=0.8, size=0.8, y=0.08), Pose(size=0.8, y=0.08), before=props.draw_lamps
    ),
    "lamps_glasses": Gesture(
        Pose(glasses=1.0, glare=1.0, size=0.8, y=0.08),
        Pose(glasses=1.0, size=0.8, y=0.08),
        before=props.draw_lamps_change,
    ),
    "lamps_skin": Gesture(
        Pose(shine=1.0, size=0.8, y=0.08),
        Pose(size=0.8, y=0.08),
        before=props.draw_lamps_change,
    ),
    "checking": Gesture(STILL, STILL, before=props.draw_lens_glass),
    # place
    "one_person": Gesture(
        PASSING,
        PASSING,
        (curve((0.68, 0.12), (0.95, 0.12)),),
        behind=scenes.draw_leaving_person,
    ),
    "nearer": Gesture(Pose(size=0.5, y=-0.02), Pose(size=0.95), before=props.draw_nearer),
    "farther": Gesture(Pose(size=1.5, y=0.06), Pose(size=0.8, y=0.03), before=props.draw_farther),
    "move_left": MOVE_LEFT,
    "move_right": _sideways(MOVE_LEFT),
    "shoulders": Gesture(
        Pose(x=0.3, size=0.85, y=0.03),
        Pose(size=0.85, y=0.0),
        behind=props.draw_frame,
        before=props.draw_shoulder_marks,
    ),
    "still": Gesture(None, None, before=scenes.draw_swaying),
    # pose
    "turn_left": TURN_LEFT,
    "turn_right": _sideways(TURN_LEFT),
    "chin_up": Gesture(Pose(nod=-30), Pose(nod=3), (UP,)),
    "chin_down": Gesture(Pose(nod=32), Pose(), (DOWN,)),
    "tilt_left": TILT_LEFT,
    "tilt_right": _sideways(TILT_LEFT),
    "shoulder_left_up": SHOULDER_LEFT_UP,
    "shoulder_right_up": replace(_sideways(SHOULDER_LEFT_UP), before=props.draw_shoulder_line(1)),
    "face_camera": Gesture(Pose(turn=55), STILL, (AROUND,)),
    # face
    "eyes_open": Gesture(replace(CLOSE, lids=0.0), CLOSE, before=props.draw_eye_arrows),
    "lips_close": Gesture(replace(CLOSE, lips=1.0), CLOSE, before=props.draw_lip_arrows),
    "no_smile": Gesture(replace(CLOSE, smile=1.0), CLOSE, before=props.draw_smile_mark),
    "look_top": Gesture(_look(0.0, 1.0), _look(0.0, -0.9), before=props.draw_look("top")),
    "look_bottom": Gesture(_look(0.0, -0.9), _look(0.0, 1.0), before=props.draw_look("bottom")),
    "look_left": Gesture(_look(1.0, 0.3), _look(-1.0, 0.0), before=props.draw_look("left")),
    "look_right": Gesture(_look(-1.0, 0.3), _look(1.0, 0.0), before=props.draw_look("right")),
    # hair and glasses
    "no_hat": Gesture(
        Pose(hat=1.0, y=0.09), Pose(hat=0.25, y=0.09), (curve((0.13, 0.5), (0.13, 0.16)),)
    ),
    "no_mask": Gesture(replace(BESIDE, mask=1.0), replace(BESIDE, mask=0.1), (ASIDE,)),
    "eyes_free": Gesture(replace(BESIDE, hand=1.0), replace(BESIDE, hand=0.1), (ASIDE,)),
    "face_free": Gesture(
        replace(BESIDE, mask=1.0, hand=1.0), replace(BESIDE, mask=0.1, hand=0.1), (ASIDE,)
    ),
    "brows": Gesture(
        replace(CLOSE, fringe=1.0),
        CLOSE,
        (ellipse((0.5, 0.52), (0.25, 0.25), -125, -30),),
    ),
    "ears": Gesture(
        replace(STILL, locks=1.0),
        STILL,
        (
            curve((0.3, 0.62), (0.1, 0.6), (0.12, 0.34)),
            curve((0.7, 0.62), (0.9, 0.6), (0.88, 0.34)),
        ),
    ),
    "hair": Gesture(
        replace(STILL, locks=1.0, fringe=1.0),
        STILL,
        (
            curve((0.3, 0.62), (0.1, 0.6), (0.12, 0.34)),
            curve((0.7, 0.62), (0.9, 0.6), (0.88, 0.34)),
            ellipse((0.5, 0.44), (0.2, 0.2), -130, -35),
        ),
    ),
    "no_tint": Gesture(
        Pose(glasses=1.0, tint=1.0, y=-0.06), Pose(glasses=0.12, tint=1.0, y=-0.06), (DOWN,)
    ),
    "glasses_up": Gesture(replace(WEARING, glasses=0.8), WEARING, (shift(UP, 0.04, 0),)),
    "glare": Gesture(
        replace(WEARING, glare=1.0, nod=8), replace(WEARING, nod=-16), (shift(DOWN, 0.04, 0),)
    ),
    "glare_turn_left": GLARE_TURN_LEFT,
    "glare_turn_right": replace(_sideways(GLARE_TURN_LEFT), before=props.draw_lamp_on(-1)),
    "glare_chin_up": Gesture(
        replace(WEARING, glare=1.0, nod=-12), replace(WEARING, nod=12), (shift(UP, 0.04, 0),)
    ),
    "other_top": Gesture(
        Pose(y=-0.13, blue_top=1.0), Pose(y=-0.13, other_top=1.0), before=props.draw_exchange
    ),
    "plain_top": Gesture(
        Pose(stripes=1.0, y=-0.13), Pose(y=-0.13, other_top=1.0), before=props.draw_exchange
    ),
    # light
    "nobody_behind": Gesture(
        Pose(size=0.9, y=0.06),
        Pose(size=0.9, y=0.06),
        (curve((0.66, 0.09), (0.95, 0.09)),),
        behind=scenes.draw_leaving_things,
    ),
    "hair_aside": Gesture(
        replace(STILL, locks=1.0, shadow=0.7),
        STILL,
        (curve((0.72, 0.62), (0.92, 0.6), (0.88, 0.34)),),
    ),
    "dab": Gesture(replace(CLOSE, shine=1.0), CLOSE, before=props.draw_tissue),
    "ask_dark": Gesture(None, None, before=scenes.draw_asking("dark")),
    "ask_bright": Gesture(None, None, before=scenes.draw_asking("bright")),
    "ask_uneven": Gesture(None, None, before=scenes.draw_asking("uneven")),
    "ask_colours": Gesture(None, None, before=scenes.draw_asking("colours")),
}
