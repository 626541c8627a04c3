"""Labelled pictures: what labels and rendered poses say about the rules, and what the rules say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import specification

TWO_FACES = ("congress-raul-grijalva.jpg", "congress-madeleine-dean.jpg")
"""Portraits labelled as one face behind whose subject another's face is seen, out of focus."""

GAZE_NEEDS_OPENING = 0.7
"""Share of the eyes' opening at rest from which on their gaze is known and measured."""

RuleTruth = Mapping[str, bool]
"""Rule's id, and whether it truly holds; rules of which nothing is known are left out."""


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """One picture: what is true of it, and what the rules said."""

    name: str
    set: str
    """Where it is from: a set of labels.csv, `twin`, `lit` (rendered, in bad light), or `props`."""
    truth: RuleTruth
    ok: Mapping[str, bool | None]
    notes: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)
    """What the rules measured."""

    @property
    def person(self) -> str:
        """Who is shown, the same in each of their pictures, whatever they do or wear."""
        return (
            f"{self.set}-{self.name}".replace("smiling", "neutral").split(",")[0].split(" with")[0]
        )


def judge_picture(
    name: str, set_: str, truth: RuleTruth, seen: Observation, notes: str = ""
) -> JudgedPicture:
    """Judge what was seen of a picture by the specification."""
    rules = judge(seen, specification()).rules
    ok, values = {rule.id: rule.ok for rule in rules}, {rule.id: rule.value for rule in rules}
    return JudgedPicture(name, set_, truth, ok, notes, values)


def truth_of_label(row: Mapping[str, str]) -> RuleTruth:
    """What a row of labels.csv says about the rules."""
    truth: dict[str, bool] = {}
    if row["faces"]:
        truth["one_face"] = row["faces"] == "1" and row["file"] not in TWO_FACES
    if row["set"] == "london_neutral":
        frontal = ("yaw", "pitch", "roll", "gaze", "neutral", "even_light", "exposure", "sharp",
                   "highlight", "shadow", "red_eye")  # fmt: skip
        truth |= dict.fromkeys(frontal, True)
    if row["eyes"] in ("open", "closed"):
        truth["eyes_open"] = row["eyes"] == "open"
    if row["mouth"]:
        truth["mouth_closed"] = row["mouth"] == "closed"
    if row["ears"] in ("visible", "covered"):
        truth["ears_visible"] = row["ears"] == "visible"
    if row["brows"] in ("clear", "covered"):
        truth["brows_clear"] = row["brows"] == "clear"
    if row["hat"] == "no":
        truth["bareheaded"] = True
    if row["glasses"]:
        truth["glasses_tint"] = True
    if row["glasses"] == "no":
        truth["glare"] = True
    return truth


def truth_of_pose(truth: Mapping[str, Any]) -> RuleTruth:
    """What a rendered pose's truth says about the rules, where it is clear."""
    holds: dict[str, bool] = {"one_face": True}
    for axis, level, turned in (("yaw", 6, 12), ("roll", 2, 5.5), ("pitch", 4, 15)):
        if abs(truth[axis]) <= level:
            holds[axis] = True
        elif abs(truth[axis]) >= turned:
            holds[axis] = False
    shut, half = truth["eye_opening"] <= 0.1, truth["eye_opening"] < GAZE_NEEDS_OPENING
    if shut or not half:
        holds["eyes_open"] = not shut
    past = max(abs(angle) for angle in truth["gaze"].values())
    if not half and (past <= 3 or past >= 10):
        holds["gaze"] = past <= 3
    covered = max(truth["brows_covered"].values())
    if covered <= 0.02 or covered >= 0.3:
        holds["brows_clear"] = covered <= 0.02
    covered = max(truth["ears_covered"].values())
    if covered <= 0.2 or covered >= 0.6:
        holds["ears_visible"] = covered <= 0.2
    holds |= {"bareheaded": not truth["hat"], "glasses_tint": True}
    if truth["mouth_opening"] >= 0.1 or truth["mouth_opening"] == 0:
        holds["mouth_closed"] = truth["mouth_opening"] == 0
    return holds
