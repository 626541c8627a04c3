"""`kiosk screens`: pictures of the screens, and a page that shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.commands.main import main
from kiosk.display import gallery


@pytest.fixture(autouse=True)
def _two_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them take half a minute."""
    states = gallery.screen_states

    def few(*args: Any) -> Iterator[gallery.Named]:
        return (named for named in states(*args) if named[0] in ("idle", "consent"))

    monkeypatch.setattr(gallery, "screen_states", few)


def test_each_screen_is_a_picture_and_all_are_on_a_page(tmp_path: Path) -> None:
    command = ["screens", "--out", str(tmp_path), "--size", "800x480", "--language", "en"]
    assert main([*command, "--contrast", "--larger"]) == 0
    pictures = ["01-idle.png", "02-consent.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [*pictures, "index.html"]
    with Image.open(tmp_path / "01-idle.png") as picture:
        assert picture.size == (800, 480)
        assert picture.getpixel((400, 2)) == (0, 0, 0)  # high contrast
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "800 × 480, 7″, seen from 0.6 m" in page
    for name in pictures:
        assert f'src="{name}"' in page
    assert "http" not in page


@pytest.mark.parametrize("size", [["--size", "800"], ["--size", "9x9", "--diagonal", "4"]])
def test_a_wrong_size_is_told(size: list[str], tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["screens", "--out", str(tmp_path), *size])
    assert ended.value.code == 2
    assert "give" in capsys.readouterr().err
