"""The rules that must hold before the shutter: one small entry each.

To add a rule: an entry here, its bounds in specification.toml, a line in each file of kiosk/words,
its gesture in kiosk/display/gestures.py unless it has one, and its test in
tests/pipeline/judge/test_rules.py. Rules stand in the order in which a student is told of them: the
earlier has to hold for the later to mean anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kiosk.pipeline.assessment import Force, Who
from kiosk.pipeline.observation import Coverage, Face, Observation, Scene, Skin
from kiosk.pipeline.wearing import wears_glasses

Side = Literal["low", "high"]
"""Below a rule's goal, or above it."""

Way = Literal["turn_left", "turn_right", "chin_up", "chin_down"]
"""Which way a head goes out of a light that it mirrors; left and right are the student's own."""

Measure = Callable[[Observation], float | None]
"""A rule's value; None where it could not be seen."""


class Gestures(NamedTuple):
    """The gestures of a rule whose two sides ask for two different things."""

    low: str
    high: str


class Told(NamedTuple):
    """How a student is told of a rule: a phrase and a drawn gesture, by their names."""

    phrase: str
    gesture: str


class Together(NamedTuple):
    """Another rule that is mended by the same gesture, and how both are told at once."""

    rule: str
    told: Told


Group = Literal["place", "pose", "face", "hair", "light"]
"""What a rule is about, in the few words that a student sees: where they are; how they hold
themselves; what their face does; hair, glasses and clothes; and light."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it measures, who can mend it, how it binds, and how a student is told."""

    id: str
    measure: Measure
    group: Group
    who: Who
    force: Force = "required"
    gesture: str | Gestures = "sit"
    """What shows what to do. One stands for both sides of the goal, and so does one phrase,
    `rule.<id>`; `Gestures` has one a side, and so have the phrases, `rule.<id>.low` and `.high`."""
    phrase: str = ""
    """The phrase that tells of it, where that is not its own but one that stands elsewhere."""
    together: Together | None = None
    """A later rule that is told with it where neither holds."""
    ways: tuple[Way, ...] = ()
    """The ways that are told in words of their own where it is known which light is mirrored:
    phrases `rule.<id>_<way>`, gestures `<id>_<way>`."""
    waived_with: tuple[str, ...] = ()
    """Rules that what hinders this one hinders too, so that who is excused from this is from them:
    a headscarf covers the ears, a patch hides how an eye is, and one that does not open looks
    nowhere."""
    staff_may_grant: bool = False
    """Whether a photo may be taken although it does not hold, for staff to decide: the source
    admits exceptions (faith, a medical reason), or it is about a body that cannot do otherwise."""

    @property
    def told_sides(self) -> tuple[Side, ...]:
        """The sides that a student is told of in different words; where both have the same, `low`.

        None where the booth does not wait for the rule to be mended.
        """
        if self.force not in ("required", "where judged"):
            return ()
        return ("low", "high") if isinstance(self.gesture, Gestures) else ("low",)

    def told(self, side: Side) -> Told:
        """What to say and show to a student who is on this side of the goal."""
        name = self.phrase or f"rule.{self.id}"
        if isinstance(self.gesture, Gestures):
            return Told(f"{name}.{side}", getattr(self.gesture, side))
        return Told(name, self.gesture)

    def told_way(self, way: Way) -> Told:
        """What to say and show to a student who mirrors a light, and can turn out of it."""
        if way not in self.ways:
            return self.told("high")
        return Told(f"rule.{self.id}_{way}", f"{self.id}_{way}")

    @property
    def all_told(self) -> tuple[Told, ...]:
        """Everything that a student may be told of this rule by itself."""
        sides = tuple(self.told(side) for side in self.told_sides)
        return (*sides, *(self.told_way(way) for way in self.ways))


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


COLOURS_OFF = "rule.full_colour"
"""What is said of colours that are wrong or missing."""


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


def _of_face(measure: Callable[[Face, Observation], float]) -> Measure:
    return lambda seen: None if seen.face is None else measure(seen.face, seen)


def _of_skin(measure: Callable[[Skin], float]) -> Measure:
    return lambda seen: None if seen.skin is None else measure(seen.skin)


def _of_scene(measure: Callable[[Scene], float | None]) -> Measure:
    return lambda seen: None if seen.scene is None else measure(seen.scene)


def _of_coverage(measure: Callable[[Coverage], float]) -> Measure:
    return lambda seen: None if seen.coverage is None else measure(seen.coverage)


def _darkest_shadow(seen: Observation) -> float | None:
    """The darker of the shadows on face and backdrop, each against what even light leaves there."""
    face = None if seen.skin is None else seen.skin.shadow / SHADOW_IN_EVEN_LIGHT
    behind = None if seen.scene is None else seen.scene.backdrop_shadow
    if behind is not None:
        behind = 1 - BACKDROP_SHADOW_WEIGHT * (1 - behind)
    return min((share for share in (face, behind) if share is not None), default=None)


def _lens_light(seen: Observation) -> float | None:
    """What glasses let through; 1 where none are worn."""
    if seen.glasses is None:
        return None
    if not wears_glasses(seen.glasses, seen.coverage):
        return 1.0
    opaque = 0.0 if seen.coverage is None else seen.coverage.lens_darkness
    return max(min(seen.glasses.transmission, 1 - OPAQUE_WEIGHT * opaque), 0.0)


def _glare(seen: Observation) -> float | None:
    if seen.glasses is None:
        return None
    return seen.glasses.mirrored if wears_glasses(seen.glasses, seen.coverage) else 0.0


def _frame(seen: Observation) -> float | None:
    """What of a rim lies across the eyes; what does so without glasses is another rule's."""
    if seen.coverage is None:
        return None
    return seen.coverage.frame if wears_glasses(seen.glasses, seen.coverage) else 0.0


def _covered_eyes(seen: Observation) -> float | None:
    """What lies over the eyes; what is dark before both are glasses, another rule's."""
    if seen.coverage is None:
        return None
    dark = seen.coverage.lens_darkness > OPAQUE_LENSES or (
        seen.glasses is not None
        and seen.glasses.transmission < DARK_LENSES
        and wears_glasses(seen.glasses, seen.coverage)
    )
    return 0.0 if dark else seen.coverage.eyes


def _not_measured(_: Observation) -> float | None:
    return None


RULES: tuple[Rule, ...] = (
    Rule(
        "one_face",
        lambda seen: None if seen.faces is None else float(seen.faces),
        "place",
        "student",
        gesture=Gestures("sit", "one_person"),
    ),
    Rule(
        "face_size",
        _of_face(lambda face, seen: face.width / seen.width),
        "place",
        "student",
        gesture=Gestures("nearer", "farther"),
    ),
    # The student's own left is on the picture's right; the mirror shows it on the left.
    Rule(
        "centred",
        _of_face(lambda face, seen: face.midline / seen.width - 0.5),
        "place",
        "student",
        gesture=Gestures("move_left", "move_right"),
    ),
    # A mesh invents what it cannot see: behind a mask heads that are level read as raised or
    # lowered, so that goes before them. However far a head is turned, a bare mouth is seen to be.
    Rule(
        "mouth_covered",
        _of_coverage(lambda coverage: coverage.mouth),
        "hair",
        "student",
        "where judged",
        gesture="no_mask",
        together=Together("eye_covered", Told("rule.face_covered", "face_free")),
    ),
    Rule(
        "yaw",
        _of_face(lambda face, _: face.yaw),
        "pose",
        "student",
        gesture=Gestures("turn_left", "turn_right"),
        staff_may_grant=True,
    ),
    Rule(
        "pitch",
        _of_face(lambda face, _: face.pitch),
        "pose",
        "student",
        gesture=Gestures("chin_up", "chin_down"),
        staff_may_grant=True,
    ),
    # Not granted: the finished photo's eyes must be level, and no photo may be turned.
    Rule(
        "roll",
        _of_face(lambda face, _: face.roll),
        "pose",
        "student",
        gesture=Gestures("tilt_left", "tilt_right"),
    ),
    Rule(
        "shoulders_visible",
        _of_scene(lambda scene: scene.shoulders_reach),
        "place",
        "student",
        "where judged",
        gesture="shoulders",
        staff_may_grant=True,
    ),
    Rule(
        "shoulders_level",
        _of_scene(lambda scene: scene.shoulders_slope),
        "pose",
        "student",
        "where judged",
        gesture=Gestures("shoulder_right_up", "shoulder_left_up"),
        staff_may_grant=True,
    ),
    # Granted for a patch; a mask is admitted by no source. Of a head that is turned far the farther
    # eye is hidden by the nose.
    Rule(
        "eye_covered",
        _covered_eyes,
        "hair",
        "student",
        "where judged",
        gesture="eyes_free",
        waived_with=("eyes_open", "gaze"),
        staff_may_grant=True,
    ),
    Rule(
        "eyes_open",
        _of_face(lambda face, _: min(face.lid_opening_left, face.lid_opening_right)),
        "face",
        "student",
        gesture="eyes_open",
        waived_with=("gaze",),
        staff_may_grant=True,
    ),
    Rule(
        "bareheaded",
        _of_coverage(lambda coverage: coverage.headgear),
        "hair",
        "student",
        "where judged",
        gesture="no_hat",
        waived_with=("ears_visible",),
        staff_may_grant=True,
    ),
    Rule(
        "brows_clear",
        _of_coverage(lambda coverage: coverage.brows),
        "hair",
        "student",
        "where judged",
        gesture="brows",
        together=Together("ears_visible", Told("rule.hair", "hair")),
        staff_may_grant=True,
    ),
    Rule(
        "ears_visible",
        _of_coverage(lambda coverage: max(coverage.ear_left, coverage.ear_right)),
        "hair",
        "student",
        "where judged",
        gesture="ears",
        staff_may_grant=True,
    ),
    Rule("high_hair", _of_coverage(lambda coverage: coverage.rise), "hair", "student", "advice"),
    # Earrings alone, and not all of them: the checklist's screen asks for all jewellery as well.
    Rule(
        "jewellery", _of_coverage(lambda coverage: coverage.earrings), "hair", "student", "advice"
    ),
    Rule(
        "glasses_tint",
        _lens_light,
        "hair",
        "student",
        gesture="no_tint",
        staff_may_grant=True,
    ),
    Rule(
        "glasses_frame",
        _frame,
        "hair",
        "student",
        "where judged",
        gesture="glasses_up",
    ),
    Rule(
        "glare",
        _glare,
        "hair",
        "lamps",
        # Chin down: out of what is above, as the fill lamp and most that nobody can name.
        gesture="glare",
        ways=("turn_left", "turn_right", "chin_up"),
    ),
    Rule(
        "gaze",
        _of_face(lambda face, _: gaze_off(face)),
        "face",
        "student",
        gesture="look",
        staff_may_grant=True,
    ),
    Rule(
        "mouth_closed",
        _of_face(lambda face, _: face.lip_gap),
        "face",
        "student",
        gesture="lips_close",
        staff_may_grant=True,
    ),
    Rule(
        "neutral",
        _of_face(lambda face, _: face.smile),
        "face",
        "student",
        gesture="no_smile",
        staff_may_grant=True,
    ),
    Rule(
        "clothes_colour",
        _of_scene(lambda scene: scene.clothes_contrast),
        "hair",
        "student",
        "where judged",
        gesture="other_top",
    ),
    Rule(
        "clothes_pattern",
        _of_scene(lambda scene: scene.clothes_pattern),
        "hair",
        "student",
        "where judged",
        gesture="plain_top",
    ),
    Rule(
        "background",
        _of_scene(lambda scene: scene.unevenness),
        "light",
        "student",
        "where judged",
        gesture="nobody_behind",
    ),
    Rule(
        "still",
        lambda seen: seen.motion,
        "pose",
        "student",
        "where judged",
        gesture="still",
        staff_may_grant=True,
    ),
    Rule(
        "sharp",
        _of_skin(lambda skin: skin.sharpness),
        "pose",
        "student",
        gesture="still",
        phrase="rule.still",
    ),
    # Skin of every colour gives the more light the longer its wave: what a camera sees otherwise
    # has no colour, or wrong ones, and no student can mend it.
    Rule(
        "skin_green",
        _of_skin(lambda skin: skin.red_over_green),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "skin_blue",
        _of_skin(lambda skin: skin.red_over_blue),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    # Green and blue exchanged leave both of the above.
    Rule(
        "skin_green_blue",
        _of_skin(lambda skin: skin.red_over_blue - skin.red_over_green),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "full_colour",
        _of_skin(lambda skin: skin.colour_variety),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    # A coloured light from one side: a neon sign, a red wall that the sun shines on.
    Rule(
        "even_colour",
        _of_skin(lambda skin: skin.colour_aside),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "exposure",
        _of_skin(lambda skin: skin.clipped - skin.crushed - max(LEAST_WHITE - skin.white, 0.0)),
        "light",
        "lamps",
        gesture=Gestures("ask_dark", "ask_bright"),
    ),
    Rule(
        "even_light",
        _of_skin(lambda skin: skin.light_picture_left / max(skin.light_picture_right, 1e-4)),
        "light",
        "lamps",
        gesture="ask_uneven",
    ),
    Rule("shadow", _darkest_shadow, "light", "lamps", gesture="hair_aside"),
    Rule(
        "highlight",
        _of_skin(lambda skin: skin.shine + skin.clipped),
        "light",
        "lamps",
        gesture="dab",
    ),
    Rule(
        "red_eye",
        _of_skin(lambda skin: skin.red_eye),
        "light",
        "lamps",
        gesture="look",
        phrase="rule.gaze",
    ),
    Rule(
        "attendance",
        lambda seen: seen.attendance,
        "face",
        "staff",
        "where judged",
        gesture="face_camera",
    ),
    # Asked on the checklist's screen: no sound measure is known (docs/accuracy.md says what was
    # tried).
    Rule("collar", _not_measured, "hair", "student", "asked", phrase="checklist.shirt"),
    Rule("make_up", _not_measured, "face", "student", "asked", phrase="checklist.make_up"),
)

OF_COVERAGE = frozenset(
    {
        "mouth_covered",
        "eye_covered",
        "bareheaded",
        "brows_clear",
        "ears_visible",
        "glasses_tint",
        "glasses_frame",
    }
)
"""Rules that a student mends by baring head or face, which is looked at but now and then. Dark
lenses are seen without such a look, too, but not that they were taken off."""

_BY_ID = {rule.id: rule for rule in RULES}


def find_rule(id: str) -> Rule:
    """The rule of this id; raises KeyError."""
    return _BY_ID[id]
