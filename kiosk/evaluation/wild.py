"""Real people with hats, fringes, glasses, masks and hands: public pictures, labelled by eye.

The project keeps their labels (`tests/data/labels/wild.csv`) and none of the pictures: CONTRIBUTING
says how they are brought. They are for measuring alone.
"""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import PictureError, UsageError
from kiosk.evaluation.labelled import JudgedPicture, RuleTruth, judge_picture
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rates import Rate, chance_of_difference, count_false_refusals
from kiosk.evaluation.rows import Row
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.picture import read_picture

CHECKOUT = Path(__file__).resolve().parents[2]
LABELS = CHECKOUT / "tests" / "data" / "labels" / "wild.csv"
IN_CHECKOUT = CHECKOUT / ".cache" / "wild"
"""Where the pictures are looked for when $KIOSK_WILD names no other folder."""

GROUPS = ("skin", "hair", "sex")
"""Columns of the labels that say who is shown."""

LEAST_GROUP = 10
"""People of whom a group has to consist to be compared."""

SIGNIFICANT = 0.05


def wild_folder() -> Path | None:
    """The folder with the pictures, or None where there is none.

    Raises UsageError where $KIOSK_WILD names a folder that has none of them.
    """
    named = os.environ.get("KIOSK_WILD")
    folder = Path(named) if named else IN_CHECKOUT
    pictures = _find_pictures(folder)
    if LABELS.exists() and any(row["number"] in pictures for row in read_labels()):
        return folder
    if named:
        raise UsageError(f"{folder}: no picture of {LABELS.name} there; correct $KIOSK_WILD")
    return None


def missing_wild(bench: str) -> Row:
    """The row that says that a bench went without public pictures."""
    return Row(bench, f"no public pictures in {IN_CHECKOUT}: name their folder in $KIOSK_WILD", 0,
               "pictures")  # fmt: skip


def read_labels() -> list[Mapping[str, str]]:
    """The rows of the labels; what could not be told by eye is empty."""
    with LABELS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judge_wild(looker: Looker, folder: Path, *, step: int = 1) -> Iterator[JudgedPicture]:
    """Judge every `step`th of the pictures that are there."""
    pictures = _find_pictures(folder)
    there = [row for row in read_labels()[::step] if row["number"] in pictures]
    for row in show_progress(there, "looking at public pictures"):
        try:
            seen = looker.look(read_picture(pictures[row["number"]]))
        except PictureError:
            continue
        notes = " ".join(f"{group}:{row[group]}" for group in GROUPS)
        # Whose face is not found is refused for that, whatever else they wear.
        truth = truth_of_wild(row) if seen.face is not None else {}
        yield judge_picture(row["number"], "wild", {**truth, "one_face": True}, seen, notes)


def truth_of_wild(row: Mapping[str, str]) -> RuleTruth:
    """What a row says about the rules. Half covered ears and brows are neither kept nor broken, nor
    is a head with a band; of a head that is turned nothing is said about ears and brows.
    """
    truth: dict[str, bool] = {}

    def note(rule: str, value: str, kept: tuple[str, ...], broken: tuple[str, ...]) -> None:
        if value in kept or value in broken:
            truth[rule] = value in kept

    note("bareheaded", row["bareheaded"], ("yes",), ("no",))
    note("mouth_covered", row["mouth"], ("bare",), ("mask", "hand"))
    if row["glasses"] in ("no", "clear"):
        note("eye_covered", row["eyes"], ("bare",), ("hand", "patch"))
    note("glasses_tint", row["glasses"], ("no", "clear"), ("dark",))
    if row["glasses"] == "clear":
        note("glare", row["glare"], ("no",), ("yes",))
    if row["pose"] == "frontal":
        note("brows_clear", row["brows"], ("clear",), ("covered",))
        ears = {row["ear_left"], row["ear_right"]}
        if "covered" in ears or ears == {"visible"}:
            truth["ears_visible"] = "covered" not in ears
    return truth


@dataclass(frozen=True, slots=True)
class Group:
    """How often people of one group are refused who keep a rule, against all others."""

    name: str
    refused: Rate
    others: Rate
    chance: float
    """How probable such a difference is by chance; all groups' together, by Bonferroni."""

    @property
    def is_unlike(self) -> bool:
        """Whether they are refused more often than others, and not by chance."""
        return self.refused.share > self.others.share and self.chance < SIGNIFICANT


def compare_groups(pictures: Iterable[JudgedPicture], rule: str) -> list[Group]:
    """Compare how often each group is refused by a rule that it keeps with how often others are."""
    kept = [p for p in pictures if p.set == "wild" and p.truth.get(rule) is True]
    names = sorted({name for p in kept for name in p.notes.split() if not name.endswith(":")})
    found = []
    for name in names:
        inside = [p for p in kept if name in p.notes.split()]
        others = [p for p in kept if name not in p.notes.split()]
        if len(inside) >= LEAST_GROUP and others:
            one, other = (
                Rate(name, *count_false_refusals(some, rule)) for some in (inside, others)
            )
            found.append((one, other, chance_of_difference(one, other)))
    return [
        Group(one.name, one, other, min(chance * len(found), 1.0)) for one, other, chance in found
    ]


def _find_pictures(folder: Path) -> Mapping[str, Path]:
    """The pictures by their numbers, as `bring.py` beside their list names them: number, kind,
    ending. Beside one may lie a mask of what is seen; but some pictures are of people with masks.
    """
    found = [path for path in folder.glob("*-*") if not path.stem.endswith("-truth")]
    masks_first = sorted(found, key=lambda path: not path.stem.endswith("-mask"))
    return {path.name.partition("-")[0]: path for path in masks_first}
