"""The review in a real browser, by keyboard alone."""

import runpy
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from registrar.desk.access import ROLES
from registrar.desk.accounts import find_id
from registrar.reviews import waiting
from registrar.serve import Server
from tests.browser.conftest import ROOT
from tests.browser.test_pages import enter
from tests.chromium import Chromium
from tests.desk import employ

pytestmark = [pytest.mark.soak, pytest.mark.browser]


@pytest.fixture(scope="module")
def staff_id(server: Server) -> int:
    employ(server.store, *ROLES, login="rui")
    with server.store.database.connection() as db:
        return find_id(db, "rui")


def left(server: Server) -> int:
    with server.store.database.connection() as db:
        return waiting(db)


def shown(window: Chromium) -> str:
    """The photo that is shown, once its picture is there."""
    found = window.run(
        "const photo = document.getElementById('photo');"
        "return photo && photo.complete && photo.naturalWidth ? photo.src : ''"
    )
    return str(found)


def is_next(window: Chromium, last: str) -> bool:
    return shown(window) not in ("", last)


def test_photos_are_approved_refused_skipped_and_taken_back_by_keyboard(
    window: Chromium, address: str, server: Server, staff_id: int
) -> None:
    enter(window, address, server, staff_id, "en")
    window.open(f"{address}/review")
    window.wait(lambda: shown(window))
    window.complaints()
    before = left(server)
    seen = [shown(window)]
    for keys in ("a", "n", "r2\n", "a"):
        ahead = window.run("return document.querySelector('img.ahead').src")
        for key in keys:
            window.press("Enter" if key == "\n" else key)
        window.wait(lambda: shown(window) not in ("", seen[-1]))
        seen.append(shown(window))
        assert seen[-1] == ahead
    assert left(server) == before - 3
    assert len(set(seen)) == 5
    window.press("u")
    window.wait(lambda: left(server) == before - 2)
    window.wait(lambda: "taken back" in window.text)
    assert window.complaints() == []


def test_a_reason_may_be_left_again_and_a_note_is_typed_in_peace(
    window: Chromium, address: str, server: Server, staff_id: int
) -> None:
    enter(window, address, server, staff_id, "en")
    window.open(f"{address}/review")
    window.wait(lambda: shown(window))
    before = left(server)
    window.press("r")
    window.press("Escape")
    assert window.run("return document.getElementById('refusal').hidden")
    window.press("r")
    window.press("1")
    window.type("#refusal input[name=note]", "an aunt")
    assert left(server) == before
    window.press("Enter")
    window.wait(lambda: left(server) == before - 1)
    window.wait(lambda: "refused: somebody else" in window.text)


def test_a_key_pressed_as_soon_as_the_next_photo_stands_there_counts(
    window: Chromium, address: str, server: Server, staff_id: int
) -> None:
    enter(window, address, server, staff_id, "en")
    window.open(f"{address}/review")
    window.wait(lambda: shown(window))
    before = left(server)
    window.run(
        "let more = 4;"
        "const press = () => document.body.dispatchEvent("
        "  new KeyboardEvent('keydown', {key: 'a', bubbles: true}));"
        "document.addEventListener('htmx:afterSwap', () => { if (more-- > 0) setTimeout(press); });"
    )
    window.press("a")
    window.wait(lambda: left(server) == before - 5)


def test_a_hundred_photos_are_reviewed_by_keyboard(
    tmp_path: Path, window: Chromium, record_property: Callable[[str, object], None]
) -> None:
    demo = runpy.run_path(str(ROOT / "tools" / "registrar_demo.py"))
    with Server(tmp_path / "registrar") as serving:
        demo["fill"](serving.store, serving.keys, 150)  # of which a third is reviewed
        employ(serving.store, *ROLES, login="rui")
        with serving.store.database.connection() as db:
            staff_id = find_id(db, "rui")
        url = serving.url.replace("127.0.0.1", "localhost").rstrip("/")
        enter(window, url, serving, staff_id, "en")
        window.open(f"{url}/review")
        window.wait(lambda: shown(window))
        before, waited = left(serving), []
        for number in range(100):
            last = shown(window)
            began = time.perf_counter()
            for key in ("r", "2", "Enter") if number % 10 == 9 else ("a",):
                window.press(key)
            window.wait(partial(is_next, window, last))
            waited.append(1000 * (time.perf_counter() - began))
        assert left(serving) == before - 100
    waited.sort()
    told = {
        "mean": sum(waited) / 100,
        "median": waited[50],
        "95 %": waited[94],
        "slowest": waited[-1],
    }
    record_property("ms a photo", told)
    print(", ".join(f"{name} {ms:.0f} ms a photo" for name, ms in told.items()))
