"""What is seen in one picture, in physical terms: plain values that go to JSON and back."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Point = tuple[float, float]
"""x to the right, y down, in pixels of the picture that was looked at."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in physical terms. "Left" and "right" are the student's own, except where
    `picture_` says otherwise. T is the distance between the eyes' centres.
    """

    eye_left: Point
    eye_right: Point
    """Centres of the eyes: midway between their corners."""
    cheek_left: Point
    cheek_right: Point
    """Where the face's outline is widest, beside the ears."""
    chin: Point
    eye_distance: float
    """T, in pixels."""
    yaw: float
    pitch: float
    roll: float
    """Degrees: yaw is positive when the head is turned to the student's own left, pitch when the
    chin is up, roll when the head tilts towards the student's own left shoulder."""
    gaze_aside: float
    gaze_up: float
    """Degrees by which the irises seem turned to the student's own left (by the mesh) and up (by
    the picture), from how far they stand from the middle between the eye's corners, the mean of
    both eyes. Up has an offset that differs from person to person."""
    lid_opening_left: float
    lid_opening_right: float
    """Gap between the lids, in T."""
    lip_gap: float
    """Gap between the inner lips, in T."""
    smile: float
    """How far the corners of the mouth are drawn up, 0 to 1: the mean of both ARKit units."""

    @property
    def width(self) -> float:
        """The face's width, cheek to cheek, in pixels."""
        return self.cheek_left[0] - self.cheek_right[0]

    @property
    def midline(self) -> float:
        """x of the face's middle, in pixels."""
        return (self.cheek_left[0] + self.cheek_right[0]) / 2

    @property
    def eye_line(self) -> float:
        """y of the line of the eyes at the face's middle, in pixels."""
        return (self.eye_left[1] + self.eye_right[1]) / 2


@dataclass(frozen=True, slots=True)
class Skin:
    """The light on one face, as shares and ratios. "Picture left" is the picture's."""

    light_picture_left: float
    light_picture_right: float
    """Mean linear luminance (0 to 1) of the cheek on the picture's left and right side."""
    shine: float
    """Share of the skin that mirrors a lamp: brighter than the skin around it by SHINE and less
    coloured."""
    shadow: float
    """Light of the darkest twentieth of the face's large forms, as a share of their median; the
    slope from one side to the other is left to the cheeks."""
    clipped: float
    """Share of the skin with a channel that is cut off at white."""
    crushed: float
    """Share of the skin with every channel cut off at black."""
    white: float
    """Linear luminance of the picture's brightest fiftieth. What a camera that exposes rightly
    brings to the upper end, whatever colour the skin is."""
    red_eye: float
    """Share of the irises' discs that glows red."""
    sharpness: float
    """Contrast of the eyes' finest detail, as a share of that of detail four times as coarse."""
    red_over_green: float
    red_over_blue: float
    """How much more red light the skin gives than green, and than blue: base-2 logarithms of the
    mean linear lights' ratios."""
    colour_variety: float
    """How many-coloured the face is: the standard deviation of its colours along the third of their
    main axes, as a share of that along the first. 0 where there is no colour, or but one tone."""
    colour_aside: float
    """How far apart in colour the light on the face's two halves is: the greater difference of the
    base-2 logarithms of red over green, and of blue over green."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is behind and below the face. None: could not be seen."""

    unevenness: float | None
    """95th percentile of the backdrop's distance from its own smooth colour, in CIE 1976 ΔE: a
    gradient is none, an edge, a thing or a person is."""
    backdrop_shadow: float | None
    """Light of the backdrop's darkest part, as a share of what its smooth surface has there."""
    shoulders_slope: float | None
    """How far the left shoulder hangs below the right, degrees."""
    shoulders_reach: float | None
    """How far the person reaches to the side of the midline where the picture ends below, in T;
    the lesser side. Up to the picture's edge counts as far enough."""
    clothes_contrast: float | None
    """Distance of the clothes' colour from the backdrop's, and from the light blue that the photo
    gets; the lesser, ΔE with lightness at half weight."""
    clothes_pattern: float | None
    """Median contrast of the clothes at the scale of stripes, as a share of their light."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What covers head and face. Left and right are the person's own."""

    headgear: float
    """Area of what is worn on the head and seen above the brows, in T²: a hat, a hood, a band."""
    brows: float
    """How surely the more covered brow is hair, 0 to 1; a clear one is not quite 0."""
    ear_left: float
    ear_right: float
    """Share of the place where an ear stands out beside the cheek that hair, cloth or a thing
    covers, of all that is no backdrop there."""
    mouth: float
    """Share of nose, lips and chin that a mask, a scarf or a hand lies over."""
    eyes: float
    """Share of the more covered eye that hair, a hand or a patch lies over; 1 where an open eye
    shows no iris. Glasses cover none."""
    rise: float
    """How high hair stands above the mesh's uppermost point, in T."""
    earrings: float
    """Area of the things that hang at the ears, in T², both together."""
    glasses: float
    """Share of the nose's bridge that is a thing, and of a ring around the eyes, summed: 0 to 2."""
    lens_darkness: float
    """Share of the lens that one cannot see through, of the eye where it is less."""
    frame: float
    """How surely a rim lies across both eyes' openings, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Glasses:
    """What is worn before the eyes."""

    rim: float
    """How strongly a border runs below both eyes and a line crosses the nose between them, as
    natural logarithms of light, summed: a frame's. Most faces without glasses stay below 0.2."""
    transmission: float
    """Light through the lenses as a share of bare skin's: the least of what is below the eye where
    more is left, over the cheek, and of what is within the lenses' borders over what is beyond,
    scaled. Says nothing where there is no rim."""
    mirrored: float
    """Share of the zone around an eye that mirrors light: brighter and greyer than the zone, the
    white of the eye and where the person's skin shines; or greenish as a coating; veils count in
    part. The worse eye. Says nothing where there is no rim."""


SpotPlace = Literal["lens_left", "lens_right", "skin"]
"""Where a spot lies; left and right are the picture's."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that mirrors a light. Its light is the mean of green and blue over its px, linear, 0
    to 1: skin gives back little of these, so that what mirrors stands out, and is cut off last."""

    place: SpotPlace
    number: int
    """Tells it from the others of its place; the same from frame to frame while it is followed."""
    x: float
    y: float
    """Its middle, in T to the picture's right of, and below, the point midway between the eyes."""
    light: float
    """What is seen there; cut off at 1."""
    around: float
    """What the surround would give: the median of what lies about it."""
    area: float
    """Share that it takes of the eye's zone, as in `Glasses.mirrored`; or of the skin, as in
    `Skin.shine`."""
    size: float
    """Area of all that is measured as it, its soft edge included, in T²."""
    clipped: float
    """Share of it that is cut off at white."""
    answer: float | None
    """How bright what it has above its surround is, against the frame in which it was found: 1 is
    alike. Told from the px that are not cut off; None where too few are left."""
    ground: float
    """How bright its surround is, against the same frame."""

    @property
    def excess(self) -> float:
        """Mean light above what the surround would give."""
        return self.light - self.around

    @property
    def energy(self) -> float:
        """Light above what the surround would give, summed: in T² of white."""
        return self.excess * self.size

    @property
    def name(self) -> str:
        """Its place and number, as in `lens_left 1`."""
        return f"{self.place} {self.number}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in one picture of width × height pixels."""

    width: int
    height: int
    faces: int | None
    """How many faces, at least the one that has a mesh; None where no detector could look."""
    face: Face | None
    """The largest face, where its mesh was found."""
    skin: Skin | None = None
    """The light on that face."""
    scene: Scene | None = None
    """What is around it; None where nothing could segment the person."""
    coverage: Coverage | None = None
    """What covers head and face; None where nothing could segment them."""
    glasses: Glasses | None = None
    """What is worn before the eyes."""
    motion: float | None = None
    """How fast the face moves, in T a second; None in a picture that stands alone."""
    attendance: float | None = None
    """How sure it is that a person stands there and no picture of one, 0 to 1; None where the face
    was not seen to answer the lamps."""
    highlights: tuple[Spot, ...] | None = None
    """The spots that mirror a light, the largest first; None where nobody looked for them."""


def to_json(observation: Observation) -> dict[str, Any]:
    """Turn an observation into plain values for JSON, from which `from_json` makes it again."""
    return asdict(observation)


def from_json(values: object) -> Observation:
    """Make an observation of plain values; raises ValueError where they are none."""
    from pydantic import TypeAdapter  # late, since all that judges imports this module

    return TypeAdapter(Observation).validate_python(values)
