"""Public pictures: what their labels say, and how groups of people compare."""

from pathlib import Path

import pytest
from PIL import Image

from kiosk.errors import UsageError
from kiosk.evaluation import wild
from kiosk.evaluation.labelled import JudgedPicture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.judge.rules import RULES
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

RULE_IDS = {rule.id for rule in RULES}


def test_every_label_is_one_of_a_few_words_and_no_picture_is_labelled_twice() -> None:
    rows = wild.read_labels()
    numbers = [row["number"] for row in rows]
    assert len(set(numbers)) == len(numbers) > 1000
    assert {row["bareheaded"] for row in rows} <= {"", "yes", "no", "hairband"}
    assert {row["brows"] for row in rows} <= {"", "clear", "partial", "covered"}
    assert {row["mouth"] for row in rows} <= {"", "bare", "mask", "hand", "other"}
    assert all(set(wild.truth_of_wild(row)) <= RULE_IDS for row in rows)


def test_a_head_that_is_turned_says_nothing_of_its_ears() -> None:
    row = next(row for row in wild.read_labels() if row["pose"] == "turned")
    assert not {"ears_visible", "brows_clear"} & set(wild.truth_of_wild(row))


def test_a_picture_is_found_by_its_number_and_judged(
    tmp_path: Path, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = wild.read_labels()[0]
    picture = picture_of(RenderedPerson(find_subject("yan")), "hair_over_brows")
    Image.fromarray(picture).save(tmp_path / f"{first['number']}-brows.png")
    Image.new("L", (8, 8)).save(tmp_path / f"{first['number']}-mask.png")
    monkeypatch.setenv("KIOSK_WILD", str(tmp_path))
    folder = wild.wild_folder()
    assert folder == tmp_path
    (judged,) = wild.judge_wild(looker, tmp_path)
    assert (judged.name, judged.set) == (first["number"], "wild")
    assert judged.ok["brows_clear"] is False


def test_a_folder_without_the_pictures_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_WILD", str(tmp_path))
    with pytest.raises(UsageError, match=r"correct \$KIOSK_WILD"):
        wild.wild_folder()


def people(group: str, refused: int, total: int) -> list[JudgedPicture]:
    """People of one group who wear no hat, so many of them refused."""
    return [
        JudgedPicture(f"{group} {n}", "wild", {"bareheaded": True}, {"bareheaded": n >= refused},
                      f"hair:{group}")
        for n in range(total)
    ]  # fmt: skip


def test_a_group_that_is_refused_far_more_often_is_found_and_a_chance_is_not() -> None:
    unequal = [*people("braids", 12, 40), *people("short", 1, 60)]
    assert [g.name for g in wild.compare_groups(unequal, "bareheaded") if g.is_unlike] == [
        "hair:braids"
    ]
    alike = [*people("braids", 2, 40), *people("short", 1, 60)]
    assert not any(g.is_unlike for g in wild.compare_groups(alike, "bareheaded"))
