"""The rules that must hold before the shutter: one small entry each.

To add a rule: an entry here, its bounds in specification.toml, a line in each file of kiosk/words,
its gesture in kiosk/display/gestures.py unless it has one, and its test in
tests/pipeline/judge/test_rules.py. Rules stand in the order in which a student is told of them: the
earlier has to hold for the later to mean anything.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from kiosk.pipeline.assessment import Force, Who
from kiosk.pipeline.judge.measures import (
    LEAST_WHITE,
    Measure,
    covered_eyes,
    darkest_shadow,
    frame_over_eyes,
    gaze_off,
    glare,
    lens_light,
    not_measured,
    of_coverage,
    of_face,
    of_scene,
    of_skin,
)

Side = Literal["low", "high"]
"""Below a rule's goal, or above it."""

Way = Literal["turn_left", "turn_right", "chin_up", "chin_down"]
"""Which way a head goes out of a light that it mirrors; left and right are the student's own."""


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


COLOURS_OFF = "rule.full_colour"
"""What is said of colours that are wrong or missing."""


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
        of_face(lambda face, seen: face.width / seen.width),
        "place",
        "student",
        gesture=Gestures("nearer", "farther"),
    ),
    # The student's own left is on the picture's right; the mirror shows it on the left.
    Rule(
        "centred",
        of_face(lambda face, seen: face.midline / seen.width - 0.5),
        "place",
        "student",
        gesture=Gestures("move_left", "move_right"),
    ),
    # A mesh invents what it cannot see: behind a mask heads that are level read as raised or
    # lowered, so that goes before them. However far a head is turned, a bare mouth is seen to be.
    Rule(
        "mouth_covered",
        of_coverage(lambda coverage: coverage.mouth),
        "hair",
        "student",
        "where judged",
        gesture="no_mask",
        together=Together("eye_covered", Told("rule.face_covered", "face_free")),
    ),
    Rule(
        "yaw",
        of_face(lambda face, _: face.yaw),
        "pose",
        "student",
        gesture=Gestures("turn_left", "turn_right"),
        staff_may_grant=True,
    ),
    Rule(
        "pitch",
        of_face(lambda face, _: face.pitch),
        "pose",
        "student",
        gesture=Gestures("chin_up", "chin_down"),
        staff_may_grant=True,
    ),
    # Not granted: the finished photo's eyes must be level, and no photo may be turned.
    Rule(
        "roll",
        of_face(lambda face, _: face.roll),
        "pose",
        "student",
        gesture=Gestures("tilt_left", "tilt_right"),
    ),
    Rule(
        "shoulders_visible",
        of_scene(lambda scene: scene.shoulders_reach),
        "place",
        "student",
        "where judged",
        gesture="shoulders",
        staff_may_grant=True,
    ),
    Rule(
        "shoulders_level",
        of_scene(lambda scene: scene.shoulders_slope),
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
        covered_eyes,
        "hair",
        "student",
        "where judged",
        gesture="eyes_free",
        waived_with=("eyes_open", "gaze"),
        staff_may_grant=True,
    ),
    Rule(
        "eyes_open",
        of_face(lambda face, _: min(face.lid_opening_left, face.lid_opening_right)),
        "face",
        "student",
        gesture="eyes_open",
        waived_with=("gaze",),
        staff_may_grant=True,
    ),
    Rule(
        "bareheaded",
        of_coverage(lambda coverage: coverage.headgear),
        "hair",
        "student",
        "where judged",
        gesture="no_hat",
        waived_with=("ears_visible",),
        staff_may_grant=True,
    ),
    Rule(
        "brows_clear",
        of_coverage(lambda coverage: coverage.brows),
        "hair",
        "student",
        "where judged",
        gesture="brows",
        together=Together("ears_visible", Told("rule.hair", "hair")),
        staff_may_grant=True,
    ),
    Rule(
        "ears_visible",
        of_coverage(lambda coverage: max(coverage.ear_left, coverage.ear_right)),
        "hair",
        "student",
        "where judged",
        gesture="ears",
        staff_may_grant=True,
    ),
    Rule("high_hair", of_coverage(lambda coverage: coverage.rise), "hair", "student", "advice"),
    # Earrings alone, and not all of them: the checklist's screen asks for all jewellery as well.
    Rule("jewellery", of_coverage(lambda coverage: coverage.earrings), "hair", "student", "advice"),
    Rule(
        "glasses_tint",
        lens_light,
        "hair",
        "student",
        gesture="no_tint",
        staff_may_grant=True,
    ),
    Rule(
        "glasses_frame",
        frame_over_eyes,
        "hair",
        "student",
        "where judged",
        gesture="glasses_up",
    ),
    Rule(
        "glare",
        glare,
        "hair",
        "lamps",
        # Chin down: out of what is above, as the fill lamp and most that nobody can name.
        gesture="glare",
        ways=("turn_left", "turn_right", "chin_up"),
    ),
    Rule(
        "gaze",
        of_face(lambda face, _: gaze_off(face)),
        "face",
        "student",
        gesture="look",
        staff_may_grant=True,
    ),
    Rule(
        "mouth_closed",
        of_face(lambda face, _: face.lip_gap),
        "face",
        "student",
        gesture="lips_close",
        staff_may_grant=True,
    ),
    Rule(
        "neutral",
        of_face(lambda face, _: face.smile),
        "face",
        "student",
        gesture="no_smile",
        staff_may_grant=True,
    ),
    Rule(
        "clothes_colour",
        of_scene(lambda scene: scene.clothes_contrast),
        "hair",
        "student",
        "where judged",
        gesture="other_top",
    ),
    Rule(
        "clothes_pattern",
        of_scene(lambda scene: scene.clothes_pattern),
        "hair",
        "student",
        "where judged",
        gesture="plain_top",
    ),
    Rule(
        "background",
        of_scene(lambda scene: scene.unevenness),
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
        of_skin(lambda skin: skin.sharpness),
        "pose",
        "student",
        gesture="still",
        phrase="rule.still",
    ),
    # Skin of every colour gives the more light the longer its wave: what a camera sees otherwise
    # has no colour, or wrong ones, and no student can mend it.
    Rule(
        "skin_green",
        of_skin(lambda skin: skin.red_over_green),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "skin_blue",
        of_skin(lambda skin: skin.red_over_blue),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    # Green and blue exchanged leave both of the above.
    Rule(
        "skin_green_blue",
        of_skin(lambda skin: skin.red_over_blue - skin.red_over_green),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "full_colour",
        of_skin(lambda skin: skin.colour_variety),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    # A coloured light from one side: a neon sign, a red wall that the sun shines on.
    Rule(
        "even_colour",
        of_skin(lambda skin: skin.colour_aside),
        "light",
        "staff",
        gesture="ask_colours",
        phrase=COLOURS_OFF,
    ),
    Rule(
        "exposure",
        of_skin(lambda skin: skin.clipped - skin.crushed - max(LEAST_WHITE - skin.white, 0.0)),
        "light",
        "lamps",
        gesture=Gestures("ask_dark", "ask_bright"),
    ),
    Rule(
        "even_light",
        of_skin(lambda skin: skin.light_picture_left / max(skin.light_picture_right, 1e-4)),
        "light",
        "lamps",
        gesture="ask_uneven",
    ),
    Rule("shadow", darkest_shadow, "light", "lamps", gesture="hair_aside"),
    Rule(
        "highlight",
        of_skin(lambda skin: skin.shine + skin.clipped),
        "light",
        "lamps",
        gesture="dab",
    ),
    Rule(
        "red_eye",
        of_skin(lambda skin: skin.red_eye),
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
    Rule("collar", not_measured, "hair", "student", "asked", phrase="checklist.shirt"),
    Rule("make_up", not_measured, "face", "student", "asked", phrase="checklist.make_up"),
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
