"""A photo's file: one whole JPEG of a photo's size, and nothing else."""

import io

import pytest
from PIL import Image

from registrar.vault.photo_file import is_photo
from tests.town import picture


def test_a_booths_photo_is_one() -> None:
    assert is_photo(picture(1))


@pytest.mark.parametrize("cut", [1, 2, 3, 40, 300])
def test_a_photo_that_is_cut_off_is_none(cut: int) -> None:
    assert not is_photo(picture(1)[:-cut])


def test_a_picture_far_larger_than_any_photo_is_refused_before_it_is_decoded() -> None:
    file = io.BytesIO()
    Image.new("L", (5_000, 5_000)).save(file, "JPEG", quality=10)
    assert not is_photo(file.getvalue())


@pytest.mark.parametrize(
    "size", [(1, 1), (89, 120), (1200, 160), (160, 120), (100, 201), (2000, 2001)]
)
def test_a_picture_of_no_photos_size_is_refused(size: tuple[int, int]) -> None:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "JPEG")
    assert not is_photo(file.getvalue())


def test_a_png_by_another_name_is_no_jpeg() -> None:
    file = io.BytesIO()
    Image.new("RGB", (480, 640)).save(file, "PNG")
    assert not is_photo(file.getvalue())
