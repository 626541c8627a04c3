"""What is told of the photos of real portraits."""

from kiosk.evaluation.portrait_photos import Looks, PortraitPhoto, rows_of_photos


def test_a_portrait_that_passes_and_gives_no_photo_is_named_with_the_reason() -> None:
    clean, spoilt = Looks(0, 1, 1, 0.2), Looks(9, 3, 7, None)
    made = [
        PortraitPhoto("a", True, True, clean, spoilt),
        PortraitPhoto("b", True, True, spoilt, spoilt),
        PortraitPhoto("c", True, True, None, None, "the hair stands too high"),
        PortraitPhoto("cut", True, False, None, None, "the head is cut off"),
        PortraitPhoto("refused", False, True, spoilt, clean, "the background has a fault"),
    ]
    rows = {row.row: row for row in rows_of_photos(made)}
    specks = rows["distinct specks a photo, mean"]
    assert (specks.value, specks.baseline) == (4, 7)
    assert rows["distinct specks a photo, of 1 that verify refused"].value == 7
    assert rows["photos with more than 5 distinct specks"].value == 50
    given = rows["photos of whom check passes, head whole"]
    assert (given.value, given.goal, given.ok) == (2, 3, False)
    assert [name for name in rows if name.startswith("no photo")] == [
        "no photo of c: the hair stands too high"
    ]
